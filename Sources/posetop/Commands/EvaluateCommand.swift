import Keeper
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

let evaluateCommand = Command(
  name: "evaluate", operands: "RUN|WEIGHTS [DATASET]",
  summary: "metrics of a model on a data set; a run's validation pictures without one",
  options: [
    OptionSpec("images", nil, "FOLDER", "where the pictures of an annotation file are"),
    OptionSpec(
      "detections", nil, "FILE", "boxes of a detector (image_id, bbox, score) for the true ones"),
    OptionSpec("flip-test", nil, nil, "look at each picture in the mirror too, and average"),
    OptionSpec(
      "decode", nil, "dark|quarter|none", "how heatmap peaks are refined (default: dark)"),
    OptionSpec("last", nil, nil, "a run's last weights, not its best"),
    OptionSpec("output", "o", "FILE", "write the people that were found as a COCO results file"),
  ]
    + modelOptions + [
      OptionSpec("json", nil, nil, "one JSON document on stdout"),
      OptionSpec("engine", nil, "PATH", "another engine, for tests", isHidden: true),
    ],
  run: { (options) throws(UsageError) in
    let request: EvaluationRequest
    switch try evaluationRequest(options) {
    case .success(let found): request = found
    case .failure(let error):
      Output.sayError(error.sentence)
      return .failed
    }
    var progress = ProgressLine()
    do throws(KeeperError) {
      let document = try EngineJob.run(
        JobRequest("evaluate", request.json), engine: options.value("engine")
      ) { message in
        switch message {
        case .progress(let done, let total, _): progress.show(done: done, total: total)
        case .notice(let sentence):
          progress.clear()
          Output.sayError(sentence)
        case .item, .result, .failed: break
        }
      }
      progress.clear()
      report(document, asJSON: options.has("json"))
      return .done
    } catch {
      progress.clear()
      Output.sayError(error.sentence)
      return .failed
    }
  })

private func evaluationRequest(
  _ options: ParsedOptions
) throws(UsageError) -> Result<EvaluationRequest, RunError> {
  guard let word = options.operands.first else {
    throw .operandMissing(command: "evaluate", operand: "a run or a weight file")
  }
  if options.operands.count > 2 {
    throw .tooManyOperands(command: "evaluate", word: options.operands[2])
  }
  var request = EvaluationRequest(weights: word)
  request.dataset = options.operands.dropFirst().first.map(Path.absolute)
  request.images = options.value("images")
  request.detections = options.value("detections")
  request.flipTest = options.has("flip-test")
  request.results = options.value("output")
  request.decode = try decoding(options)
  request.settings = try givenSettings(options)
  if Path.isFile(word) {
    guard request.dataset != nil else {
      throw .operandMissing(command: "evaluate", operand: "a data set beside a weight file")
    }
    return .success(request)
  }
  do throws(RunError) {
    let model = try ModelOperand(word, last: options.has("last"))
    (request.run, request.weights) = (model.run, model.weights)
    return .success(request)
  } catch {
    return .failure(error)
  }
}

private func report(_ document: JSONValue, asJSON: Bool) {
  if asJSON { return Output.print(document.text) }
  let found = document["detections"]?.int
  Output.say(
    Sentence(
      found == nil ? CommandLineSentence.evaluated : .evaluatedDetections,
      document["model"]?.string ?? "", document["input"]?.string ?? "",
      NumberText.grouped(document["persons"]?.int ?? 0),
      NumberText.grouped(found ?? document["images"]?.int ?? 0)))
  MetricsPrinter.print(document)
}
