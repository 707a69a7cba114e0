import Glibc
import Pose
import Support
import Testing

@Suite("Keypoints and their metrics")
struct PoseTests {
  @Test("A crop puts the box's centre and corners where its convention says")
  func crops() throws {
    let box = Box(x: 10, y: 20, width: 60, height: 80)
    let unbiased = AffineMap.crop(box, width: 96, height: 128, convention: .unbiased)
    let classic = AffineMap.crop(box, width: 96, height: 128, convention: .classic)
    #expect(unbiased.apply(40, 60) == (47.5, 63.5))
    #expect(classic.apply(40, 60) == (48, 64))
    // 1.25 times 60 x 80 already has the input's aspect.
    let (left, top) = unbiased.apply(40 - 37.5, 60 - 50)
    #expect(abs(left) < 1e-9 && abs(top) < 1e-9)
    let (right, bottom) = classic.apply(40 + 37.5, 60 + 50)
    #expect(abs(right - 96) < 1e-9 && abs(bottom - 128) < 1e-9)
    let narrow = AffineMap.cropRegion(
      Box(x: 0, y: 0, width: 1, height: 80), width: 96, height: 128)
    #expect(abs(narrow.width - 75) < 1e-9 && narrow.height == 100)
  }

  @Test("Maps undo themselves, and the whole picture in the input's size stays as it is")
  func maps() throws {
    let map = AffineMap.turn(degrees: 33, scale: 1.7, aboutX: 5, aboutY: -3)
      .then(.mirror(width: 96)).then(.scaling(2, 0.5, shiftX: 3, shiftY: 4))
    let inverse = try #require(map.inverse)
    let (x, y) = map.apply(12.5, 77)
    let back = inverse.apply(x, y)
    #expect(abs(back.x - 12.5) < 1e-9 && abs(back.y - 77) < 1e-9)
    #expect(AffineMap.scaling(0, 1).inverse == nil)
    for convention in CoordinateConvention.allCases {
      #expect(
        AffineMap.resize(
          fromWidth: 96, fromHeight: 128, width: 96, height: 128, convention: convention)
          == .identity)
    }
  }

  @Test("DARK finds a Gaussian's centre to a hundredth of a heatmap pixel")
  func dark() {
    let (width, height) = (24, 32)
    for (centerX, centerY) in [(11.3, 14.8), (5.0, 5.5), (17.49, 26.2)] {
      var maps = [Float](repeating: 0, count: width * height * 2)
      for y in 0..<height {
        for x in 0..<width {
          let (dx, dy) = (Double(x) - centerX, Double(y) - centerY)
          maps[(y * width + x) * 2 + 1] = Float(exp(-(dx * dx + dy * dy) / 8))
        }
      }
      for (convention, scale) in [(CoordinateConvention.unbiased, 95.0 / 23), (.classic, 4)] {
        let decoder = HeatmapDecoder(
          inputWidth: 96, inputHeight: 128, width: width, height: height, keypoints: 2,
          convention: convention)
        let found = decoder.decode(maps)
        #expect(abs(found[1].x / scale - centerX) < 0.01)
        let scaleY = convention == .unbiased ? 127.0 / 31 : 4
        #expect(abs(found[1].y / scaleY - centerY) < 0.01)
        #expect(found[1].score > 0.9 && found[0].score == 0)
      }
    }
  }

  @Test("Maps of noise, constants and numbers that are none give points inside the input")
  func noise() {
    let random = CounterRandom(seed: 5, name: "maps")
    let decoder = HeatmapDecoder(
      inputWidth: 96, inputHeight: 128, width: 24, height: 32, keypoints: 3, convention: .unbiased)
    for round in 0..<20 {
      let stream = random.stream(round)
      var maps = (0..<(24 * 32 * 3)).map { Float(stream.normal($0)) }
      if round == 1 { maps = maps.map { _ in 1 } }
      if round == 2 { maps = maps.map { _ in .nan } }
      if round == 3 { maps[100] = .infinity }
      for point in decoder.decode(maps) {
        #expect(point.x > -8 && point.x < 104 && point.y > -8 && point.y < 136)
      }
    }
  }

  @Test("The quarter offset goes towards the higher neighbour")
  func quarter() {
    var map = [Float](repeating: 0, count: 64)
    map[3 * 8 + 4] = 1
    map[3 * 8 + 5] = 0.5
    map[2 * 8 + 4] = 0.2
    let decoder = HeatmapDecoder(
      inputWidth: 32, inputHeight: 32, width: 8, height: 8, keypoints: 1, convention: .classic,
      refinement: .quarterOffset)
    let point = decoder.decode(map)[0]
    #expect(point.x == 17 && point.y == 11)
  }

  @Test(
    "OKS falls with COCO's constants: at area 10000 and 10 px .157 for the nose, .897 for a hip")
  func similarity() throws {
    for (index, wanted) in [(0, 0.157), (11, 0.897)] {
      var truth = (0..<17).map { _ in Keypoint(x: 0, y: 0, visibility: .unlabelled) }
      truth[index] = Keypoint(x: 50, y: 50, visibility: .hidden)
      let predicted = (0..<17).map { _ in PredictedKeypoint(x: 60, y: 50, score: 1) }
      let oks = try #require(
        ObjectKeypointSimilarity.between(
          predicted, truth, area: 1e4, sigmas: KeypointSchema.coco17.sigmas))
      #expect(abs(oks - wanted) < 0.0005)
    }
  }

  @Test("PCK counts what is strictly closer; keypoints without labels do not count")
  func correctKeypoints() {
    var truth = (0..<17).map { _ in Keypoint(x: 0, y: 0, visibility: .unlabelled) }
    var predicted = (0..<17).map { _ in PredictedKeypoint(x: 0, y: 0, score: 1) }
    truth[0] = Keypoint(x: 100, y: 100, visibility: .visible)
    truth[5] = Keypoint(x: 100, y: 100, visibility: .visible)
    predicted[0] = PredictedKeypoint(x: 120, y: 100, score: 1)
    predicted[5] = PredictedKeypoint(x: 100, y: 109, score: 1)
    let person = EvaluatedPerson(
      image: 0, truth: truth, predicted: predicted,
      box: Box(x: 0, y: 0, width: 50, height: 200), area: nil)
    let result = KeypointEvaluation([person], schema: .coco17)
    // 20 px is exactly 0.1 of 200 px: not closer. 9 px is closer than 0.05.
    #expect(result.pck.values == [0.5, 0.5, 1])
    #expect(result.keypointPCK10[0] == 0 && result.keypointPCK10[5] == 1)
    #expect(result.keypointPCK10[1].isNaN)
    #expect(result.epe == 14.5 && abs(result.nme - 14.5 / 200) < 1e-12)
    #expect(result.keypointNME[0] == 0.1 && result.keypointNME[3].isNaN)
    #expect(person.areaInForce == 0.53 * 50 * 200)
    #expect(
      result.named.map(\.name) == [
        "AP", "AP50", "AP75", "APM", "APL", "AR", "AR50", "AR75", "ARM", "ARL", "PCK@0.05",
        "PCK@0.1", "PCK@0.2", "EPE", "NME", "AUC",
      ])
  }

  @Test("Nobody to evaluate gives no numbers, and labels as predictions give 1")
  func extremes() {
    let empty = KeypointEvaluation([], schema: .coco17)
    #expect(empty.coco.ap == -1 && empty.epe.isNaN && empty.pck.values[0].isNaN)
    let people = (0..<5).map { index -> EvaluatedPerson in
      let truth = gridPoints(200, 300)
      return EvaluatedPerson(
        image: index / 2, truth: truth,
        predicted: truth.map { PredictedKeypoint(x: $0.x, y: $0.y, score: 0.9) },
        box: nil, area: 5000, score: 1)
    }
    let perfect = KeypointEvaluation(people, schema: .coco17)
    #expect(abs(perfect.coco.ap - 1) < 1e-12 && perfect.coco.ar == 1)
    #expect(perfect.coco.apLarge == -1 && perfect.oks == Array(repeating: 1, count: 5))
  }
}
