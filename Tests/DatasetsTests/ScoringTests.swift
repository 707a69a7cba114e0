import Datasets
import Pose
import Support
import TestSupport
import Testing
import Wording

/// The same persons and detections as `Tests/Peers/coco_scores.py` draws, as JSON documents.
private func drawn(_ pictures: Int = 60) -> (truth: JSONValue, detections: JSONValue) {
  let random = CounterRandom(seed: 17, name: "score")
  func integer(_ value: Int) -> JSONValue { .integer(Int64(value)) }
  var (images, annotations, detections): ([JSONValue], [JSONValue], [JSONValue]) = ([], [], [])
  func detect(_ image: Int, _ found: CounterRandom, _ points: [(Int, Int)]) {
    detections.append([
      "image_id": integer(image), "category_id": 1,
      "score": .number(Double(found.below(100, 50)) / 50),
      "keypoints": .array(points.flatMap { [integer($0.0), integer($0.1), 0.5] }),
    ])
  }
  for image in 1...pictures {
    images.append(["id": integer(image), "file_name": .string("\(image).png")])
    let dice = random.stream(image)
    for person in 0..<dice.below(0, 5) {
      let one = random.stream(image, person + 1)
      let (x, y) = (one.below(0, 400), one.below(1, 300))
      let (width, height) = (12 + one.below(2, 200), 20 + one.below(3, 260))
      let isCrowd = one.below(4, 12) == 0
      let isEmpty = isCrowd || one.below(5, 9) == 0
      let places = (0..<17).map {
        (x + one.below(11 + 3 * $0, width + 1), y + one.below(12 + 3 * $0, height + 1))
      }
      let flags = (0..<17).map { isEmpty ? 0 : one.below(10 + 3 * $0, 3) }
      annotations.append([
        "id": integer(annotations.count + 1), "image_id": integer(image), "category_id": 1,
        "bbox": .array([x, y, width, height].map(integer)),
        "area": integer(width * height / 2), "iscrowd": isCrowd ? 1 : 0,
        "keypoints": .array(
          zip(places, flags).flatMap { place, flag in
            flag > 0 ? [integer(place.0), integer(place.1), integer(flag)] : [0, 0, 0]
          }), "num_keypoints": integer(flags.count { $0 > 0 }),
      ])
      for copy in 0..<one.below(6, 3) {
        let found = random.stream(image, 1000 + 10 * person + copy)
        let spread = found.below(0, 16)
        detect(
          image, found,
          places.enumerated().map { index, place in
            (
              place.0 + found.below(1 + 2 * index, 2 * spread + 1) - spread,
              place.1 + found.below(2 + 2 * index, 2 * spread + 1) - spread
            )
          })
      }
    }
    for copy in 0..<(image % 10 == 0 ? 25 : dice.below(1, 3)) {
      let found = random.stream(image, 5000 + copy)
      detect(
        image, found, (0..<17).map { (found.below(1 + 2 * $0, 600), found.below(2 + 2 * $0, 600)) })
    }
  }
  let names = (0..<17).map { JSONValue.string(String($0)) }
  return (
    [
      "images": .array(images), "annotations": .array(annotations),
      "categories": [["id": 1, "name": "person", "keypoints": .array(names)]],
    ], .array(detections)
  )
}

extension CounterRandom {
  fileprivate func below(_ index: Int, _ limit: Int) -> Int { Int(bits(index) % UInt64(limit)) }
}

@Suite("Scoring of results files")
struct ScoringTests {
  @Test("Drawn persons with crowds, ties and many detections score as in pycocotools 2.0.11")
  func drawnSet() throws {
    let scoring = try drawnScoring(pictures: 60)
    #expect(scoring.detections == 325)
    // Printed by Tests/Peers/coco_scores.py.
    expect(
      scoring,
      [
        0.09980815106357326, 0.19314936268836336, 0.08491317469034781,
        0.2322272480114903, 0.06887042819799838, 0.440952380952381,
        0.6285714285714286, 0.42857142857142855, 0.40172413793103445,
        0.5166666666666667,
      ])
    #expect(scoring.matched > 20 && scoring.matched < scoring.persons)
  }

  @Test("So many that threads share them: the same, in the same bits each time")
  func drawnOnThreads() throws {
    let scoring = try drawnScoring(pictures: 600)
    #expect(scoring.detections == 3263)
    // Printed by Tests/Peers/coco_scores.py 600.
    expect(
      scoring,
      [
        0.08540891482903755, 0.15897664870687825, 0.07385750884706173, 0.20506499078574975,
        0.06281741133181708, 0.4071570576540756, 0.5725646123260437, 0.40159045725646125,
        0.3624790619765494, 0.518803418803419,
      ])
    let again = try drawnScoring(pictures: 600)
    #expect(again.evaluation.coco == scoring.evaluation.coco)
    #expect(again.evaluation.errorKinds == scoring.evaluation.errorKinds)
  }

  private func expect(_ scoring: COCOScoring, _ wanted: [Double]) {
    for (entry, value) in zip(scoring.evaluation.coco.named, wanted) {
      #expect(abs(entry.value - value) < 1e-12, "\(entry.name): \(entry.value), \(value)")
    }
  }

  private func drawnScoring(pictures: Int) throws -> COCOScoring {
    let folder = TemporaryFolder()
    let (truth, detections) = drawn(pictures)
    // The list of names makes a custom schema, whose constants are not COCO's.
    let names = KeypointSchema.coco17.keypoints.map { JSONValue.string($0) }
    var document = truth.object ?? JSONObject()
    document["categories"] = [["id": 1, "name": "person", "keypoints": .array(names)]]
    try folder.write("truth.json", JSONValue.object(document).text)
    try folder.write("found.json", detections.text)
    return try COCOScoring(
      annotations: Path.join(folder.path, "truth.json"),
      detections: Path.join(folder.path, "found.json"))
  }

  @Test("Each person gets its best detection, each detection one person, down to an OKS of .1")
  func pairs() {
    func person(_ x: Double) -> COCOPerson {
      COCOPerson(
        image: 1,
        keypoints: gridPoints(100, 200).map {
          Keypoint(x: $0.x + x, y: $0.y, visibility: .visible)
        }, box: Box(x: x, y: 0, width: 100, height: 200), area: 10_000)
    }
    func found(_ x: Double, _ score: Double) -> COCODetection {
      COCODetection(
        image: 1,
        keypoints: gridPoints(100, 200).map { PredictedKeypoint(x: $0.x + x, y: $0.y, score: 1) },
        score: score)
    }
    let pairs = COCOEvaluation.scoresAndPairs(
      of: [found(6, 0.9), found(1, 0.2), found(900, 0.99)],
      against: [person(0), person(10), person(400)],
      sigmas: KeypointSchema.coco17.sigmas
    ).pairs
    #expect(pairs.map(\.person) == [0, 1])
    #expect(pairs.map(\.detection) == [1, 0])
  }

  @Test("What does not fit together has its sentence")
  func refusals() throws {
    let folder = TemporaryFolder()
    let (truth, detections) = drawn()
    try folder.write("truth.json", truth.text)
    try folder.write("found.json", detections.text)
    func message(_ text: String) throws -> String {
      try folder.write("other.json", text)
      do throws(DatasetError) {
        _ = try COCOScoring(
          annotations: Path.join(folder.path, "truth.json"),
          detections: Path.join(folder.path, "other.json"))
        return "none"
      } catch {
        return error.sentence.text().replacing(folder.path + "/", with: "")
      }
    }
    #expect(try message("{}").hasPrefix("other.json holds no detections"))
    #expect(try message("[]").hasPrefix("other.json holds no detections"))
    #expect(try message("[3, null]").hasPrefix("other.json holds no detections"))
    #expect(
      try message(#"[{"image_id": 99, "category_id": 1, "keypoints": [1, 2, 3], "score": 1}]"#)
        .hasPrefix("other.json has a detection in picture 99, which"))
    #expect(
      try message(#"[{"image_id": 9, "category_id": 1, "keypoints": [1, 2, 3], "score": 1}]"#)
        == "other.json has a detection with 1 keypoints; the annotations have 17, each with x, y and score."
    )
    #expect(throws: DatasetError.self) {
      try COCOScoring(
        annotations: Path.join(folder.path, "found.json"),
        detections: Path.join(folder.path, "found.json"))
    }
  }

  @Test(
    "144 detections of real people score as pycocotools prints",
    .enabled(if: testData != nil, noTestData))
  func golden() throws {
    let root = Path.join(try #require(testData), "samples")
    let scoring = try COCOScoring(
      annotations: Path.join(root, "coco_mini_train/person_keypoints_train2017.json"),
      detections: Path.join(root, "oks_golden/detections.json"))
    let expected = try FileReading.json(
      of: Path.join(root, "oks_golden/expected.json"), limit: 1 << 26)
    let names = ["AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl"]
    for (name, entry) in zip(names, scoring.evaluation.coco.named) {
      let wanted = try #require(expected["stats"]?[name]?.double)
      #expect(abs(entry.value - wanted) < 1e-12, "\(name)")
    }
    #expect(scoring.detections == 144 && scoring.persons == 86)
  }
}
