public import Imaging
public import Pose

/// What a network takes in: a picture of fixed size, normalised per channel.
public struct InputSpec: Sendable, Hashable {
  /// Width, px.
  public var width: Int
  /// Height, px.
  public var height: Int
  /// How crops and heatmaps correspond to pixels.
  public var convention: CoordinateConvention
  /// What is subtracted from red, green and blue in 0...1 (ImageNet's means).
  public var mean = SIMD3<Float>(0.485, 0.456, 0.406)
  /// What the difference is divided by (ImageNet's deviations).
  public var deviation = SIMD3<Float>(0.229, 0.224, 0.225)

  /// The margin around a person's box.
  public static let padding = 1.25

  /// An input in RGB with ImageNet's normalisation.
  public init(width: Int, height: Int, convention: CoordinateConvention = .unbiased) {
    self.width = width
    self.height = height
    self.convention = convention
  }

  /// From the pixels of a sample's picture to those of the input, without augmentation.
  ///
  /// With a box: the box with its margin. Without: the whole picture without margin, each axis for
  /// itself; the identity when the picture has the input's size.
  public func map(for sample: Sample, in size: ImageSize) -> AffineMap {
    guard let box = sample.box else {
      return .resize(
        fromWidth: size.width, fromHeight: size.height, width: width, height: height,
        convention: convention)
    }
    return .crop(
      box, padding: Self.padding, width: width, height: height, convention: convention)
  }

  /// Whether a point lies on the input's area.
  func contains(x: Double, y: Double) -> Bool {
    x >= -0.5 && y >= -0.5 && x < Double(width) - 0.5 && y < Double(height) - 0.5
  }
}
