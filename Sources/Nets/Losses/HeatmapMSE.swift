import Graph

extension LossDefinition {
  /// MSE against Gaussians of deviation `heatmapSigma`, by labelled count.
  static let heatmapMSE = LossDefinition(name: "heatmap-mse", head: .heatmap) { input in
    input.heatmapLoss()
  }
}
