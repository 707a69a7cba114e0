public import Graph

/// How far a prediction is from the keypoints: one file under `Losses/` and one line in the catalogue.
public struct LossDefinition: Sendable {
  /// Name on the command line.
  public let name: String
  /// The head whose predictions it compares.
  public let head: Head
  /// Values that a head of coordinates predicts for each keypoint: 2, or 4 with deviations.
  public let valuesPerKeypoint: Int
  /// The loss node for a geometry.
  public let op: @Sendable (_ input: LossInput) -> Op

  init(
    name: String, head: Head, valuesPerKeypoint: Int = 2,
    op: @escaping @Sendable (_ input: LossInput) -> Op
  ) {
    self.name = name
    self.head = head
    self.valuesPerKeypoint = valuesPerKeypoint
    self.op = op
  }
}

/// What is known of a keypoint beside its place.
public struct KeypointFacts: Sendable, Hashable {
  /// Its weight in losses that weigh keypoints: 1, and more for limbs.
  public var weight: Double
  /// COCO's constant of OKS.
  public var sigma: Double

  /// The facts of a keypoint.
  public init(weight: Double = 1, sigma: Double) {
    self.weight = weight
    self.sigma = sigma
  }
}

/// What a loss has to know of the geometry.
public struct LossInput: Sendable, Hashable {
  /// Width of the network's input, px.
  public var width: Int
  /// Height of the network's input, px.
  public var height: Int
  /// Extents of the prediction.
  public var prediction: Shape
  /// Whether coordinates are unbiased (UDP): last pixel on last pixel.
  public var isUnbiased: Bool
  /// The keypoints in order.
  public var keypoints: [KeypointFacts]

  /// Deviation of the heatmaps' Gaussians, heatmap px: 2 at a width of 48 and in proportion
  /// elsewhere (HRNet's rule), but at least 1.5.
  public var heatmapSigma: Float { max(1.5, 2 * Float(prediction.w) / 48) }

  /// Heatmap px per input px in x and y.
  public var scale: (x: Double, y: Double) {
    if isUnbiased {
      return (
        Double(prediction.w - 1) / Double(width - 1), Double(prediction.h - 1) / Double(height - 1)
      )
    }
    return (Double(prediction.w) / Double(width), Double(prediction.h) / Double(height))
  }

  /// A heatmap loss of this geometry.
  func heatmapLoss(
    _ kind: HeatmapLoss.Kind = .squared, _ normalization: HeatmapLoss.Normalization = .labelled
  ) -> Op {
    let scale = scale
    return .heatmapLoss(
      HeatmapLoss(
        sigma: heatmapSigma, scaleX: Float(scale.x), scaleY: Float(scale.y), kind: kind,
        normalization: normalization))
  }

  /// A coordinate loss of this geometry.
  func coordinateLoss(_ kind: CoordinateLoss.Kind, pointValues: [Double] = []) -> Op {
    .coordinateLoss(
      CoordinateLoss(
        width: Float(width), height: Float(height), kind: kind,
        pointValues: pointValues.map { Float($0) }))
  }
}
