import Graph

extension LossDefinition {
  /// MSE against Gaussians of deviation 2 px at 48×64 and in proportion elsewhere (HRNet's rule),
  /// but at least 1.5 px, by labelled count.
  static let heatmapMSE = LossDefinition(name: "heatmap-mse", wantsHeatmaps: true) { input in
    let scale = input.scale
    let sigma = max(1.5, 2 * Float(input.prediction.w) / 48)
    return .heatmapLoss(
      HeatmapLoss(sigma: sigma, scaleX: Float(scale.x), scaleY: Float(scale.y)))
  }
}
