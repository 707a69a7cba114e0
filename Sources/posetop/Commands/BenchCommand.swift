import Keeper
import RunLink
import Support
import TrainingAPI
import Wording

let benchCommand = Command(
  name: "bench", operands: "[CASE...]",
  summary: "measure training steps; a case is MODEL or MODEL:HEAD",
  options: recipeOptions.filter {
    ["input", "batch", "threads", "loss", "optimizer", "freeze", "device", "precision"].contains(
      $0.name)
  } + [
    OptionSpec("steps", nil, "N", "steps that are timed (default: 5)"),
    OptionSpec("ops", nil, nil, "a table of every op"),
    OptionSpec("json", nil, nil, "one JSON document on stdout"),
  ],
  run: { (options) throws(UsageError) in
    let steps = try options.integer("steps", in: 1...10_000) ?? 5
    let names = options.operands.isEmpty ? usualCases : options.operands
    var cases: [JSONValue] = []
    for name in names {
      var recipe = RunRecipe()
      for (option, value) in options.given
      where RunRecipe.options.contains(where: { $0.name == option }) && option != "steps" {
        try setting { () throws(RecipeError) in try recipe.set(option, text: value ?? "true") }
      }
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      recipe.model = parts.first
      if parts.count > 1 {
        try setting { () throws(RecipeError) in try recipe.set("head", text: parts[1]) }
      }
      if let head = recipe.head, head != "regression", recipe.inputWidth == nil {
        // The figures that are compared are those of the tutorial's input.
        (recipe.inputWidth, recipe.inputHeight) = (224, 224)
      }
      do throws(KeeperError) {
        let request = JobRequest(
          "bench",
          [
            "recipe": recipe.json, "steps": .integer(Int64(steps)),
            "ops": .bool(options.has("ops")),
          ])
        let result = try EngineJob.run(request) { _ in }
        cases.append(result)
        if !options.has("json") { show(result) }
      } catch {
        Output.sayError(error.sentence)
        return .failed
      }
    }
    if options.has("json") { Output.print((["cases": .array(cases)] as JSONValue).text) }
    return .done
  })

private let usualCases = [
  "lite", "cnn", "resnet18:regression", "resnet18:heatmap", "resnet50:regression",
]

private func show(_ result: JSONValue) {
  Output.say(
    Sentence(
      CommandLineSentence.benched, result["model"]?.string ?? "", result["head"]?.string ?? "",
      result["input"]?.string ?? "", result["batch"]?.int ?? 0,
      NumberText.significant(result["median_seconds"]?.double ?? 0, 4),
      NumberText.significant(result["images_per_second"]?.double ?? 0, 4),
      NumberText.bytes(result["peak_bytes"]?.int ?? 0), result["device"]?.string ?? ""))
  guard let ops = result["ops"]?.array else { return }
  func seconds(_ op: JSONValue) -> Double { op["seconds"]?.double ?? 0 }
  let whole = max(ops.reduce(0) { $0 + seconds($1) }, 1e-12)
  let rows = ops.sorted { seconds($0) > seconds($1) }.prefix(40).map { op -> [String] in
    let time = max(seconds(op), 1e-9)
    return [
      op["name"]?.string ?? "", op["op"]?.string ?? "", NumberText.fixed(1000 * time, 2),
      NumberText.fixed(100 * time / whole, 1),
      NumberText.fixed((op["flops"]?.double ?? 0) / time / 1e9, 1),
      NumberText.fixed((op["bytes"]?.double ?? 0) / time / 1e9, 1),
    ]
  }
  TextTable.print(["layer", "op", "ms", "%", "GFLOP/s", "GB/s"], Array(rows), textColumns: 2)
}
