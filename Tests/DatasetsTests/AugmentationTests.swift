import Datasets
import Glibc
import Imaging
import Pose
import Support
import TestSupport
import Testing
import Wording

/// What reading a setting gives: the augmentation's name, or the sentence of the error.
private func reading(_ text: String) -> String {
  do throws(AugmentationError) {
    return try Augmentation(setting: text).name
  } catch {
    return error.sentence.text()
  }
}

/// A picture with one soft dot.
private func dotted(_ width: Int, _ height: Int, x: Double, y: Double) -> ImageBuffer {
  var picture = ImageBuffer(width: width, height: height)
  for row in 0..<height {
    for column in 0..<width {
      let (dx, dy) = (Double(column) - x, Double(row) - y)
      let value = UInt8(255 * exp(-(dx * dx + dy * dy) / 32))
      for channel in 0..<3 { picture.pixels[(row * width + column) * 3 + channel] = value }
    }
  }
  return picture
}

@Suite("Augmentation")
struct AugmentationTests {
  @Test("A file begins with a preset and changes some numbers; reading its JSON back is the same")
  func files() throws {
    let custom = try Augmentation(
      setting: #"{"from": "standard", "rotation": 20, "half-body": 0, "erase": 0.5, "blur": 0.2}"#)
    var wanted = Augmentation.standard
    wanted.name = "custom"
    (wanted.rotation, wanted.halfBody, wanted.erase, wanted.eraseSize) = (20, 0, 0.5, 0.3)
    (wanted.blur, wanted.blurSigma) = (0.2, 1.5)
    #expect(custom == wanted)
    #expect(try Augmentation(json: custom.json) == custom)
    #expect(try Augmentation(setting: #"{"rotation": 30}"#).rotationProbability == 1)
    var still = Augmentation.none
    (still.name, still.rotation) = ("custom", 30)
    #expect(try Augmentation(json: still.json) == still)
    #expect(try Augmentation(setting: #"{"from": "light"}"#) == .light)
    #expect(try Augmentation(setting: "{}") == .none)
    for preset in Augmentation.presets {
      #expect(try Augmentation(setting: preset.name) == preset)
    }
  }

  @Test("What is no augmentation is said with the nearest word and what it must be")
  func refusals() {
    #expect(reading("standart") == "There is no augmentation standart; did you mean standard?")
    #expect(reading("{").hasPrefix("There is no augmentation {: it must be none, light"))
    #expect(
      reading(#"{"rotatoin": 3}"#) == "An augmentation has no rotatoin; did you mean rotation?")
    #expect(
      reading(#"{"flip": 2}"#)
        == "The augmentation's flip cannot be 2: it must be a number from 0 to 1."
    )
    #expect(reading(#"{"flip": "yes"}"#).contains("cannot be \"yes\""))
    #expect(
      reading(#"{"from": "heavy"}"#)
        == "The augmentation's from cannot be heavy: it must be none, light, standard.")
  }

  @Test("A drawn dot and its target stay within half a pixel through any chain")
  func anyChain() throws {
    let folder = TemporaryFolder()
    let (x, y) = (205.0, 260.0)
    var set = try dataset(
      folder, pictures: [("a.png", dotted(400, 500, x: x, y: y))],
      box: Box(x: 110, y: 120, width: 190, height: 290))
    set.samples[0].keypoints[0] = Keypoint(x: x, y: y, visibility: .visible)
    var (checked, erased) = (0, 0)
    for chain in 0..<60 {
      let random = CounterRandom(seed: 5, name: "chain").stream(chain)
      var augmentation = Augmentation.none
      augmentation.flip = random.uniform(0)
      augmentation.scale = 0.4 * random.uniform(1)
      augmentation.rotation = 90 * random.uniform(2)
      augmentation.rotationProbability = random.uniform(3)
      augmentation.shift = 0.2 * random.uniform(4)
      augmentation.halfBody = random.uniform(5)
      augmentation.brightness = 0.1 * random.uniform(6)
      augmentation.contrast = 0.3 * random.uniform(7)
      augmentation.color = 0.3 * random.uniform(8)
      augmentation.blur = random.uniform(9)
      augmentation.blurSigma = 2 * random.uniform(10)
      augmentation.erase = 0.5 * random.uniform(11)
      augmentation.eraseSize = 0.3 * random.uniform(12)
      for convention in CoordinateConvention.allCases {
        let input = InputSpec(width: 96, height: 128, convention: convention)
        for epoch in 0..<4 {
          let seen = try SamplePreview.augmented(
            set, sample: 0, epoch: epoch, input: input, augmentation: augmentation, seed: chain)
          let target = seen.keypoints[0]
          guard target.isLabelled, (14...82).contains(target.x), (14...114).contains(target.y)
          else { continue }
          // A rectangle in the mean colour is neither the dot nor its ground.
          let window = Window(seen.picture, around: target)
          if augmentation.erase > 0, window.isErased {
            erased += 1
            continue
          }
          checked += 1
          #expect(window.centroidError < 0.5, "chain \(chain), epoch \(epoch)")
        }
      }
    }
    #expect(checked > 150 && erased > 5, "\(checked), \(erased)")
  }

  @Test("Blur keeps the mean and erasing the mean colour; both are the same for the same epoch")
  func pixels() throws {
    let folder = TemporaryFolder()
    let set = try dataset(folder, pictures: [("a.png", patterned(96, 128))])
    let input = InputSpec(width: 96, height: 128)
    func seen(_ augmentation: Augmentation, epoch: Int = 0) throws -> ImageBuffer {
      try SamplePreview.augmented(
        set, sample: 0, epoch: epoch, input: input, augmentation: augmentation, seed: 1
      ).picture
    }
    let plain = try seen(.none)
    #expect(plain == patterned(96, 128))
    var blur = Augmentation.none
    (blur.blur, blur.blurSigma) = (1, 3)
    let soft = try seen(blur)
    func mean(_ picture: ImageBuffer) -> Double {
      Double(picture.pixels.reduce(0) { $0 + Int($1) }) / Double(picture.pixels.count)
    }
    func roughness(_ picture: ImageBuffer) -> Double {
      let steps = picture.pixels.indices.dropLast(3).map {
        abs(Int(picture.pixels[$0]) - Int(picture.pixels[$0 + 3]))
      }
      return Double(steps.reduce(0, +)) / Double(steps.count)
    }
    #expect(abs(mean(soft) - mean(plain)) < 2)
    #expect(roughness(soft) < roughness(plain) / 4)
    #expect(try seen(blur) == soft)
    #expect(try seen(blur, epoch: 1) != soft)
    var erase = Augmentation.none
    (erase.erase, erase.eraseSize) = (1, 0.4)
    for epoch in 0..<8 {
      let holed = try seen(erase, epoch: epoch)
      let changed = (0..<(96 * 128)).filter { holed.pixels[$0 * 3] != plain.pixels[$0 * 3] }
      let columns = changed.map { $0 % 96 }
      let rows = changed.map { $0 / 96 }
      let width = (columns.max() ?? 0) - (columns.min() ?? 0) + 1
      let height = (rows.max() ?? 0) - (rows.min() ?? 0) + 1
      #expect((18...39).contains(width) && (24...52).contains(height), "\(width) x \(height)")
      #expect(changed.allSatisfy { holed.pixels[$0 * 3] == 124 })
    }
  }
}

/// The surroundings of a target.
private struct Window {
  private let picture: ImageBuffer
  private let target: Keypoint

  init(_ picture: ImageBuffer, around target: Keypoint) {
    self.picture = picture
    self.target = target
  }

  private var places: [(x: Int, y: Int)] {
    (-12...12).flatMap { dy in
      (-12...12).map { (Int(target.x.rounded()) + $0, Int(target.y.rounded()) + dy) }
    }
  }

  /// Whether a rectangle in ImageNet's mean colour covers a part of it.
  var isErased: Bool {
    places.count { picture.color(x: $0.x, y: $0.y) == (124, 116, 104) } > 0
  }

  /// Distance of the centre of brightness from the target, px.
  var centroidError: Double {
    let values = places.map { Double(picture.color(x: $0.x, y: $0.y).red) }
    let ground = values.min() ?? 0
    var sum = (weight: 0.0, x: 0.0, y: 0.0)
    for (place, value) in zip(places, values) {
      sum.weight += value - ground
      sum.x += (value - ground) * Double(place.x)
      sum.y += (value - ground) * Double(place.y)
    }
    return hypot(sum.x / sum.weight - target.x, sum.y / sum.weight - target.y)
  }
}
