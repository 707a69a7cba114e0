import RunFiles
import Support
import TerminalUI
public import TrainingAPI
public import Wording

/// What the launcher shows: a value, changed only by `update`, drawn only by `render`.
///
/// It chooses a data set and settings, and shows what they need before anything starts: the doctor's
/// report, some samples, memory, time and money. Whatever takes time is done by engines that somebody
/// else starts for it.
public struct LauncherState: Sendable {
  /// The parts among which Tab moves.
  enum Part: Sendable, CaseIterable { case datasets, settings, runs }

  /// What lies over the screen.
  enum Overlay: Sendable, Equatable {
    case help(scroll: Int)
    case prompt(Prompt)
  }

  /// Pictures of a data set up to this number are all looked at; of a larger one only the annotations.
  static let checkedPictures = 3000
  /// A step that takes longer, seconds, is not measured only to show a figure.
  static let measuredStep = 4.0

  var language: Language
  var part = Part.datasets
  var overlay: Overlay?
  var datasets: [DatasetChoice] = []
  var datasetList = ListState()
  var recipes: [RecipeChoice] = []
  /// Which of the recipes the settings began with.
  var recipeIndex = 0
  /// The settings that were asked for; all others are left to the model's defaults.
  var asked: RunRecipe
  var settingList = ListState()
  var engine = EngineChoices()
  var runs: [RunRow] = []
  var runList = ListState()

  var reports: [String: DatasetReport] = [:]
  var problems: [String: Sentence] = [:]
  /// Samples by what they depend on.
  var samples: [String: SamplePreviews] = [:]
  /// The key of the samples that came last for each data set.
  var sampleKeys: [String: String] = [:]
  /// Pictures that the doctor has looked at, of how many.
  var progress: (path: String, done: Int, total: Int)?
  /// The plan of the settings, and which ones it is of.
  var plan: LaunchPlan?
  var planned: RunRecipe?
  var planProblem: Sentence?
  /// Measured seconds of a step, by what it depends on.
  var timings: [String: Double] = [:]
  /// Operations a second of the last measured step, from which others are estimated.
  var speed: Double?
  /// What is being measured: the key of its time, and the work of a step.
  var measuring: (key: String, work: Double)?
  var host: HostReport?
  var reply: (sentence: Sentence, style: StyleKey, until: Double)?
  /// Whether Enter was pressed although the memory does not do.
  var isWarned = false
  var now = 0.0
  var width = 80
  var height = 24

  /// A launcher that begins with some settings, such as the options of a command line.
  public init(asked: RunRecipe = RunRecipe(), language: Language = .english) {
    self.asked = asked
    self.language = language
  }

  /// The data set that is chosen; nil on the last row, on which a path is typed.
  var dataset: String? {
    datasets.indices.contains(datasetList.selected) ? datasets[datasetList.selected].path : nil
  }

  /// What Enter starts.
  var recipe: RunRecipe {
    var recipe = asked
    recipe.dataset = dataset
    return recipe
  }

  /// What samples depend on: data set, input and how they are varied.
  static func sampleKey(_ recipe: RunRecipe) -> String {
    let json = recipe.json
    return ["dataset", "model", "head", "input", "augment", "seed", "split", "val"]
      .map { json[$0]?.text ?? "-" }.joined(separator: " ")
  }

  /// The samples that are shown: those of other settings until the new ones have come.
  var shownSamples: SamplePreviews? {
    samples[Self.sampleKey(recipe)] ?? dataset.flatMap { sampleKeys[$0] }.flatMap { samples[$0] }
  }

  var selectedRun: RunRow? {
    runs.indices.contains(runList.selected) ? runs[runList.selected] : nil
  }

  var scopes: [KeyScope] {
    switch overlay {
    case .help: [.help]
    case .prompt: [.prompt]
    case nil: [.launcher]
    }
  }

  /// The command line that does the same.
  var commandLine: String {
    var words = ["posetop train", dataset.map(Self.quoted) ?? "DATASET"]
    for option in RunRecipe.options where option.name != "dataset" {
      guard let value = asked.json[option.name] else { continue }
      if option.placeholder == nil {
        words.append(value.bool == true ? "--\(option.name)" : "--no-\(option.name)")
      } else {
        words.append("--\(option.name) \(Self.quoted(value.string ?? value.text))")
      }
    }
    return UntrustedText.clean(words.joined(separator: " "), limit: 1000)
  }

  /// A word as the shell must be given it.
  private static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        || "-_./:,+@%".unicodeScalars.contains(scalar) || scalar.value > 0x7F
    }
    if isPlain, !word.isEmpty { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  mutating func say(_ sentence: Sentence, _ style: StyleKey = .warning) {
    reply = (sentence, style, now + DashboardState.replySeconds)
  }
}

// MARK: - What the settings cost

extension LauncherState {
  /// What the duration of a step depends on.
  private static let timed = [
    "model", "head", "loss", "input", "batch", "accumulate", "optimizer", "freeze", "threads",
    "device", "precision",
  ]

  static func timingKey(_ recipe: RunRecipe) -> String {
    let json = recipe.json
    return timed.map { json[$0]?.text ?? "-" }.joined(separator: " ")
  }

  /// Seconds of a step, and whether they were measured; nil while nothing was.
  var stepSeconds: (value: Double, isMeasured: Bool)? {
    guard let plan else { return nil }
    if let measured = timings[Self.timingKey(plan.recipe)] { return (measured, true) }
    guard let speed, speed > 0 else { return nil }
    return (Self.work(plan) / speed, false)
  }

  /// Operations of a training step: the backward pass takes twice as many as the forward pass.
  static func work(_ plan: LaunchPlan) -> Double {
    3 * plan.flops * Double(plan.recipe.batch ?? 1)
  }

  /// Training and validation samples, as far as the doctor's report says.
  var sampleCounts: (training: Int, validation: Int)? {
    guard let samples = dataset.flatMap({ reports[$0]?.samples }), samples > 0 else { return nil }
    if asked.validation != nil { return (samples, 0) }
    let share = plan?.recipe.validationFraction ?? asked.validationFraction ?? 0.2
    let validation = Int((Double(samples) * share).rounded())
    return (samples - validation, validation)
  }

  /// Seconds of an epoch with its validation, whose forward passes are a third of a step's work.
  var epochSeconds: (value: Double, isMeasured: Bool)? {
    guard let step = stepSeconds, let counts = sampleCounts, let batch = plan?.recipe.batch
    else { return nil }
    let perImage = step.value / Double(max(1, batch))
    let steps = Double((counts.training + batch - 1) / max(1, batch))
    return (steps * step.value + Double(counts.validation) * perImage / 3, step.isMeasured)
  }

  /// Bytes that are free in the memory in which the plan would run.
  var freeMemory: Int? { plan?.deviceFree ?? host?.memory.available }

  /// Whether the plan needs more memory than is free.
  var exceedsMemory: Bool {
    guard let plan, let freeMemory else { return false }
    return plan.total > freeMemory
  }
}
