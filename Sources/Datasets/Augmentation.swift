import Pose
import Support

/// How much training pictures are varied; all geometry goes into the one warp of the crop.
public struct Augmentation: Sendable, Hashable {
  /// The preset's name.
  public var name: String
  /// Probability of the mirror image, with left and right keypoints swapped.
  public var flip = 0.0
  /// The scale is normal around 1 with this deviation, cut off at ± the same.
  public var scale = 0.0
  /// The angle is normal with this deviation in degrees, cut off at ± twice that.
  public var rotation = 0.0
  /// Probability of a rotation.
  public var rotationProbability = 0.0
  /// The largest shift on each axis, as a share of the input's side.
  public var shift = 0.0
  /// Probability of a crop around the upper or lower body (persons with a box and more than 8 points).
  public var halfBody = 0.0
  /// The largest change of brightness, as a share of the full range.
  public var brightness = 0.0
  /// The largest relative change of contrast.
  public var contrast = 0.0
  /// The largest relative change of each colour channel.
  public var color = 0.0

  /// Pictures as they are.
  public static let none = Augmentation(name: "none")

  /// For data whose people resemble each other.
  public static let light = Augmentation(
    name: "light", flip: 0.5, scale: 0.15, rotation: 7.5, rotationProbability: 0.6, shift: 0.04,
    brightness: 0.1, contrast: 0.1)

  /// The usual strength for photographs (HRNet's, with colour).
  public static let standard = Augmentation(
    name: "standard", flip: 0.5, scale: 0.3, rotation: 40, rotationProbability: 0.6, shift: 0.05,
    halfBody: 0.3, brightness: 0.15, contrast: 0.2, color: 0.1)

  /// All presets.
  public static let presets = [none, light, standard]

  /// The same variations with amounts `factor` times as large, within what leaves a person in the
  /// picture; how often pictures are mirrored stays.
  public func scaled(by factor: Double) -> Augmentation {
    guard factor != 1 else { return self }
    var result = self
    result.name = "\(name) x\(NumberText.significant(factor, 3))"
    result.scale = min(0.8, scale * factor)
    result.rotation = min(180, rotation * factor)
    result.shift = min(0.4, shift * factor)
    result.halfBody = min(0.8, halfBody * factor)
    result.brightness = min(0.5, brightness * factor)
    result.contrast = min(0.8, contrast * factor)
    result.color = min(0.5, color * factor)
    return result
  }

  /// The preset of that name.
  public static func named(_ name: String) -> Augmentation? {
    presets.first { $0.name == name }
  }
}

/// The half of the body that a crop may be narrowed to.
enum BodyHalf { case upper, lower }

/// One sample's variation in one epoch: a function of the seed, the epoch and the sample alone.
struct Variation {
  /// Within the input: turn, scale, shift and mirror.
  var map = AffineMap.identity
  var isMirrored = false
  var half: BodyHalf?
  /// Colour becomes `value * gain + offset`, in 0...255.
  var gain = SIMD3<Float>(repeating: 1)
  var offset: Float = 0

  /// Nothing varied.
  init() {}

  /// Each number has its own index in the random stream, so that changing one preset value leaves
  /// the others' numbers alone.
  init(_ augmentation: Augmentation, input: InputSpec, random: CounterRandom) {
    func normal(_ index: Int, limit: Double) -> Double {
      min(max(random.normal(index), -limit), limit)
    }
    func symmetric(_ index: Int) -> Double { random.uniform(index) * 2 - 1 }
    let zoom = 1 / (1 + augmentation.scale * normal(50, limit: 1))
    let turns = random.uniform(1) < augmentation.rotationProbability
    let angle = turns ? augmentation.rotation * normal(51, limit: 2) : 0
    let (centerX, centerY) = (Double(input.width - 1) / 2, Double(input.height - 1) / 2)
    map = .turn(degrees: angle, scale: zoom, aboutX: centerX, aboutY: centerY)
    map.c += augmentation.shift * symmetric(2) * Double(input.width)
    map.f += augmentation.shift * symmetric(3) * Double(input.height)
    isMirrored = random.uniform(0) < augmentation.flip
    if isMirrored { map = map.then(.mirror(width: input.width)) }
    if random.uniform(4) < augmentation.halfBody {
      half = random.uniform(5) < 0.7 ? .upper : .lower
    }
    let contrast = 1 + augmentation.contrast * symmetric(6)
    let brightness = 255 * augmentation.brightness * symmetric(7)
    for channel in 0..<3 {
      gain[channel] = Float(contrast * (1 + augmentation.color * symmetric(8 + channel)))
    }
    offset = Float(127.5 * (1 - contrast) + brightness)
  }
}

extension Augmentation {
  /// A radius around the centre of a crop of `region`'s size that no variation leaves, px.
  func reach(of region: Box) -> Double {
    let largest = 1 + scale
    let radius =
      rotation > 0
      ? (region.width * region.width + region.height * region.height).squareRoot() / 2
      : max(region.width, region.height) / 2
    return largest * (radius + shift * (region.width + region.height))
  }
}
