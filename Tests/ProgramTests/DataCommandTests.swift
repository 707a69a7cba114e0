import Glibc
import Support
import Testing

@Suite("Commands on data sets", .enabled(if: programsFolder != nil, skipReason))
struct DataCommandTests {
  private let place: Workplace

  init() throws { place = try Workplace() }

  private func call(_ arguments: String...) throws -> Invocation {
    let call = try Invocation(place, arguments)
    call.wait()
    return call
  }

  @Test("check exits 0 on drawn people and 1 with a finding that names file, id and fix")
  func check() throws {
    #expect(try call("figures", "set", "-n", "12", "--format", "coco").code == 0)
    let clean = try call("check", "set", "--json")
    #expect(clean.code == 0 && clean.errors.isEmpty)
    let report = try JSONValue(parsing: clean.output)
    #expect(report["findings"]?.array?.isEmpty == true && report["images"]?.int == 12)
    let folder = place.file("set/annotations")
    let name = try #require(Path.names(in: folder)?.first { $0.hasSuffix(".json") })
    let path = Path.join(folder, name)
    var document = try #require(try FileReading.json(of: path, limit: 1 << 24).object)
    var people = document["annotations"]?.array ?? []
    var person = try #require(people[0].object)
    person["area"] = 0
    people[0] = .object(person)
    document["annotations"] = .array(people)
    try DurableFile.commit(path, bytes: Array(JSONValue.object(document).text.utf8))
    let before = try FileReading.bytes(of: path, limit: 1 << 24)
    let found = try call("check", "set", "--json")
    #expect(found.code == 1)
    let findings = try JSONValue(parsing: found.output)["findings"]?.array ?? []
    #expect(findings.map { $0["code"]?.string } == ["area-zero"])
    #expect(findings[0]["severity"]?.string == "error" && findings[0]["id"] == person["id"])
    #expect(findings[0]["fix"]?.string?.isEmpty == false)
    let text = try call("check", "set", "--quick")
    #expect(text.code == 1 && text.output.contains("error  area-zero  (1)"))
    // The doctor looks and never writes.
    #expect(try FileReading.bytes(of: path, limit: 1 << 24) == before)
  }

  @Test("plan gives bytes by kind and layers, and bench the median of some steps")
  func planAndBench() throws {
    let planned = try call("plan", "--model", "resnet18", "--head", "regression", "--json")
    #expect(planned.code == 0 && planned.errors.isEmpty)
    let plan = try JSONValue(parsing: planned.output)
    #expect(plan["parameters"]?.int == 11_316_578)
    let bytes = try #require(plan["bytes"]?.object)
    let kinds = ["weights", "gradients", "optimizer", "activations", "workspace", "input"]
    #expect(bytes["total"]?.int == kinds.reduce(0) { $0 + (bytes[$1]?.int ?? 0) })
    #expect((plan["layers"]?.array?.count ?? 0) > 40)
    let measured = try call("bench", "lite", "--batch", "2", "--steps", "1", "--ops", "--json")
    #expect(measured.code == 0)
    let result = try JSONValue(parsing: measured.output)["cases"]?.array?.first
    #expect((result?["median_seconds"]?.double ?? 0) > 0)
    #expect((result?["ops"]?.array?.count ?? 0) > 50)
    let wrong = try call("plan", "--model", "resnet19")
    #expect(wrong.code == 1 && wrong.errors.contains("did you mean resnet1"))
    #expect(try call("bench", "lite:nothing").code == 2)
    // Steps with pictures say what they wait for; without a GPU the loaders crop.
    let fed = try call(
      "bench", "lite", "--measure", "loader,data-step", "--batch", "2", "--steps", "1",
      "--device", "cpu", "--cropping", "device", "--loaders", "1", "--json")
    let measures = try #require(JSONValue(parsing: fed.output)["cases"]?.array)
    #expect(measures.map { $0["case"]?.string } == ["loader", "data-step"])
    #expect(measures.map { $0["cropping"]?.string } == ["device", "host"])
    #expect(measures[1]["data_wait_seconds"]?.double ?? -1 >= 0)
    #expect(measures[1]["loaders"]?.int == 1)
    #expect(try call("bench", "lite", "--cropping", "somewhere").code == 2)
  }

  @Test("check --show draws augmented samples into one picture, and evaluate measures a run")
  func showAndEvaluate() throws {
    #expect(try call("figures", "set", "-n", "12", "--format", "coco").code == 0)
    try DurableFile.commit(
      place.file("mild.json"), bytes: Array(#"{"from": "light", "erase": 1}"#.utf8))
    let shown = try call(
      "check", "set", "--show", "5", "--augment", "mild.json", "--output", "sheet.png", "--json")
    #expect(shown.code == 0, "\(shown.errors)")
    let report = try JSONValue(parsing: shown.output)
    #expect(report["shown"]?.array?.count == 5 && report["augment"]?.string == "custom")
    let picture = try FileReading.bytes(of: place.file("sheet.png"), limit: 1 << 26)
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let blind = try call("check", "set", "--show", "2")
    #expect(blind.code == 2 && blind.errors.contains("--output samples.png"))
    let odd = try call("train", "set", "--augment", "mild")
    #expect(odd.code == 2 && odd.errors.contains("There is no augmentation mild"))
    try DurableFile.commit(
      place.file("val.txt"), bytes: Array("000003.jpg\n000007.jpg\n".utf8))
    let trained = try call(
      "train", "set", "--run", "runs/e", "--headless", "--epochs", "1", "--input", "48x64",
      "--batch", "8", "--split", "val.txt", "--augment", "mild.json")
    #expect(trained.code == 0, "\(trained.errors)")
    let recipe = try FileReading.json(of: place.file("runs/e/recipe.json"), limit: 1 << 20)
    #expect(recipe["validation_images"] == ["000003.jpg", "000007.jpg"])
    #expect(recipe["augment"]?["erase"]?.int == 1 && recipe["split"]?["val"] != nil)
    let measured = try call("evaluate", "e", "--json")
    #expect(measured.code == 0, "\(measured.errors)")
    let figures = try JSONValue(parsing: measured.output)
    #expect(figures["images"]?.int == 2 && figures["EPE"]?.double != nil)
    let table = try call("evaluate", "runs/e/best.safetensors", "set", "--flip-test")
    #expect(table.code == 0 && table.output.contains("mean pose") && table.output.contains("nose"))
    #expect(try call("evaluate", "runs/e/best.safetensors").code == 2)
    #expect(try call("evaluate", "nowhere").code == 1)
  }

  @Test("check says in a sentence what it cannot read, and when its engine dies")
  func checkFails() throws {
    let missing = try call("check", "nowhere")
    #expect(missing.code == 1 && missing.errors.contains("There is no data set at nowhere"))
    #expect(try call("check").code == 2)
    #expect(try call("check", "a", "--split", "odd").code == 2)
    let dead = try call("check", "set", "--engine", "/bin/false")
    #expect(dead.code == 1 && dead.errors.contains("ended without an answer (exit 1)"))
  }

  @Test("score prints COCO's numbers as a table and as one JSON document")
  func score() throws {
    #expect(try call("figures", "set", "-n", "6", "--format", "coco").code == 0)
    let folder = place.file("set/annotations")
    let name = try #require(Path.names(in: folder)?.first { $0.hasSuffix(".json") })
    let truth = try FileReading.json(of: Path.join(folder, name), limit: 1 << 24)
    let found = (truth["annotations"]?.array ?? []).filter { $0["iscrowd"]?.int == 0 }.map {
      person -> JSONValue in
      [
        "image_id": person["image_id"] ?? .null, "category_id": 1, "score": 0.5,
        "keypoints": person["keypoints"] ?? .null,
      ]
    }
    try DurableFile.commit(
      place.file("found.json"), bytes: Array(JSONValue.array(found).text.utf8))
    let json = try call("score", Path.join(folder, name), "found.json", "--json")
    #expect(json.code == 0 && json.errors.isEmpty)
    let report = try JSONValue(parsing: json.output)
    #expect(abs((report["AP"]?.double ?? 0) - 1) < 1e-9 && report["EPE"]?.double == 0)
    #expect(report["per_keypoint"]?["nose"]?["PCK@0.1"]?.double == 1)
    let table = try call("score", Path.join(folder, name), "found.json")
    #expect(table.code == 0 && table.output.contains("AP") && table.output.contains("nose"))
    #expect(try call("score", "found.json").code == 2)
    let wrong = try call("score", "found.json", "found.json")
    #expect(wrong.code == 1 && wrong.errors.hasPrefix("posetop: "))
  }
}
