import Imaging
import Pose
import RunFiles
import RunLink
import Support
import TrainingAPI
import Wording

/// Prints what `predict` finds, picture by picture.
struct PredictionPrinter {
  private let isJSON: Bool
  /// Whether what was found is printed, and not only how much.
  private let isDetailed: Bool
  private var pictures: InlinePictures?
  private var progress = ProgressLine()
  private var items: [JSONValue] = []
  private var count = 0
  private var people = 0
  /// The highest score of a point.
  private var highest = -Double.infinity
  /// Pictures that could not be read.
  private(set) var failures = 0
  /// Where there is no picture on the screen, the points are printed when the names are known.
  private var waiting: [JSONValue] = []

  init(_ options: ParsedOptions) {
    isJSON = options.has("json")
    isDetailed = !isJSON && options.value("output") == nil && options.value("coco") == nil
    if isDetailed { pictures = InlinePictures(options) }
  }

  /// The largest picture that the screen shows.
  var previewSize: (width: Int, height: Int)? { pictures?.size }

  mutating func clear() { progress.clear() }

  mutating func take(_ message: JobMessage) {
    switch message {
    case .progress(let done, let total, _): progress.show(done: done, total: total)
    case .item(let item): add(item)
    case .notice(let sentence):
      progress.clear()
      Output.sayError(sentence)
    case .result, .failed: break
    }
  }

  private mutating func add(_ item: JSONValue) {
    let name = UntrustedText.clean(item["image"]?.string ?? "")
    let found = item["people"]?.array ?? []
    count += 1
    people += found.count
    for person in found {
      for point in person["keypoints"]?.array ?? [] {
        highest = max(highest, point.array?.last?.double ?? 0)
      }
    }
    if let error = Sentence(json: item["error"]) {
      failures += 1
      progress.clear()
      Output.sayError(error)
    }
    if isJSON {
      var object = item.object ?? JSONObject()
      object["preview"] = nil
      object["error"] = Sentence(json: item["error"]).map { .string($0.text()) }
      items.append(.object(object))
    }
    guard isDetailed, item["error"] == nil else { return }
    progress.clear()
    if pictures == nil { return waiting.append(item) }
    let scores = found.map { NumberText.fixed($0["score"]?.double ?? 0, 2) }
    Output.say(
      found.isEmpty
        ? Sentence(CommandLineSentence.predictedNobody, name)
        : Sentence(
          CommandLineSentence.predictedPicture, name, found.count, scores.joined(separator: ", ")))
    if let preview = item["preview"], let width = preview["width"]?.int,
      let height = preview["height"]?.int,
      let pixels = preview["pixels"]?.string.flatMap(Base64.decode),
      width > 0, height > 0, pixels.count == width * height * 3
    {
      pictures?.draw(ImageBuffer(width: width, height: height, pixels: pixels))
    }
  }

  /// Prints what is left: the document, the points, or how much was done.
  mutating func finish(_ summary: JSONValue, drawings: String?, results: String?) {
    progress.clear()
    if isJSON { return Output.print(JSONValue.array(items).text) }
    let schema = summary["schema"].flatMap { try? KeypointSchema.read($0, path: "model") }
    if let least = summary["least_score"]?.double, people > 0, highest < least {
      Output.sayError(
        Sentence(
          CommandLineSentence.nothingCertain, NumberText.significant(least, 2),
          NumberText.significant(highest, 2)))
    }
    for item in waiting { printPoints(item, names: schema?.keypoints ?? []) }
    if isDetailed { return }
    Output.say(
      Sentence(
        CommandLineSentence.predicted, count - failures, summary["model"]?.string ?? "", people))
    if let drawings {
      Output.say(
        Sentence(
          CommandLineSentence.drawingsWritten, count - failures, UntrustedText.clean(drawings)))
    }
    if let results {
      Output.say(Sentence(CommandLineSentence.sheetWritten, UntrustedText.clean(results)))
    }
  }

  private func printPoints(_ item: JSONValue, names: [String]) {
    let people = item["people"]?.array ?? []
    let name = UntrustedText.clean(item["image"]?.string ?? "")
    if people.isEmpty {
      return Output.say(Sentence(CommandLineSentence.predictedNobody, name))
    }
    Output.print(name)
    for (index, person) in people.enumerated() {
      Output.say(
        Sentence(
          CommandLineSentence.personNumber, index + 1,
          NumberText.fixed(person["score"]?.double ?? 0, 3)))
      let rows = (person["keypoints"]?.array ?? []).enumerated().map { place, point -> [String] in
        let numbers = (point.array ?? []).map { $0.double ?? .nan }
        guard numbers.count == 3 else { return [] }
        return [
          "  " + (place < names.count ? UntrustedText.clean(names[place]) : "\(place)"),
          NumberText.fixed(numbers[0], 1), NumberText.fixed(numbers[1], 1),
          NumberText.fixed(numbers[2], 2),
        ]
      }
      TextTable.print(["  keypoint", "x", "y", "score"], rows, textColumns: 1)
    }
  }
}
