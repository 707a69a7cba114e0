import Pose
import Support
import Testing

private func person(_ image: Int, at x: Double, area: Double = 10_000, isCrowd: Bool = false)
  -> COCOPerson
{
  COCOPerson(
    image: image, keypoints: points(at: x),
    box: Box(x: x, y: 0, width: 100, height: 200), area: area, isCrowd: isCrowd,
    labelled: isCrowd ? 0 : nil)
}

private func points(at x: Double) -> [Keypoint] {
  gridPoints(100, 200).map { Keypoint(x: $0.x + x, y: $0.y, visibility: .visible) }
}

private func detection(_ image: Int, at x: Double, score: Double) -> COCODetection {
  COCODetection(
    image: image,
    keypoints: points(at: x).map { PredictedKeypoint(x: $0.x, y: $0.y, score: 1) }, score: score)
}

private func scores(_ detections: [COCODetection], _ persons: [COCOPerson]) -> COCOScores {
  COCOEvaluation.scores(of: detections, against: persons, sigmas: KeypointSchema.coco17.sigmas)
}

/// pycocotools adds an epsilon to divisors, so a perfect precision is a little below 1.
private func isNear(_ value: Double, _ wanted: Double) -> Bool { abs(value - wanted) < 1e-12 }

@Suite("COCO's average precision")
struct COCOEvaluationTests {
  @Test("A false detection between two right ones: precision 1 up to half the recall, then 2/3")
  func handMade() {
    let result = scores(
      [
        detection(1, at: 0, score: 0.9), detection(1, at: 2000, score: 0.8),
        detection(1, at: 500, score: 0.7),
      ], [person(1, at: 0), person(1, at: 500)])
    #expect(isNear(result.ap, (51 + 50 * 2.0 / 3) / 101))
    #expect(isNear(result.ap50, result.ap) && result.ar == 1 && result.apMedium == -1)
    // The extent of the false detection's points is no large person's.
    #expect(isNear(result.apLarge, 1))
  }

  @Test("A second detection of one person is false; one of a crowd does not count")
  func repeated() {
    let twice = [detection(1, at: 0, score: 0.9), detection(1, at: 0, score: 0.95)]
    #expect(isNear(scores(twice, [person(1, at: 0)]).ap, 1))
    let missed = scores(twice, [person(1, at: 0), person(2, at: 0)])
    #expect(isNear(missed.ap, 51.0 / 101) && missed.ar == 0.5)
    let crowd = scores(
      [
        detection(1, at: 0, score: 0.9), detection(1, at: 1000, score: 0.95),
        detection(1, at: 1001, score: 0.96),
      ], [person(1, at: 0), person(1, at: 1000, isCrowd: true)])
    #expect(isNear(crowd.ap, 1))
  }

  @Test("Only the 20 best detections of a picture count")
  func limit() {
    let wrong = (0..<20).map { detection(1, at: 5000 + Double($0), score: 0.9) }
    let right = detection(1, at: 0, score: 0.1)
    #expect(scores(wrong + [right], [person(1, at: 0)]).ar == 0)
    #expect(scores(Array(wrong.dropLast()) + [right], [person(1, at: 0)]).ar == 1)
  }

  @Test("Areas decide who is medium and who is large")
  func areas() {
    let result = scores(
      [detection(1, at: 0, score: 0.9), detection(2, at: 0, score: 0.8)],
      [person(1, at: 0, area: 5000), person(2, at: 0, area: 50_000)])
    #expect(isNear(result.apMedium, 1) && isNear(result.apLarge, 1))
    let missed = scores(
      [detection(1, at: 0, score: 0.9)],
      [person(1, at: 0, area: 5000), person(2, at: 0, area: 50_000)])
    #expect(isNear(missed.apMedium, 1) && missed.apLarge == 0 && missed.arLarge == 0)
  }

  @Test(
    "144 detections of real people give what pycocotools prints",
    .enabled(if: testData != nil, noTestData))
  func golden() throws {
    let root = Path.join(try #require(testData), "samples")
    let truth = try FileReading.json(
      of: Path.join(root, "coco_mini_train/person_keypoints_train2017.json"), limit: 64 << 20)
    let found = try FileReading.json(
      of: Path.join(root, "oks_golden/detections.json"), limit: 64 << 20)
    let expected = try FileReading.json(
      of: Path.join(root, "oks_golden/expected.json"), limit: 64 << 20)
    var ids: [Int] = []
    let persons = try #require(truth["annotations"]?.array).map { annotation -> COCOPerson in
      let numbers = annotation["keypoints"]?.array?.compactMap(\.double) ?? []
      let box = annotation["bbox"]?.array?.compactMap(\.double) ?? []
      ids.append(annotation["id"]?.int ?? -1)
      return COCOPerson(
        image: annotation["image_id"]?.int ?? -1,
        keypoints: stride(from: 0, to: numbers.count, by: 3).map {
          Keypoint(
            x: numbers[$0], y: numbers[$0 + 1],
            visibility: numbers[$0 + 2] > 0 ? .visible : .unlabelled)
        }, box: Box(x: box[0], y: box[1], width: box[2], height: box[3]),
        area: annotation["area"]?.double ?? 0, isCrowd: annotation["iscrowd"]?.int == 1,
        labelled: annotation["num_keypoints"]?.int)
    }
    let detections = try #require(found.array).map { entry -> COCODetection in
      let numbers = entry["keypoints"]?.array?.compactMap(\.double) ?? []
      return COCODetection(
        image: entry["image_id"]?.int ?? -1,
        keypoints: stride(from: 0, to: numbers.count, by: 3).map {
          PredictedKeypoint(x: numbers[$0], y: numbers[$0 + 1], score: numbers[$0 + 2])
        }, score: entry["score"]?.double ?? 0)
    }
    let result = scores(detections, persons)
    let names = ["AP", "AP50", "AP75", "APm", "APl", "AR", "AR50", "AR75", "ARm", "ARl"]
    for (name, entry) in zip(names, result.named) {
      let wanted = try #require(expected["stats"]?[name]?.double)
      #expect(abs(entry.value - wanted) < 1e-12, "\(name): \(entry.value), \(wanted)")
    }
    var compared = 0
    for pair in expected["pair_oks"]?.array ?? [] {
      let index = try #require(ids.firstIndex(of: pair["gt_annotation_id"]?.int ?? -2))
      let predicted = detections[pair["detection_index"]?.int ?? 0].keypoints
      let oks = ObjectKeypointSimilarity.between(
        predicted, persons[index].keypoints, area: persons[index].area,
        sigmas: KeypointSchema.coco17.sigmas)
      guard let oks else { continue }
      #expect(abs(oks - (pair["oks"]?.double ?? -1)) < 1e-9)
      compared += 1
    }
    #expect(compared > 100)
  }
}

@Suite("People who were found twice")
struct SuppressionTests {
  @Test("Of two detections of one person the better one stays; others are left alone")
  func suppression() {
    func wide(_ found: COCODetection) -> COCODetection {
      var found = found
      found.area = 10_000
      return found
    }
    let found = [
      wide(detection(1, at: 1, score: 0.4)), wide(detection(1, at: 0, score: 0.9)),
      wide(detection(1, at: 40, score: 0.5)), wide(detection(1, at: 300, score: 0.5)),
    ]
    let sigmas = KeypointSchema.coco17.sigmas
    #expect(OKSSuppression.kept(found, sigmas: sigmas) == [1, 2, 3])
    #expect(OKSSuppression.kept(found, sigmas: sigmas, limit: 0.02) == [1, 3])
    #expect(OKSSuppression.kept([], sigmas: sigmas) == [])
  }
}
