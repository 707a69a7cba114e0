import Datasets
import Pose
import Support
import Wording

let scoreCommand = Command(
  name: "score", operands: "ANNOTATIONS DETECTIONS",
  summary: "COCO keypoint AP/AR of a results file",
  options: [OptionSpec("json", nil, nil, "one JSON document on stdout")],
  run: { (options) throws(UsageError) in
    guard options.operands.count >= 2 else {
      throw .operandMissing(
        command: "score",
        operand: options.operands.isEmpty ? "an annotation file" : "a file of detections")
    }
    if options.operands.count > 2 {
      throw .tooManyOperands(command: "score", word: options.operands[2])
    }
    do throws(DatasetError) {
      let scoring = try COCOScoring(
        annotations: options.operands[0], detections: options.operands[1])
      report(scoring, asJSON: options.has("json"))
      return .done
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
  })

private func report(_ scoring: COCOScoring, asJSON: Bool) {
  var document = scoring.evaluation.json(schema: scoring.schema).object ?? JSONObject()
  let counts = [
    ("persons", scoring.persons), ("matched", scoring.matched),
    ("detections", scoring.detections), ("skipped", scoring.skipped),
  ]
  for (name, count) in counts { document[name] = .integer(Int64(count)) }
  if asJSON { return Output.print(JSONValue.object(document).text) }
  Output.say(
    Sentence(
      CommandLineSentence.scored, NumberText.grouped(scoring.detections),
      NumberText.grouped(scoring.persons), NumberText.grouped(scoring.matched)))
  if scoring.skipped > 0 {
    Output.sayError(Sentence(CommandLineSentence.detectionsSkipped, scoring.skipped))
  }
  MetricsPrinter.print(.object(document))
}
