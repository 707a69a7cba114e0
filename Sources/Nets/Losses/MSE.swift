import Graph

extension LossDefinition {
  /// MSE of coordinates divided by the input's size.
  static let mse = LossDefinition(name: "mse", wantsHeatmaps: false) { input in
    .coordinateLoss(CoordinateLoss(width: Float(input.width), height: Float(input.height)))
  }
}
