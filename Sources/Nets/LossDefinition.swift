public import Graph

/// How far a prediction is from the keypoints: one file under `Losses/` and one line in the catalogue.
public struct LossDefinition: Sendable {
  /// Name on the command line.
  public let name: String
  /// Whether it wants heatmaps (else coordinates).
  public let wantsHeatmaps: Bool
  /// The loss node for an input of that size (px) and heatmaps of that shape.
  public let op: @Sendable (_ input: LossInput) -> Op
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
}
