import Pose
public import RunFiles
public import Support
public import TerminalUI
public import TrainingAPI
public import Wording

/// A data set that can be chosen.
public struct DatasetChoice: Sendable, Equatable {
  /// The folder or annotation file, as `train` would be told.
  public var path: String
  /// Whether a recent run was trained on it.
  public var isRecent: Bool

  /// A data set.
  public init(path: String, isRecent: Bool) {
    self.path = path
    self.isRecent = isRecent
  }
}

/// Settings to begin with, by name: `default`, a recipe file, or those of an earlier run.
public struct RecipeChoice: Sendable, Equatable {
  /// What it is called.
  public var name: String
  /// What it sets.
  public var recipe: RunRecipe

  /// Settings with a name.
  public init(name: String, recipe: RunRecipe) {
    self.name = name
    self.recipe = recipe
  }
}

/// What the engine can be asked to train with: names in the order of its catalogue.
public struct EngineChoices: Sendable, Equatable {
  /// For each option its values, such as the names of all models.
  public var values: [String: [String]] = [:]

  /// Nothing is known yet.
  public init() {}

  /// Reads the engine's answer to `choices`.
  public init(json: JSONValue) {
    for member in json.object?.members ?? [] {
      values[member.key] = member.value.array?.compactMap(\.string) ?? []
    }
  }
}

/// What the doctor found in a data set.
struct DatasetReport: Sendable, Equatable {
  var format = ""
  var records = 0
  var samples = 0
  var images = 0
  /// Messages with their severity, errors first, each kind once.
  var findings: [(isError: Bool, count: Int, text: String)] = []

  var errors: Int { findings.reduce(0) { $0 + ($1.isError ? $1.count : 0) } }
  var warnings: Int { findings.reduce(0) { $0 + ($1.isError ? 0 : $1.count) } }

  /// Reads the doctor's summary and findings.
  init(summary: JSONValue, findings: [JSONValue]) {
    format = UntrustedText.clean(summary["format"]?.string ?? "", limit: 30)
    records = summary["records"]?.int ?? 0
    samples = summary["samples"]?.int ?? 0
    images = summary["images"]?.int ?? 0
    var order: [String] = []
    var kinds: [String: (isError: Bool, count: Int, text: String)] = [:]
    for finding in findings {
      let code = finding["code"]?.string ?? ""
      if kinds[code] == nil {
        order.append(code)
        kinds[code] = (
          finding["severity"]?.string == "error", 0,
          UntrustedText.clean(finding["message"]?.string ?? "", limit: 300)
        )
      }
      kinds[code]?.count += 1
    }
    let all = order.compactMap { kinds[$0] }
    self.findings = all.filter(\.isError) + all.filter { !$0.isError }
  }

  static func == (left: DatasetReport, right: DatasetReport) -> Bool {
    left.format == right.format && left.samples == right.samples && left.images == right.images
      && left.records == right.records
      && left.findings.map(\.text) == right.findings.map(\.text)
  }
}

/// What a recipe will need, as the engine planned it.
struct LaunchPlan: Sendable, Equatable {
  /// Every setting, filled in.
  var recipe: RunRecipe
  var parameters = 0
  var trainedParameters = 0
  /// Floating-point operations of a forward pass of one image.
  var flops = 0.0
  /// Bytes by kind.
  var kinds: [(kind: String, count: Int)] = []
  var total = 0
  /// Bytes of one saved state.
  var checkpoint = 0
  var device = ""
  /// Bytes that are free in the memory of a GPU where it would run; nil on the processor.
  var deviceFree: Int?

  /// Reads the engine's answer to `plan`; nil when it is none.
  init?(json: JSONValue) {
    var recipe = RunRecipe()
    guard let settings = json["recipe"], (try? recipe.merge(settings)) != nil else { return nil }
    self.recipe = recipe
    parameters = json["parameters"]?.int ?? 0
    trainedParameters = json["trainable_parameters"]?.int ?? 0
    flops = json["flops_forward"]?.double ?? 0
    device = UntrustedText.clean(json["device"]?.string ?? "", limit: 80)
    if json["host_bytes"]?.object != nil { deviceFree = json["available"]?.int }
    for member in json["bytes"]?.object?.members ?? [] {
      let count = max(0, member.value.int ?? 0)
      switch member.key {
      case "total": total = count
      case "checkpoint": checkpoint = count
      default: kinds.append((member.key, count))
      }
    }
  }

  static func == (left: LaunchPlan, right: LaunchPlan) -> Bool {
    left.recipe == right.recipe && left.total == right.total && left.flops == right.flops
  }
}

/// Something that happened in the launcher.
public enum LauncherMessage: Sendable {
  /// What there is to choose from.
  case choices(datasets: [DatasetChoice], recipes: [RecipeChoice])
  /// What the engine can train with.
  case engine(EngineChoices)
  /// The runs of before, the newest first.
  case runs([RunRow])
  /// The user pressed a key.
  case key(Key)
  /// The terminal has another size.
  case resize(width: Int, height: Int)
  /// Time has passed: seconds since 1970.
  case tick(now: Double)
  /// What the machine has.
  case host(HostReport)
  /// The doctor is at work on a data set.
  case checking(path: String, done: Int, total: Int)
  /// The doctor's report, or why there is none.
  case checked(path: String, summary: JSONValue, findings: [JSONValue])
  /// Training samples of a recipe's data set as the engine sees them.
  case samples(recipe: RunRecipe, SamplePreviews)
  /// What a recipe will need.
  case planned(recipe: RunRecipe, plan: JSONValue)
  /// How long the step took that was to be measured, seconds.
  case measured(secondsPerStep: Double)
  /// A job gave no answer.
  case failed(LauncherJob, Sentence)
  /// Paths that begin with what is being typed.
  case paths([String])
}

/// What the launcher has an engine do for it.
public enum LauncherJob: Sendable, Equatable {
  /// Name what there is to train with.
  case choices
  /// Have the doctor look at a data set; a quick look leaves the pictures alone.
  case check(path: String, isQuick: Bool)
  /// Load some training samples of a recipe's data set, as a training would see them.
  case samples(RunRecipe)
  /// Plan a recipe.
  case plan(RunRecipe)
  /// Measure training steps of a recipe.
  case measure(RunRecipe)
}

/// What the launcher wants done.
public enum LauncherEffect: Sendable, Equatable {
  /// Ask an engine; a job of the same kind that is still running is no longer wanted.
  case ask(LauncherJob)
  /// List the paths that begin with some text.
  case completePath(String)
  /// Start a training and leave.
  case start(RunRecipe)
  /// Open the dashboard on a run and leave.
  case attach(path: String)
  /// Go on with a run and leave.
  case resume(path: String)
  /// Leave.
  case quit
}

extension SamplePreviews {
  /// Samples as the engine's answer to `samples` has them; nil when there is none among them.
  public init?(schema: JSONValue?, samples: [JSONValue]) {
    guard let schema, let schema = try? KeypointSchema.read(schema, path: "samples") else {
      return nil
    }
    var (pixels, list): ([UInt8], [Sample]) = ([], [])
    var size: (width: Int, height: Int)?
    for sample in samples {
      guard let width = sample["width"]?.int, let height = sample["height"]?.int,
        (1...4096).contains(width), (1...4096).contains(height),
        size.map({ $0 == (width, height) }) ?? true,
        let picture = sample["pixels"]?.string.flatMap(Base64.decode),
        picture.count == width * height * 3, let points = sample["keypoints"]?.array,
        points.count == schema.count
      else { continue }
      size = (width, height)
      pixels += picture
      list.append(
        Sample(
          name: UntrustedText.clean(sample["name"]?.string ?? "", limit: 200),
          keypoints: points.map { point in
            let isLabelled = point.array?.last?.int == 1
            return Keypoint(
              x: point.array?.first?.double ?? 0, y: point.array?.dropFirst().first?.double ?? 0,
              visibility: isLabelled ? .visible : .unlabelled)
          }, boxSize: 0))
    }
    guard let size else { return nil }
    self.init(
      width: size.width, height: size.height, schema: schema, samples: list, pixels: pixels)
  }
}
