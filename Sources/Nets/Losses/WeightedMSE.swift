import Graph

extension LossDefinition {
  /// MSE of coordinates in which elbows, knees, wrists and ankles weigh more.
  static let weightedMSE = LossDefinition(name: "weighted-mse", head: .regression) { input in
    input.coordinateLoss(.squared, pointValues: input.keypoints.map(\.weight))
  }
}
