import Datasets
import Figures
import Glibc
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

/// A data set in COCO's layout of which the annotations can be changed, in a folder of its own.
private final class Patient {
  let folder: TemporaryFolder
  let file: String
  /// Where the pictures are, when not beside the file.
  private let pictures: String?
  var document: JSONObject

  /// Drawn people, with pictures named 000001.jpg ...
  init(drawn count: Int) throws {
    folder = TemporaryFolder()
    let path = Path.join(folder.path, "set")
    try FigureSet.write(folder: path, count: count, seed: 4, format: .coco)
    let found = try #require(Self.annotationFile(path))
    file = found
    pictures = nil
    document = try #require(try FileReading.json(of: found, limit: 1 << 26).object)
  }

  /// A copy of the first records of a data set, whose pictures stay where they are and are only read.
  init(copyOf path: String, images: String, people: Int) throws {
    pictures = images
    folder = TemporaryFolder()
    document = try #require(try FileReading.json(of: path, limit: 1 << 28).object)
    file = Path.join(folder.path, "person_keypoints.json")
    document["annotations"] = .array(
      Array((document["annotations"]?.array ?? []).prefix(people)))
  }

  /// The same with copies of the pictures, which can be damaged.
  init(copyWithPicturesOf path: String, images: String, people: Int) throws {
    pictures = nil
    folder = TemporaryFolder()
    document = try #require(try FileReading.json(of: path, limit: 1 << 28).object)
    file = Path.join(folder.path, "person_keypoints.json")
    let chosen = Array((document["annotations"]?.array ?? []).prefix(people))
    let ids = Set(chosen.compactMap { $0["image_id"]?.int })
    let listed = (document["images"]?.array ?? []).filter { ids.contains($0["id"]?.int ?? -1) }
    document["annotations"] = .array(chosen)
    document["images"] = .array(listed)
    for name in listed.compactMap({ $0["file_name"]?.string }) {
      try folder.write(
        "images/\(name)", FileReading.bytes(of: Path.join(images, name), limit: 1 << 26))
    }
  }

  private static func annotationFile(_ folder: String) -> String? {
    for place in [folder, Path.join(folder, "annotations")] {
      for name in Path.names(in: place) ?? [] where name.hasSuffix(".json") {
        return Path.join(place, name)
      }
    }
    return nil
  }

  var annotations: [JSONObject] {
    get { (document["annotations"]?.array ?? []).compactMap(\.object) }
    set { document["annotations"] = .array(newValue.map { .object($0) }) }
  }

  var images: [JSONObject] {
    get { (document["images"]?.array ?? []).compactMap(\.object) }
    set { document["images"] = .array(newValue.map { .object($0) }) }
  }

  /// The first persons with many visible points, as places in `annotations`.
  func people() -> [Int] {
    annotations.indices.filter { index in
      let numbers = annotations[index]["keypoints"]?.array?.compactMap(\.double) ?? []
      let labelled = stride(from: 2, to: numbers.count, by: 3).count { numbers[$0] > 0 }
      return annotations[index]["iscrowd"]?.int != 1 && labelled > 12
    }
  }

  func id(_ index: Int) -> String { annotations[index]["id"]?.int.map(String.init) ?? "" }

  /// The picture's path of a person.
  func picture(_ index: Int) throws -> (name: String, path: String, place: Int) {
    let id = annotations[index]["image_id"]
    let place = try #require(images.firstIndex { $0["id"] == id })
    let name = try #require(images[place]["file_name"]?.string)
    let root = Path.parent(of: file)
    let candidates = [
      Path.join(root, "images/\(name)"), Path.join(Path.parent(of: root), "images/\(name)"),
    ]
    return (name, candidates.first { Path.isFile($0) } ?? "", place)
  }

  /// Replaces three numbers of a point.
  func setPoint(_ index: Int, _ joint: Int, _ values: [Double]) {
    var people = annotations
    var numbers = people[index]["keypoints"]?.array ?? []
    for (offset, value) in values.enumerated() { numbers[3 * joint + offset] = .number(value) }
    people[index]["keypoints"] = .array(numbers)
    annotations = people
  }

  func point(_ index: Int, _ joint: Int) -> [Double] {
    let numbers = annotations[index]["keypoints"]?.array?.compactMap(\.double) ?? []
    return Array(numbers[(3 * joint)..<(3 * joint + 3)])
  }

  /// Exchanges left and right of a person, or of its joints from one on.
  func mirrorNames(_ index: Int, from joint: Int = 0) {
    let numbers = annotations[index]["keypoints"]?.array ?? []
    var people = annotations
    people[index]["keypoints"] = .array(
      KeypointSchema.coco17.flipPairs.enumerated().flatMap { own, mirrored in
        let source = own < joint ? own : mirrored
        return numbers[(3 * source)..<(3 * source + 3)]
      })
    annotations = people
  }

  func examine(
    isQuick: Bool = false, split: DatasetDoctor.Split = DatasetDoctor.Split()
  ) throws -> [Finding] {
    var document = document
    document["info"] = nil
    unlink(file)
    guard let stream = fopen(file, "wb") else { throw FixtureError.system }
    let bytes = Array(JSONValue.object(document).text.utf8)
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
    return try DatasetDoctor(path: file, images: pictures, split: split, isQuick: isQuick).findings
  }
}

/// Whether the real people are there with their pictures.
private let hasStock17 =
  testData.map { root in
    !(Path.names(in: Path.join(root, "stock17/images")) ?? []).isEmpty
  } ?? false

/// Codes with the ids at which they stand.
private func summary(_ findings: [Finding]) -> [String] {
  findings.map { "\($0.code.rawValue) \($0.id ?? "-")" }
}

/// A fault that is planted at a person, and what the doctor must say of it.
struct Fault: Sendable, CustomTestStringConvertible {
  let code: Finding.Code
  let plant: @Sendable (Any, Int) throws -> Void
  var testDescription: String { code.rawValue }

  fileprivate init(_ code: Finding.Code, _ plant: @escaping @Sendable (Patient, Int) throws -> Void)
  {
    self.code = code
    self.plant = { patient, index in
      if let patient = patient as? Patient { try plant(patient, index) }
    }
  }

  fileprivate static func set(_ code: Finding.Code, _ key: String, _ value: JSONValue?) -> Fault {
    Fault(code) { patient, index in
      var people = patient.annotations
      people[index][key] = value
      patient.annotations = people
    }
  }

  /// Faults that need no picture.
  static let ofRecords: [Fault] = [
    .set(.numKeypoints, "num_keypoints", 3), .set(.areaZero, "area", 0),
    .set(.brokenBox, "bbox", [1, 1, 2, 1]), .set(.crowd, "iscrowd", 1),
    .set(.orphanID, "image_id", 987_654), .set(.keypointCount, "keypoints", [1, 2, 2, 3, 4, 2]),
    .set(.unusableRecord, "keypoints", ["a"]), .set(.areaMissing, "area", nil),
    Fault(.visibleAtOrigin) { patient, index in patient.setPoint(index, 9, [0, 0, 2]) },
    Fault(.visibilityRange) { patient, index in
      patient.setPoint(index, 9, [patient.point(index, 9)[0], 5, 7])
    },
    Fault(.aiChallengerVisibility) { patient, index in patient.setPoint(index, 9, [0, 0, 3]) },
    Fault(.fractions) { patient, index in
      for joint in 0..<17 { patient.setPoint(index, joint, [0.25, 0.5, 2]) }
    },
    Fault(.outlier) { patient, index in
      let box = patient.annotations[index]["bbox"]?.array?.compactMap(\.double) ?? []
      var people = patient.annotations
      // A box that holds it, so that only the limb is wrong.
      people[index]["bbox"] = .array(
        [box[0], box[1], box[2], box[3] * 4].map { .number($0) })
      patient.annotations = people
      patient.setPoint(index, 13, [box[0], box[1] + box[3] * 4, 2])
    },
    Fault(.pointOutsideBox) { patient, index in
      let box = patient.annotations[index]["bbox"]?.array?.compactMap(\.double) ?? []
      patient.setPoint(index, 10, [box[0] - box[2] - box[3], box[1], 2])
    },
  ]
}

@Suite("The data-set doctor")
struct DoctorTests {
  @Test("Drawn people give no finding, in both layouts")
  func clean() throws {
    for layout in FigureLayout.allCases {
      let folder = TemporaryFolder()
      let path = Path.join(folder.path, "set")
      try FigureSet.write(folder: path, count: 80, seed: 4, format: layout)
      let doctor = try DatasetDoctor(path: path)
      #expect(summary(doctor.findings) == [] && !doctor.hasErrors)
      #expect(doctor.images == 80)
    }
  }

  @Test("A set in which nobody can be trained on is an error, whatever the reason")
  func nobody() throws {
    let folder = TemporaryFolder()
    for text in [
      "[]",
      "[{\"image_name\": \"a.png\", \"keypoints\": [\(Array(repeating: "null", count: 17).joined(separator: ","))]}]",
    ] {
      try folder.write("annotations.json", text)
      try folder.write("images/a.png", ImageEncoder.png(patterned(96, 128, seed: 1)))
      let doctor = try DatasetDoctor(path: folder.path)
      #expect(summary(doctor.findings) == ["no-usable-record -"] && doctor.hasErrors)
    }
  }

  @Test("Each fault of a record is found with its id", arguments: Fault.ofRecords)
  func records(fault: Fault) throws {
    let patient = try Patient(drawn: 24)
    let index = try #require(patient.people().dropFirst(2).first)
    let id = patient.id(index)
    try fault.plant(patient, index)
    let found = try patient.examine(isQuick: true)
    let hit = found.first { $0.code == fault.code }
    #expect(hit != nil, "\(summary(found))")
    if fault.code != .areaMissing { #expect(hit?.id == id, "\(summary(found))") }
    for finding in found {
      let words = finding.message.text() + finding.fix.text()
      #expect(!words.contains("{") && !words.contains("doctor."), "\(words)")
    }
  }

  @Test("Ids that are 0 or belong to two annotations are found")
  func ids() throws {
    let patient = try Patient(drawn: 12)
    var people = patient.annotations
    let double = try #require(people[1]["id"]?.int)
    people[2]["id"] = .integer(Int64(double))
    people[4]["id"] = 0
    patient.annotations = people
    #expect(try summary(patient.examine(isQuick: true)) == ["double-id \(double)", "id-zero 0"])
  }

  @Test("Exchanged sides are found in one person by its face, and in a whole file")
  func sides() throws {
    let patient = try Patient(drawn: 60)
    // Somebody who looks into the camera.
    let facing = try #require(
      patient.people().first { index in
        let (nose, left, right) = (
          patient.point(index, 0), patient.point(index, 1), patient.point(index, 2)
        )
        let (one, other) = (patient.point(index, 5), patient.point(index, 6))
        return nose[2] == 2 && left[2] == 2 && right[2] == 2 && left[0] - right[0] > 4
          && nose[1] - max(left[1], right[1]) > 1 && one[0] - other[0] > 8
          && abs(left[1] - right[1]) < 2
      })
    patient.mirrorNames(facing)
    #expect(try summary(patient.examine(isQuick: true)) == ["left-right \(patient.id(facing))"])
    patient.mirrorNames(facing)
    for index in patient.annotations.indices { patient.mirrorNames(index) }
    let all = try patient.examine(isQuick: true)
    #expect(summary(all) == ["left-right -"] && all[0].severity == .error)
    #expect(throws: DatasetError.self) { try DatasetCatalog.open(path: patient.file) }
  }

  @Test(
    "Faults of pictures are found: missing, cut, too large, twice, other size, EXIF, points outside"
  )
  func pictures() throws {
    try plantInPictures(Patient(drawn: 24))
  }

  @Test(
    "The same faults are found in copies of real photographs",
    .enabled(if: hasStock17, "POSETOP_TEST_DATA names no folder with stock17 and its pictures"))
  func realPictures() throws {
    let root = Path.join(try #require(testData), "stock17")
    try plantInPictures(
      Patient(
        copyWithPicturesOf: Path.join(root, "person_keypoints.json"),
        images: Path.join(root, "images"), people: 16))
  }

  /// Damages the first pictures of a set of its own and looks at what is new in the findings.
  private func plantInPictures(_ patient: Patient) throws {
    // One person for each picture.
    var seen: Set<JSONValue> = []
    let people = patient.people().filter { index in
      patient.annotations[index]["image_id"].map { seen.insert($0).inserted } ?? false
    }
    let places = try people.map { try patient.picture($0) }
    let before = Set(try patient.examine())
    func bytes(_ index: Int) throws -> [UInt8] {
      try FileReading.bytes(of: places[index].path, limit: 1 << 26)
    }
    func write(_ index: Int, _ bytes: [UInt8]) throws {
      unlink(places[index].path)
      try patient.folder.write(
        places[index].path.replacing(patient.folder.path + "/", with: ""), bytes)
    }
    unlink(places[0].path)
    try write(1, Array(try bytes(1).dropLast(600)))
    try write(2, OddPictures.huge)
    try write(4, try bytes(3))
    var images = patient.images
    images[places[5].place]["width"] = 999
    patient.images = images
    let exif: [UInt8] = [
      0xFF, 0xE1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1,
      3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0,
    ]
    try write(6, [0xFF, 0xD8] + exif + (try bytes(6)).dropFirst(2))
    patient.setPoint(people[7], 3, [-40, 10, 2])
    let found = try patient.examine().filter { !before.contains($0) }
    func ids(_ code: Finding.Code) -> [String] { found.filter { $0.code == code }.map(\.file) }
    #expect(ids(.missingImage) == [places[0].name], "\(summary(found))")
    #expect(ids(.corruptImage) == [places[1].name])
    #expect(ids(.oversizedImage) == [places[2].name])
    #expect(ids(.duplicateImage) == [places[4].name])
    #expect(ids(.imageSize).contains(places[5].name))
    #expect(ids(.exifOrientation) == [places[6].name])
    let outside = found.filter { $0.code == .pointOutsideImage }
    #expect(outside.map(\.id).contains(patient.id(people[7])))
  }

  @Test("Nearly the same picture on both sides of the split is a leak")
  func leak() throws {
    let folder = TemporaryFolder()
    let path = Path.join(folder.path, "set")
    try FigureSet.write(folder: path, count: 50, seed: 9, format: .seed)
    var split = DatasetDoctor.Split()
    split.setting = SplitMethod.fileOrder.rawValue
    // The last fifth validates: its third picture becomes a paler, coarser copy of the fourth.
    var picture = try ImageDecoder.decode(Path.join(path, "images/000004.jpg"))
    for index in picture.pixels.indices {
      picture.pixels[index] = UInt8(Int(picture.pixels[index]) * 9 / 10 + 20)
    }
    unlink(Path.join(path, "images/000043.jpg"))
    try folder.write("set/images/000043.jpg", ImageEncoder.jpeg(picture, quality: 60))
    let found = try DatasetDoctor(path: path, split: split).findings
    #expect(found.map(\.code) == [.leak] || found.contains { $0.code == .leak })
    #expect(found.filter { $0.code == .leak }.map(\.file) == ["000043.jpg"])
    #expect(found.first { $0.code == .leak }?.message.arguments == ["000043.jpg", "000004.jpg"])
  }

  @Test(
    "Ids, exchanged sides and a leak are found in copies of real photographs, too",
    .enabled(if: hasStock17, "POSETOP_TEST_DATA names no folder with stock17 and its pictures"))
  func realRest() throws {
    let root = Path.join(try #require(testData), "stock17")
    let patient = try Patient(
      copyWithPicturesOf: Path.join(root, "person_keypoints.json"),
      images: Path.join(root, "images"), people: 40)
    var split = DatasetDoctor.Split()
    split.setting = SplitMethod.fileOrder.rawValue
    let healthy = patient.document
    let before = Set(summary(try patient.examine(split: split)))
    func found(_ plant: () throws -> Void) throws -> [String] {
      defer { patient.document = healthy }
      try plant()
      return summary(try patient.examine(split: split)).filter { !before.contains($0) }
    }
    let double = patient.id(7)
    let ids = try found {
      var people = patient.annotations
      people[11]["id"] = people[7]["id"]
      people[20]["id"] = 0
      patient.annotations = people
    }
    #expect(ids == ["double-id \(double)", "id-zero 0"])
    // Somebody who looks into the camera, with the body's sides exchanged but not the face's.
    let facing = try #require(
      patient.annotations.indices.first { index in
        let eyes = patient.point(index, 1)[0] - patient.point(index, 2)[0]
        let size = patient.annotations[index]["bbox"]?.array?.compactMap(\.double).max() ?? 1
        return eyes > 0.03 * size
          && [5, 11].allSatisfy { joint in
            patient.point(index, joint)[0] - patient.point(index, joint + 1)[0] > 0.12 * size
          }
      })
    let one = try found { patient.mirrorNames(facing, from: 5) }
    #expect(one == ["left-right \(patient.id(facing))"])
    let all = try found {
      for index in patient.annotations.indices { patient.mirrorNames(index) }
    }
    #expect(all.contains("left-right -"), "\(all)")
    // The last picture validates: it becomes a paler copy of the fourth, which is trained on.
    let (leaking, source) = (try patient.picture(39), try patient.picture(3))
    let leak = try found {
      var picture = try ImageDecoder.decode(source.path)
      for index in picture.pixels.indices {
        picture.pixels[index] = UInt8(Int(picture.pixels[index]) * 9 / 10 + 20)
      }
      unlink(leaking.path)
      try patient.folder.write("images/\(leaking.name)", ImageEncoder.jpeg(picture, quality: 60))
    }
    let id = try #require(patient.images[leaking.place]["id"]?.int)
    #expect(leak.contains("leak \(id)"), "\(leak)")
  }

  @Test("Flip pairs of different heights, and none at all, are found")
  func pairs() throws {
    let folder = TemporaryFolder()
    let people = (0..<30).map { index -> String in
      let points = FigurePicture.single(seed: 3, index: index, width: 96, height: 128).people[0]
        .keypoints
      return "0 0.5 0.5 1 1 "
        + points.map { "\($0.x / 96) \($0.y / 128) 2" }.joined(separator: " ")
    }
    for index in people.indices {
      try folder.write("labels/\(index).txt", people[index])
      try folder.write("images/\(index).png", ImageEncoder.png(patterned(96, 128, seed: index)))
    }
    func check(_ pairs: [Int]?) throws -> [String] {
      let line = pairs.map { "flip_idx: \($0)" } ?? ""
      try folder.write("data.yaml", "train: images\nkpt_shape: [17, 3]\n\(line)\n")
      return try DatasetDoctor(path: folder.path, isQuick: true).findings
        .filter { $0.code == .flipPairs }.map { $0.message.arguments.first ?? "none" }
    }
    #expect(try check(KeypointSchema.coco17.flipPairs) == [])
    #expect(try check(nil) == ["none"])
    // Left wrist with right ankle and the reverse.
    #expect(
      try check([0, 2, 1, 4, 3, 6, 5, 8, 7, 16, 15, 12, 11, 14, 13, 10, 9])
        == ["keypoint_16", "keypoint_15"])
  }

  @Test(
    "Real people: four broken boxes and 25 over the edge, each fault found in a copy, nothing refused",
    .enabled(if: hasStock17, "POSETOP_TEST_DATA names no folder with stock17 and its pictures"))
  func real() throws {
    let root = Path.join(try #require(testData), "stock17")
    let found = try DatasetDoctor(path: root).findings
    #expect(found.filter { $0.code == .brokenBox }.count == 4)
    #expect(found.filter { $0.code == .boxOutsideImage }.count <= 25)
    let file = try #require(
      (Path.names(in: root) ?? []).first { $0.hasSuffix(".json") }.map { Path.join(root, $0) })
    for fault in Fault.ofRecords {
      let patient = try Patient(copyOf: file, images: Path.join(root, "images"), people: 200)
      let before = Set(summary(try patient.examine(isQuick: true)))
      try fault.plant(patient, 60)
      let after = try patient.examine(isQuick: true).filter { $0.code == fault.code }
      let wanted = fault.code == .areaMissing ? "-" : patient.id(60)
      #expect(
        summary(after).contains {
          $0 == "\(fault.code.rawValue) \(wanted)" && !before.contains($0)
        },
        "\(fault.code)")
    }
  }
}
