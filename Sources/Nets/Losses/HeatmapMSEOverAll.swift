import Graph

extension LossDefinition {
  /// MSE against Gaussians, the mean over all keypoints whether labelled or not (mmpose).
  static let heatmapMSEOverAll = LossDefinition(name: "heatmap-mse-all", head: .heatmap) { input in
    input.heatmapLoss(.squared, .all)
  }
}
