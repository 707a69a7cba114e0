import Keeper
import RunLink
import Support
import TrainingAPI
import Wording

let benchCommand = Command(
  name: "bench", operands: "[CASE...]",
  summary: "measure steps and loaders; a case is MODEL or MODEL:HEAD",
  options: recipeOptions.filter {
    [
      "input", "loss", "optimizer", "freeze", "device", "clip", "accumulate", "augment",
      "precision", "cropping", "loaders",
    ]
    .contains($0.name)
  } + [
    OptionSpec(
      "measure", "m", "WHAT,...",
      "train-step, eval-step, loader, data-step: steps with a loader (default: train-step)"),
    OptionSpec("data", "d", "PATH", "the loader's data set (default: drawn people)"),
    OptionSpec("batch", "b", "N,...", "samples in a batch (default: the model's)"),
    OptionSpec("threads", "t", "N,...", "compute threads (default: all cores)"),
    OptionSpec("steps", nil, "N", "steps that are timed (default: 5)"),
    OptionSpec("ops", nil, nil, "a table of every op, beside what this machine reaches"),
    OptionSpec("json", nil, nil, "one JSON document on stdout"),
  ],
  run: { (options) throws(UsageError) in
    let steps = try options.integer("steps", in: 1...10_000) ?? 5
    let measures = try words(options, "measure", ["train-step"])
    for word in measures
    where !["train-step", "eval-step", "loader", "data-step"].contains(word) {
      throw .badValue(
        option: "--measure", value: word,
        expected: "train-step, eval-step, loader or data-step")
    }
    var cases: [JSONValue] = []
    var pictures: DrawnPictures?
    defer { pictures?.remove() }
    for var recipe in try recipes(options) {
      for measure in measures {
        do throws(KeeperError) {
          let readsPictures = measure == "loader" || measure == "data-step"
          if readsPictures, let path = options.value("data") {
            recipe.dataset = Path.absolute(path)
          } else if readsPictures {
            if pictures == nil { pictures = try DrawnPictures() }
            recipe.dataset = pictures?.folder
          }
          let request = JobRequest(
            "bench",
            [
              "recipe": recipe.json, "measure": .string(measure), "steps": .integer(Int64(steps)),
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
    }
    if options.has("json") { Output.print((["cases": .array(cases)] as JSONValue).text) }
    return .done
  })

private let usualCases = [
  "lite", "cnn", "resnet18:regression", "resnet18:heatmap", "resnet50:regression",
]

/// Every combination that is asked for.
private func recipes(_ options: ParsedOptions) throws(UsageError) -> [RunRecipe] {
  var recipes: [RunRecipe] = []
  let several = ["batch", "threads", "steps"]
  for name in options.operands.isEmpty ? usualCases : options.operands {
    var recipe = RunRecipe()
    for (option, value) in options.given
    where RunRecipe.options.contains(where: { $0.name == option }) && !several.contains(option) {
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
    for batch in try words(options, "batch", [""]) {
      for threads in try words(options, "threads", [""]) {
        var one = recipe
        for (option, text) in [("batch", batch), ("threads", threads)] where !text.isEmpty {
          try setting { () throws(RecipeError) in try one.set(option, text: text) }
        }
        recipes.append(one)
      }
    }
  }
  return recipes
}

/// The words of a list with commas.
private func words(
  _ options: ParsedOptions, _ name: String, _ usual: [String]
) throws(UsageError) -> [String] {
  guard let text = options.value(name) else { return usual }
  let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  if words.contains("") {
    throw .badValue(option: "--\(name)", value: text, expected: "values with commas between them")
  }
  return words
}

private func show(_ result: JSONValue) {
  Output.say(
    Sentence(
      CommandLineSentence.benched, result["case"]?.string ?? "", result["model"]?.string ?? "",
      result["head"]?.string ?? "", result["input"]?.string ?? "", result["batch"]?.int ?? 0,
      NumberText.significant(result["median_seconds"]?.double ?? 0, 4),
      NumberText.significant(result["images_per_second"]?.double ?? 0, 4),
      NumberText.bytes(result["peak_bytes"]?.int ?? 0), result["device"]?.string ?? ""))
  if let wait = result["data_wait_seconds"]?.double, let cropping = result["cropping"]?.string {
    Output.say(
      Sentence(
        CommandLineSentence.benchedWait, NumberText.significant(wait, 3),
        result["loaders"]?.int ?? 0, cropping))
  }
  guard let ops = result["ops"]?.array else { return }
  let flopCeiling = max(result["ceilings"]?["flops_per_second"]?.double ?? 0, 1)
  let byteCeiling = max(result["ceilings"]?["bytes_per_second"]?.double ?? 0, 1)
  Output.say(
    Sentence(
      CommandLineSentence.ceilings, NumberText.fixed(flopCeiling / 1e9, 0),
      NumberText.fixed(byteCeiling / 1e9, 1)))
  func seconds(_ op: JSONValue) -> Double { op["seconds"]?.double ?? 0 }
  let whole = max(ops.reduce(0) { $0 + seconds($1) }, 1e-12)
  let rows = ops.sorted { seconds($0) > seconds($1) }.prefix(40).map { op -> [String] in
    let time = max(seconds(op), 1e-9)
    let (flops, bytes) = (op["flops"]?.double ?? 0, op["bytes"]?.double ?? 0)
    let floor = max(flops / flopCeiling, bytes / byteCeiling)
    return [
      op["name"]?.string ?? "", op["op"]?.string ?? "", NumberText.fixed(1000 * time, 2),
      NumberText.fixed(100 * time / whole, 1), NumberText.fixed(flops / time / 1e9, 1),
      NumberText.bytes(Int(bytes)), NumberText.fixed(bytes / time / 1e9, 1),
      NumberText.fixed(time / max(floor, 1e-12), 2),
    ]
  }
  TextTable.print(
    ["layer", "op", "ms", "%", "GFLOP/s", "bytes", "GB/s", "x floor"], Array(rows), textColumns: 2)
}
