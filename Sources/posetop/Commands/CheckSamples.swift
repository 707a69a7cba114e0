import Figures
import Imaging
import Keeper
import Pose
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

/// `check --show`: training samples as the engine sees them, on the terminal or as a PNG picture.
func showSamples(
  _ path: String, count: Int, _ options: ParsedOptions
) throws(UsageError) -> ExitCode {
  var recipe = try readSettings(options)
  recipe.dataset = path
  let epoch = try options.integer("epoch", in: 1...1_000_000) ?? 1
  let file = options.value("output")
  var terminal = InlinePictures(options)
  guard file != nil || options.has("json") || terminal != nil else {
    throw .said(Sentence(CommandLineSentence.samplesNeedFile))
  }
  let request = JobRequest(
    "samples",
    [
      "recipe": recipe.json, "count": .integer(Int64(count)), "epoch": .integer(Int64(epoch)),
    ])
  var samples: [JSONValue] = []
  var progress = ProgressLine()
  let summary: JSONValue
  do throws(KeeperError) {
    summary = try EngineJob.run(request, engine: options.value("engine")) { message in
      switch message {
      case .item(let sample): samples.append(sample)
      case .progress(let done, let total, _): progress.show(done: done, total: total)
      case .notice, .result, .failed: break
      }
    }
    progress.clear()
  } catch {
    progress.clear()
    Output.sayError(error.sentence)
    return .failed
  }
  for sample in samples {
    if let error = sample["error"]?.string {
      Output.sayError(
        Sentence(CommandLineSentence.sampleBroken, sample["name"]?.string ?? "", error))
    }
  }
  guard let json = summary["schema"],
    let schema = try? KeypointSchema.read(json, path: "samples")
  else { return .failed }
  let entries = samples.compactMap { ContactSheet.Entry(sample: $0, schema: schema) }
  if let file {
    guard write(entries, schema: schema, to: file) else { return .failed }
  }
  if options.has("json") {
    var document = summary.object ?? JSONObject()
    document["shown"] = .array(samples)
    Output.print(JSONValue.object(document).text)
  } else {
    Output.say(
      Sentence(
        CommandLineSentence.samplesShown, entries.count, summary["samples"]?.int ?? 0, epoch,
        summary["input"]?.string ?? "", summary["augment"]?.string ?? ""))
    if file == nil { terminal?.draw(entries, schema: schema) }
  }
  return entries.isEmpty ? .failed : .done
}

private func write(
  _ entries: [ContactSheet.Entry], schema: KeypointSchema, to path: String
) -> Bool {
  let rows = max(1, Int((Double(entries.count) / 2).squareRoot().rounded()))
  let columns = (entries.count + rows - 1) / rows
  let tallest = entries.map { Double($0.picture.height) / Double($0.picture.width) }.max() ?? 1
  let sheet = ContactSheet.draw(
    entries, schema: schema, cellWidth: 240, cellHeight: Int(240 * tallest), columns: columns,
    limbWidth: 3.5)
  let bytes: [UInt8]
  do throws(ImageError) {
    bytes = try ImageEncoder.png(sheet)
  } catch {
    Output.sayError(error.sentence)
    return false
  }
  do throws(FileError) {
    try DurableFile.commit(Path.absolute(path), bytes: bytes)
  } catch {
    Output.sayError(error.sentence)
    return false
  }
  Output.sayError(Sentence(CommandLineSentence.sheetWritten, path))
  return true
}

extension ContactSheet.Entry {
  /// A part of the engine's answer; nil when it holds no picture.
  fileprivate init?(sample: JSONValue, schema: KeypointSchema) {
    guard let width = sample["width"]?.int, let height = sample["height"]?.int,
      let text = sample["pixels"]?.string, let pixels = Base64.decode(text),
      width > 0, height > 0, pixels.count == width * height * 3
    else { return nil }
    let points = (sample["keypoints"]?.array ?? []).map { point -> Keypoint in
      let numbers = (point.array ?? []).compactMap(\.double)
      guard numbers.count == 3 else { return Keypoint(x: 0, y: 0, visibility: .unlabelled) }
      return Keypoint(
        x: numbers[0], y: numbers[1], visibility: numbers[2] > 0 ? .visible : .unlabelled)
    }
    guard points.count == schema.count else { return nil }
    self.init(
      picture: ImageBuffer(width: width, height: height, pixels: pixels), keypoints: points)
  }
}

extension InlinePictures {
  /// Rows of pictures, each about 38 columns wide.
  fileprivate mutating func draw(_ entries: [ContactSheet.Entry], schema: KeypointSchema) {
    let perRow = max(1, columns / 40)
    let cell = size(columns: columns / perRow)
    for start in stride(from: 0, to: entries.count, by: perRow) {
      let row = Array(entries[start..<min(start + perRow, entries.count)])
      let tallest = row.map { Double($0.picture.height) / Double($0.picture.width) }.max() ?? 1
      let height = min(cell.height, Int(tallest * Double(cell.width)))
      draw(
        ContactSheet.draw(
          row, schema: schema, cellWidth: cell.width - ContactSheet.gap - 1, cellHeight: height,
          columns: perRow, limbWidth: max(1, Double(cell.width) / 70)))
    }
  }
}
