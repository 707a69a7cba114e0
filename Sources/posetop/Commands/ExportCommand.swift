import Glibc
import Keeper
import Report
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

let exportCommand = Command(
  name: "export", operands: "RUN|WEIGHTS --to onnx|safetensors -o FILE",
  summary: "a trained model as a file for other programs; a run's curves as CSV",
  options: [
    OptionSpec("to", nil, "onnx|safetensors|csv", "the format (default: by the file's name)"),
    OptionSpec("output", "o", "FILE", "where to write it"),
    OptionSpec(
      "normalize", nil, nil, "ONNX: take 8-bit RGB pixels [N, H, W, 3], normalise in the graph"),
    OptionSpec(
      "decode", nil, "dark|quarter|none",
      "ONNX: give keypoints [N, K, 3] (x, y in input px, score), decoded in the graph"),
    OptionSpec(
      "names", nil, "posetop|torchvision", "safetensors: drop the prefix resnet. of names"),
    OptionSpec(
      "example", nil, "FILE", "write an input and what posetop makes of it, to check by"),
    OptionSpec("last", nil, nil, "a run's last weights, not its best"),
    OptionSpec("json", nil, nil, "one JSON document on stdout"),
  ] + modelOptions.filter { !["batch", "loaders", "device"].contains($0.name) } + [
    OptionSpec("engine", nil, "PATH", "another engine, for tests", isHidden: true)
  ],
  run: { (options) throws(UsageError) in
    guard let word = options.operands.first else {
      throw .operandMissing(command: "export", operand: "a run or a weight file")
    }
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "export", word: options.operands[1])
    }
    guard let output = options.value("output") else {
      throw .operandMissing(command: "export", operand: "a file to write: -o FILE")
    }
    let name = try formatName(options, output: output)
    if name == "csv" { return exportCurves(of: word, to: output) }
    let model: ModelOperand
    do throws(RunError) {
      model = try ModelOperand(word, last: options.has("last"))
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
    return report(try request(model, name, output: output, options), options)
  })

private let formats = ExportRequest.Format.allCases.map(\.rawValue) + ["csv"]

/// The format: what `--to` says, else what the file's name ends with.
private func formatName(
  _ options: ParsedOptions, output: String
) throws(UsageError) -> String {
  let ending = output.split(separator: ".").last.map(String.init) ?? ""
  let name = options.value("to") ?? ending
  guard formats.contains(name) else {
    if options.value("to") == nil {
      throw .operandMissing(
        command: "export", operand: "a format: --to \(formats.joined(separator: "|"))")
    }
    throw .badValue(option: "--to", value: name, expected: formats.joined(separator: ", "))
  }
  for (option, wanted) in [("normalize", "onnx"), ("decode", "onnx"), ("names", "safetensors")]
  where options.has(option) && name != wanted {
    throw .badValue(
      option: "--\(option)", value: "given for \(name)", expected: "given with --to \(wanted)")
  }
  return name
}

private func request(
  _ model: ModelOperand, _ format: String, output: String, _ options: ParsedOptions
) throws(UsageError) -> ExportRequest {
  var request = ExportRequest(
    weights: Path.absolute(model.weights), format: .init(rawValue: format) ?? .safetensors,
    output: Path.absolute(output))
  switch options.value("names") {
  case nil, "posetop": break
  case "torchvision": request.usesTorchvisionNames = true
  case let word?:
    throw .badValue(option: "--names", value: word, expected: "posetop, torchvision")
  }
  request.normalizes = options.has("normalize")
  if options.has("decode") { request.decode = try decoding(options) }
  request.example = options.value("example").map(Path.absolute)
  request.settings = try givenSettings(options)
  return request
}

private func report(_ request: ExportRequest, _ options: ParsedOptions) -> ExitCode {
  do throws(KeeperError) {
    let document = try EngineJob.run(
      JobRequest("export", request.json), engine: options.value("engine")
    ) { message in
      if case .notice(let sentence) = message { Output.sayError(sentence) }
    }
    if options.has("json") {
      Output.print(document.text)
    } else {
      var status = stat()
      let bytes = stat(request.output, &status) == 0 ? Int(status.st_size) : 0
      Output.say(
        Sentence(
          CommandLineSentence.exported, options.value("output") ?? request.output,
          NumberText.bytes(bytes), document["model"]?.string ?? "",
          document["head"]?.string ?? "", document["input"]?.string ?? "",
          NumberText.grouped(document["parameters"]?.int ?? 0)))
    }
    return .done
  } catch {
    Output.sayError(error.sentence)
    return .failed
  }
}

/// `export --to csv`: a run's log as a table.
private func exportCurves(of word: String, to output: String) -> ExitCode {
  do throws(RunError) {
    let run = try RunLookup(liveRuns: liveRuns()).find(word)
    let rows = try RunTable(run)
    do throws(FileError) {
      try DurableFile.commit(Path.absolute(output), bytes: Array(rows.csv.utf8))
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
    Output.say(Sentence(CommandLineSentence.curvesExported, rows.count, output))
    return .done
  } catch {
    Output.sayError(error.sentence)
    return .failed
  }
}
