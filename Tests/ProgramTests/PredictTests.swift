import Glibc
import RunFiles
import Support
import Testing

@Suite("predict", .serialized, .enabled(if: programsFolder != nil, skipReason))
struct PredictTests {
  private let place: Workplace
  private let weights = "runs/p/best.safetensors"
  private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]

  /// A model of one epoch, and the drawn people that it was trained on.
  init() throws {
    place = try Workplace()
    #expect(try call("figures", "set", "-n", "8", "--format", "coco").code == 0)
    let trained = try call(
      "train", "set", "--run", "runs/p", "--headless", "--epochs", "1", "--input", "48x64",
      "--batch", "8")
    try #require(trained.code == 0, "\(trained.errors)")
  }

  private func call(_ arguments: String...) throws -> Invocation {
    let call = try Invocation(place, arguments)
    call.wait()
    return call
  }

  private var images: String { place.file("set/images") }
  private func picture(_ index: Int) throws -> String {
    Path.join(images, try #require(Path.names(in: images)).sorted()[index])
  }

  /// All files below the workplace that a killed or failed writer leaves.
  private func leftovers() -> [String] {
    [place.path, place.file("out"), images].flatMap { Path.names(in: $0) ?? [] }
      .filter { $0.contains(".tmp-") }
  }

  private var annotations: String {
    get throws {
      let folder = place.file("set/annotations")
      return Path.join(folder, try #require(Path.names(in: folder)?.first))
    }
  }

  @Test("a folder is drawn, told as JSON and as COCO results, each the same people")
  func folder() throws {
    let told = try call("predict", "p", images, "--json")
    #expect(told.code == 0 && told.errors.isEmpty, "\(told.errors)")
    let pictures = try #require(try JSONValue(parsing: told.output).array)
    #expect(pictures.count == 8)
    // The data set's folder stands for that of its pictures.
    #expect(try call("predict", "p", place.file("set"), "--json").output == told.output)
    for picture in pictures {
      let person = try #require(picture["people"]?.array?.first)
      #expect(person["keypoints"]?.array?.count == 17 && person["score"]?.double != nil)
      #expect(person["bbox"]?.array?.prefix(2).map(\.int) == [0, 0])
    }
    let drawn = try call("predict", weights, images, "-o", "out", "--coco", "found.json")
    #expect(drawn.code == 0 && drawn.output.contains("8 picture(s)"), "\(drawn.errors)")
    let files = try #require(Path.names(in: place.file("out")))
    #expect(files.count == 8 && files.allSatisfy { $0.hasSuffix(".png") })
    for file in files {
      let bytes = try FileReading.bytes(of: place.file("out/\(file)"), limit: 1 << 24)
      #expect(bytes.starts(with: Self.png))
    }
    let results = try FileReading.json(of: place.file("found.json"), limit: 1 << 20).array ?? []
    #expect(results.count == 8)
    #expect(
      results[3]["keypoints"]?.array?[0]
        == pictures[3]["people"]?.array?[0]["keypoints"]?.array?[0]
        .array?[0])
    // posetop's own scorer takes them.
    #expect(try call("score", try annotations, "found.json").code == 0)
  }

  @Test("a picture on standard input, names on it, and a pattern give what files give")
  func standardInput() throws {
    let file = try picture(2)
    func people(_ text: String) throws -> JSONValue? {
      try JSONValue(parsing: text).array?.first?["people"]
    }
    let named = try people(try call("predict", "p", file, "--json").output)
    let pattern = file.dropLast(4) + "*"
    #expect(try people(try call("predict", "p", String(pattern), "--json").output) == named)
    let program = Path.join(try #require(programsFolder), "posetop")
    for feed in ["cat \(file)", "echo \(file)"] {
      let out = place.file("piped")
      let code = system(
        "\(feed) | env POSETOP_RUNS=\(place.runs) \(program) predict \(place.file(weights)) - --json >\(out)"
      )
      #expect(code == 0)
      let text = String(decoding: try FileReading.bytes(of: out, limit: 1 << 20), as: UTF8.self)
      #expect(try people(text) == named, "\(feed)")
    }
    let text = try call("predict", "p", file)
    #expect(text.code == 0 && text.output.contains("left_ankle"))
  }

  @Test("boxes of a detector are people of their pictures, and the same one twice is one")
  func detections() throws {
    let truth = try FileReading.json(of: try annotations, limit: 1 << 24)
    let people = (truth["annotations"]?.array ?? []).filter { $0["num_keypoints"]?.int != 0 }
    let records = people.flatMap { person -> [JSONValue] in
      let record: JSONValue = [
        "image_id": person["image_id"] ?? 0, "category_id": 1, "bbox": person["bbox"] ?? 0,
        "score": 0.9,
      ]
      return [record, record]
    }
    try DurableFile.commit(
      place.file("boxes.json"), bytes: Array(JSONValue.array(records).text.utf8))
    let found = try call(
      "predict", "p", images, "--detections", "boxes.json", "--annotations", try annotations,
      "--json")
    #expect(found.code == 0, "\(found.errors)")
    let pictures = try #require(try JSONValue(parsing: found.output).array)
    let count = pictures.reduce(0) { $0 + ($1["people"]?.array?.count ?? 0) }
    #expect(count > 0 && count <= people.count)
    #expect(pictures.contains { $0["people"]?.array?.first?["bbox"]?.array?[0] != 0 })
    // The annotations themselves have boxes, too, one a person.
    let annotated = try call("predict", "p", images, "--detections", try annotations, "--json")
    #expect(annotated.code == 0, "\(annotated.errors)")
    let same = try #require(try JSONValue(parsing: annotated.output).array)
    for (first, second) in zip(pictures, same) {
      #expect(first["people"]?.array?.count == second["people"]?.array?.count)
    }
    let others = try call(
      "predict", "p", try picture(0), "--detections", "boxes.json", "--box-score", "0.95")
    #expect(others.code == 1 && others.errors.contains("boxes.json"))
    try DurableFile.commit(
      place.file("foreign.json"),
      bytes: Array(
        #"[{"image_id": 90001, "category_id": 1, "bbox": [1, 1, 20, 20], "score": 1}]"#.utf8))
    let foreign = try call("predict", "p", images, "--detections", "foreign.json", "-o", "out")
    #expect(foreign.code == 1 && foreign.errors.contains("90001"), "\(foreign.errors)")
    #expect(foreign.errors.split(separator: "\n").count == 1)
    #expect(Path.names(in: place.file("out")) == nil)
    let evaluated = try call("evaluate", "p", "--detections", "foreign.json")
    #expect(evaluated.code == 1 && evaluated.errors.contains("90001"), "\(evaluated.errors)")
    try DurableFile.commit(place.file("cut.json"), bytes: Array(#"[{"image_id": 1,"#.utf8))
    let cut = try call("predict", "p", images, "--detections", "cut.json")
    #expect(cut.code == 1 && !cut.errors.contains(".."), "\(cut.errors)")
    let noModel = try call("predict", "cut.json", images)
    #expect(
      noModel.code == 1 && noModel.errors.contains("as .safetensors files do"), "\(noModel.errors)")
  }

  @Test("what cannot be done is one sentence and leaves no half-written file")
  func refusals() throws {
    try DurableFile.commit(Path.join(images, "notes.txt"), bytes: Array("no picture".utf8))
    let mixed = try call("predict", "p", images, "-o", "out")
    #expect(mixed.code == 1 && mixed.errors.contains("notes.txt"), "\(mixed.errors)")
    #expect(Path.names(in: place.file("out"))?.count == 8)
    let broken = place.file("broken.jpg")
    let whole = try FileReading.bytes(of: try picture(0), limit: 1 << 24)
    try DurableFile.commit(broken, bytes: Array(whole.prefix(30)))
    let cut = try call(
      "predict", "p", broken, try picture(1), "-o", "out2", "--min-score", "0")
    #expect(cut.code == 1 && cut.errors.split(separator: "\n").count == 1, "\(cut.errors)")
    #expect(Path.names(in: place.file("out2"))?.count == 1)
    for (arguments, word, code) in [
      (["p", try picture(0), "-o", "nowhere/x.png"], "nowhere", 1),
      (["p", try picture(0), "-o", "x.jpg"], ".png", 1),
      (["p", place.file("absent.jpg")], "absent.jpg", 1),
      (["p", place.file("set/annotations")], "no PNG or JPEG", 1),
      (["absent", images], "absent", 1),
      (["p"], "pictures", 2), ([], "a run or a weight file", 2),
      (["p", images, "--decode", "odd"], "dark", 2),
      ([try annotations, images], "tensors", 1),
    ] as [([String], String, Int32)] {
      let refused = try Invocation(place, ["predict"] + arguments)
      refused.wait()
      #expect(refused.code == code, "\(arguments): \(refused.errors)")
      #expect(refused.errors.contains(word), "\(arguments): \(refused.errors)")
      #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
    }
    let full = try call("predict", "p", try picture(0), "--coco", "/dev/full/x.json")
    #expect(full.code == 1 && full.errors.contains("/dev/full"), "\(full.errors)")
    #expect(leftovers().isEmpty)
  }
}
