import Datasets
import Imaging
import Keeper
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

let predictCommand = Command(
  name: "predict", operands: "RUN|WEIGHTS IMAGE…",
  summary: "skeletons on pictures: drawn here, or as PNG, JSON or COCO results",
  options: [
    OptionSpec(
      "output", "o", "FILE|FOLDER", "write the pictures with their skeletons as PNG"),
    OptionSpec("json", nil, nil, "one JSON document on stdout"),
    OptionSpec("coco", nil, "FILE", "write a COCO results file, as posetop score reads it"),
    OptionSpec(
      "detections", nil, "FILE",
      "boxes of a detector (image_id, bbox, score) or of COCO annotations (default: the whole picture)"
    ),
    OptionSpec(
      "annotations", nil, "FILE",
      "COCO file with the pictures' ids (default: the number that ends a file's name)"),
    OptionSpec("box-score", nil, "S", "leave out boxes with a smaller score (default: 0)"),
    OptionSpec("min-score", nil, "S", "draw no points with a smaller score (default: 0.1)"),
    OptionSpec("flip-test", nil, nil, "look at each picture in the mirror too, and average"),
    OptionSpec(
      "decode", nil, "dark|quarter|none", "how heatmap peaks are refined (default: dark)"),
    OptionSpec("last", nil, nil, "a run's last weights, not its best"),
  ] + modelOptions + pictureOptions + [
    OptionSpec("engine", nil, "PATH", "another engine, for tests", isHidden: true)
  ],
  run: { (options) throws(UsageError) in
    guard let model = options.operands.first else {
      throw .operandMissing(command: "predict", operand: "a run or a weight file")
    }
    let words = Array(options.operands.dropFirst())
    guard !words.isEmpty else {
      throw .operandMissing(
        command: "predict", operand: "pictures: files, folders, patterns, or - for standard input")
    }
    let settings = try PredictSettings(options)
    do throws(PredictProblem) {
      return try predict(model, words, settings, options)
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
  })

/// What stops `predict` before the engine is asked.
struct PredictProblem: Error {
  let sentence: Sentence

  /// Runs a body, and makes what it throws a problem.
  static func wrapping<Value, Failure: Error & Sayable>(
    _ body: () throws(Failure) -> Value
  ) throws(PredictProblem) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      throw PredictProblem(sentence: error.sentence)
    }
  }
}

/// The options that need no file.
private struct PredictSettings {
  let decode: String
  let recipe: RunRecipe
  let boxScore: Double
  let leastScore: Double?

  init(_ options: ParsedOptions) throws(UsageError) {
    decode = try decoding(options)
    recipe = try givenSettings(options)
    boxScore = try options.number("box-score", in: 0...1) ?? 0
    leastScore = try options.number("min-score", in: 0...1)
  }
}

private func predict(
  _ word: String, _ words: [String], _ settings: PredictSettings, _ options: ParsedOptions
) throws(PredictProblem) -> ExitCode {
  let model = try PredictProblem.wrapping { () throws(RunError) in
    try ModelOperand(word, last: options.has("last"))
  }
  var inputs = try PredictInputs(words)
  try inputs.addIDs(options.value("annotations"), areNeeded: options.value("coco") != nil)
  if let file = options.value("detections") {
    try inputs.addBoxes(file, threshold: settings.boxScore)
  }
  let drawings = try options.value("output").map { path throws(PredictProblem) in
    try inputs.draw(into: path)
  }
  let list = try PredictProblem.wrapping { () throws(FileError) in
    try MemoryFile(Array(JSONValue.array(inputs.sources.map(\.json)).text.utf8))
  }
  var request = PredictionRequest(weights: Path.absolute(model.weights), pictures: list.path)
  request.decode = settings.decode
  request.flipTest = options.has("flip-test")
  request.settings = settings.recipe
  request.leastScore = settings.leastScore
  request.results = options.value("coco").map(Path.absolute)
  var printer = PredictionPrinter(options)
  request.preview = printer.previewSize
  let summary: JSONValue
  do throws(KeeperError) {
    summary = try EngineJob.run(
      JobRequest("predict", request.json), engine: options.value("engine")
    ) { printer.take($0) }
  } catch {
    printer.clear()
    throw PredictProblem(sentence: error.sentence)
  }
  printer.finish(summary, drawings: drawings, results: request.results)
  for sentence in inputs.notices { Output.sayError(sentence) }
  // The memory file is read while this process lives.
  withExtendedLifetime((list, inputs)) {}
  return printer.failures > 0 || inputs.hasLeftOut ? .failed : .done
}
