import Glibc
import Keeper
import RunLink
import Support
import TrainingAPI
import Wording

let checkCommand = Command(
  name: "check", operands: "DATASET", summary: "the data-set doctor: finds what spoils a training",
  options: [
    OptionSpec("images", nil, "FOLDER", "where the pictures of an annotation file are"),
    OptionSpec("quick", "q", nil, "only what the annotations say, without the pictures"),
    OptionSpec("all", "a", nil, "list every finding, not the first five of a kind"),
    OptionSpec(
      "split", nil, "random|file-order|FILE", "how train would choose validation images"),
    OptionSpec("val-fraction", nil, "F", "share of the images that train would keep"),
    OptionSpec("seed", nil, "N", "seed of the split"),
    OptionSpec("json", nil, nil, "one JSON document on stdout"),
    OptionSpec(
      "show", nil, "N", "draw N training samples as the engine sees them, augmented"),
    OptionSpec("epoch", nil, "N", "of this epoch (default: 1)"),
    OptionSpec("output", "o", "FILE", "write them as one PNG picture"),
  ] + recipeOptions.filter { ["model", "input", "augment", "convention"].contains($0.name) }
    + pictureOptions + [
      OptionSpec("engine", nil, "PATH", "another engine, for tests", isHidden: true)
    ],
  run: { (options) throws(UsageError) in
    guard let path = options.operands.first else {
      throw .operandMissing(command: "check", operand: "a data set")
    }
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "check", word: options.operands[1])
    }
    if let count = try options.integer("show", in: 1...256) {
      return try showSamples(path, count: count, options)
    }
    if options.has("epoch") || options.has("output") {
      throw .operandMissing(command: "check", operand: "--show N beside --epoch and --output")
    }
    let request = JobRequest("check", try arguments(path, options))
    var findings: [JSONValue] = []
    var progress = ProgressLine()
    do throws(KeeperError) {
      let summary = try EngineJob.run(request, engine: options.value("engine")) { message in
        switch message {
        case .progress(let done, let total, _): progress.show(done: done, total: total)
        case .item(let finding): findings.append(finding)
        case .notice(let sentence): Output.sayError(sentence)
        case .result, .failed: break
        }
      }
      progress.clear()
      return report(findings, summary, options)
    } catch {
      progress.clear()
      Output.sayError(error.sentence)
      return .failed
    }
  })

private func arguments(_ path: String, _ options: ParsedOptions) throws(UsageError) -> JSONValue {
  var object = JSONObject([("dataset", .string(path))])
  if let images = options.value("images") { object["images"] = .string(images) }
  if options.has("quick") { object["quick"] = true }
  if let split = options.value("split") {
    object["split"] = .string(try RunRecipe.split(split))
  }
  if let text = options.value("val-fraction") {
    guard let fraction = Double(text), fraction > 0, fraction < 1 else {
      throw .badValue(
        option: "--val-fraction", value: text, expected: "a number above 0 and below 1")
    }
    object["val-fraction"] = .number(fraction)
  }
  if let seed = try options.integer("seed", in: 0...Int(Int32.max)) {
    object["seed"] = .integer(Int64(seed))
  }
  return .object(object)
}

private func report(
  _ findings: [JSONValue], _ summary: JSONValue, _ options: ParsedOptions
) -> ExitCode {
  let errors = findings.count { $0["severity"]?.string == "error" }
  let code = errors > 0 ? ExitCode.failed : .done
  if options.has("json") {
    var document = summary.object ?? JSONObject()
    document["findings"] = .array(findings)
    Output.print(JSONValue.object(document).text)
    return code
  }
  Output.say(
    Sentence(
      CommandLineSentence.checked, summary["format"]?.string ?? "",
      NumberText.grouped(summary["samples"]?.int ?? 0),
      NumberText.grouped(summary["records"]?.int ?? 0),
      NumberText.grouped(summary["images"]?.int ?? 0)))
  var kinds: [(code: String, findings: [JSONValue])] = []
  for finding in findings {
    let code = finding["code"]?.string ?? ""
    if let place = kinds.firstIndex(where: { $0.code == code }) {
      kinds[place].findings.append(finding)
    } else {
      kinds.append((code, [finding]))
    }
  }
  let isError = { (finding: JSONValue?) in finding?["severity"]?.string == "error" }
  for kind in kinds.filter({ isError($0.findings.first) })
    + kinds.filter({ !isError($0.findings.first) })
  {
    show(kind.code, kind.findings, limit: options.has("all") ? .max : 5)
  }
  Output.say(
    findings.isEmpty
      ? Sentence(CommandLineSentence.nothingFound)
      : Sentence(CommandLineSentence.foundInAll, errors, findings.count - errors))
  return code
}

private func show(_ code: String, _ findings: [JSONValue], limit: Int) {
  guard let first = findings.first else { return }
  Output.print("")
  Output.print(
    UntrustedText.clean("\(first["severity"]?.string ?? "")  \(code)  (\(findings.count))"))
  for finding in findings.prefix(limit) {
    let id = finding["id"].flatMap { $0.string ?? $0.int.map(String.init) }
    let place = [finding["file"]?.string, id].compactMap { $0 }.joined(separator: "  ")
    Output.print(UntrustedText.clean("  \(place): \(finding["message"]?.string ?? "")"))
  }
  if findings.count > limit {
    Output.say(Sentence(CommandLineSentence.moreFindings, findings.count - limit))
  }
  Output.print(UntrustedText.clean("  -> \(first["fix"]?.string ?? "")"))
}
