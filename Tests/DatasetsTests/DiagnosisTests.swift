import Datasets
import Pose
import Support
import Testing

/// A person standing upright, 17 points, with its box of 100 x 200 at x.
private func person(at x: Double, image: Int = 0) -> EvaluatedPerson {
  let places: [(Double, Double)] = [
    (50, 10), (55, 8), (45, 8), (62, 10), (38, 10), (75, 45), (25, 45), (88, 80), (12, 80),
    (95, 110), (5, 110), (65, 110), (35, 110), (66, 155), (34, 155), (67, 195), (33, 195),
  ]
  let truth = places.map { Keypoint(x: $0.0 + x, y: $0.1, visibility: .visible) }
  return EvaluatedPerson(
    image: image, truth: truth,
    predicted: truth.map { PredictedKeypoint(x: $0.x, y: $0.y, score: 1) },
    box: Box(x: x, y: 0, width: 100, height: 200), area: 10_000)
}

@Suite("Error diagnosis and further metrics")
struct DiagnosisTests {
  @Test("A wrist is good, jittered, inverted, swapped or missed by where it was found")
  func kinds() {
    var found = person(at: 0)
    let other = person(at: 300)
    let wrist = 9
    func kind(_ x: Double, _ y: Double) -> KeypointErrorKind? {
      found.predicted[wrist] = PredictedKeypoint(x: x, y: y, score: 1)
      return ErrorDiagnosis.kinds(of: found, others: [other], schema: .coco17)[wrist]
    }
    let label = found.truth[wrist]
    // At area 10,000 the wrist's similarity is exp(-d² / 307.5): .85 at 7.07 px, .5 at 14.6 px.
    #expect(kind(label.x + 7.0, label.y) == .good)
    #expect(kind(label.x + 7.2, label.y) == .jitter)
    #expect(kind(label.x + 14.5, label.y) == .jitter)
    #expect(kind(label.x + 14.8, label.y) == .miss)
    #expect(kind(found.truth[10].x, found.truth[10].y + 10) == .inversion)
    #expect(kind(other.truth[9].x, other.truth[9].y) == .swap)
    #expect(kind(other.truth[10].x, other.truth[10].y) == .swap)
    found.truth[wrist].visibility = .unlabelled
    #expect(kind(label.x, label.y) == nil)
  }

  @Test("Persons of other pictures are nobody to swap with, and counts cover every labelled point")
  func counts() {
    var first = person(at: 0)
    let second = person(at: 300)
    first.predicted[9] = PredictedKeypoint(x: second.truth[9].x, y: second.truth[9].y, score: 1)
    first.predicted[13] = PredictedKeypoint(x: first.truth[14].x, y: first.truth[14].y, score: 1)
    let together = ErrorDiagnosis.counts([first, second], schema: .coco17)
    #expect(together[9] == [1, 0, 0, 1, 0] && together[13] == [1, 0, 1, 0, 0])
    #expect(together.allSatisfy { $0.reduce(0, +) == 2 })
    var apart = second
    apart.image = 1
    #expect(ErrorDiagnosis.counts([first, apart], schema: .coco17)[9] == [1, 0, 0, 0, 1])
    // 16 sided joints of two persons; one is swapped and one inverted.
    #expect(abs(ErrorDiagnosis.inversionShare(together, schema: .coco17) - 1.0 / 31) < 1e-12)
    #expect(ErrorDiagnosis.inversionShare([], schema: .coco17).isNaN)
  }

  @Test("Rising inversions are told once; a healthy training never is")
  func watch() {
    func alarms(_ shares: [Double]) -> [Int] {
      var watch = InversionWatch()
      return shares.indices.filter { watch.isAlarming(shares[$0]) }
    }
    #expect(alarms([0.1, 0.15, 0.22, 0.3, 0.4]) == [2])
    #expect(alarms([0.35, 0.3, 0.22, 0.23, 0.2, 0.12, 0.1]) == [])
    #expect(alarms([0.02, 0.05, 0.09, 0.12, 0.15]) == [])
    #expect(alarms([.nan, 0.2, 0.25, .nan, 0.35]) == [4])
  }

  @Test("Torso PCK, PCKh and AUC divide by their own lengths")
  func lengths() throws {
    var one = person(at: 0)
    // Left shoulder to right hip: (75, 45) to (35, 110), 76.3 px; a fifth of it is 15.3.
    one.predicted[0].x += 15.25
    one.predicted[1].x += 15.3
    let result = KeypointEvaluation([one], schema: .coco17)
    #expect(result.torsoPCK.perKeypoint[0][0] == 1 && result.torsoPCK.perKeypoint[0][1] == 0)
    #expect(
      result.named.contains { $0.name == "PCK-torso@0.2" && abs($0.value - 16.0 / 17) < 1e-12 })
    #expect(!result.named.contains { $0.name.hasPrefix("PCKh") })
    // 15.25 px of 200 lie within .10, .15, ... .95 of the box, every exact point within .05 ... .95.
    #expect(abs(result.keypointAUC[0] - 18.0 / 20) < 1e-12)
    #expect(abs(result.auc - (2 * 18 + 15 * 19) / 340.0) < 1e-12)
    one.headSize = 30.5
    let head = KeypointEvaluation([one], schema: .coco17).headPCK
    // Half of 30.5 is the nose's 15.25: equal counts.
    #expect(head.perKeypoint[0][0] == 1 && head.perKeypoint[0][1] == 0)
    #expect(abs(head.values[0] - 16.0 / 17) < 1e-12)
  }

  @Test("The mean pose of two samples lies between them, in the pixels of the crop")
  func meanPose() throws {
    let box = Box(x: 0, y: 0, width: 75, height: 100)
    var samples = (0..<2).map { index in
      Sample(
        imagePath: "none", name: "none", image: index, keypoints: gridPoints(75, 100), box: box)
    }
    samples[0].keypoints[3] = Keypoint(x: 10, y: 20, visibility: .visible)
    samples[1].keypoints[3] = Keypoint(x: 30, y: 60, visibility: .visible)
    samples[1].keypoints[4].visibility = .unlabelled
    let set = Dataset(name: "s", path: "s", format: "coco", schema: .coco17, samples: samples)
    let input = InputSpec(width: 96, height: 128)
    let pose = MeanPose.inInput(set, samples: [0, 1], input: input)
    let map = AffineMap.crop(box, width: 96, height: 128, convention: .unbiased)
    let (x, y) = map.apply(20, 40)
    #expect(abs(pose[3].x - x) < 1e-9 && abs(pose[3].y - y) < 1e-9)
    let point = samples[0].keypoints[4]
    let fourth = map.apply(point.x, point.y)
    #expect(abs(pose[4].x - fourth.x) < 1e-9)
  }
}
