import Pose
import Support

/// How much training pictures are varied; all geometry goes into the one warp of the crop.
public struct Augmentation: Sendable, Hashable {
  /// The preset's name, or `custom`.
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
  /// Probability of a blur.
  public var blur = 0.0
  /// The largest deviation of the blur's Gaussian, px of the input; the smallest is a third of it.
  public var blurSigma = 0.0
  /// Probability that a rectangle is erased to the mean colour (coarse dropout with one hole).
  public var erase = 0.0
  /// The largest sides of that rectangle, as a share of the input's; the smallest are half of it.
  public var eraseSize = 0.0

  /// Pictures as they are.
  public static let none = Augmentation(name: "none")

  /// For data whose people resemble each other.
  public static let light = Augmentation(
    name: "light", flip: 0.5, scale: 0.15, rotation: 7.5, rotationProbability: 0.6, shift: 0.04,
    brightness: 0.1, contrast: 0.1)

  /// The usual strength for photographs (SimpleBaseline's geometry with half bodies, and colour).
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
