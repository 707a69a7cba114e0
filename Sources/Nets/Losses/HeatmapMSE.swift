import Graph

extension LossDefinition {
  /// MSE against Gaussians of deviation `heatmapSigma`, by labelled count.
  static let heatmapMSE = LossDefinition(name: "heatmap-mse", wantsHeatmaps: true) { input in
    let scale = input.scale
    return .heatmapLoss(
      HeatmapLoss(sigma: input.heatmapSigma, scaleX: Float(scale.x), scaleY: Float(scale.y)))
  }
}
