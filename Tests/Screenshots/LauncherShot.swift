import Dashboard
import RunFiles
import Support
import TerminalUI
import TrainingAPI

/// The launcher as it stood before a recorded run was started.
enum LauncherShot {
  static func draw(
    _ run: RunFolder, width: Int, height: Int, depth: ColorDepth, theme: Theme
  ) -> Surface? {
    let program = LauncherProgram(
      asked: RunRecipe(), capabilities: Capabilities(glyphs: .unicode, depth: depth), theme: theme)
    let events = EventLogReader(run.eventsPath).read(maximum: 1 << 26).map(\.event)
    let plans = events.compactMap { event -> PlanReport? in
      if case .planned(let plan) = event { plan } else { nil }
    }
    guard let plan = plans.first else { return nil }
    let path = Path.name(of: plan.recipe["dataset"]?.string ?? "people")
    var recipe = RunRecipe()
    recipe.dataset = path
    var bytes = JSONObject()
    for kind in plan.bytes { bytes[kind.kind] = .integer(Int64(kind.count)) }
    let work = plan.layers.reduce(0) { $0 + $1.flops }
    let count = Int64(plan.trainSamples + plan.validationSamples)
    var messages: [LauncherMessage] = [
      .resize(width: width, height: height), .tick(now: Clock.wall()),
      .choices(
        datasets: [
          DatasetChoice(path: path, isRecent: true), DatasetChoice(path: "coco", isRecent: false),
        ], recipes: [RecipeChoice(name: "default", recipe: RunRecipe())]),
      .runs([LauncherProgram.row(of: run)]),
      .checked(
        path: path,
        summary: [
          "format": "seed", "records": .integer(count), "samples": .integer(count),
          "images": .integer(count),
        ], findings: []),
      .planned(
        recipe: RunRecipe(),
        plan: [
          "recipe": plan.recipe, "parameters": .integer(Int64(plan.parameters)),
          "trainable_parameters": .integer(Int64(plan.trainableParameters)),
          "flops_forward": .integer(Int64(work)), "bytes": .object(bytes),
          "device": .string(plan.device),
        ]),
      .measured(secondsPerStep: 0.3),
    ]
    if let host = LauncherProgram.host() { messages.append(host) }
    if let previews = (try? SamplePreviews.read(runFolder: run.path)) ?? nil {
      messages.append(.samples(recipe: recipe, previews))
    }
    for message in messages { _ = program.send(message) }
    return program.frame()
  }
}
