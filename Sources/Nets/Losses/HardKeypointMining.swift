import Graph

extension LossDefinition {
  /// MSE over the 8 worst keypoints of each image (OHKM, arXiv 1711.07319).
  static let hardKeypointMining = LossDefinition(name: "ohkm", head: .heatmap) { input in
    input.heatmapLoss(.squared, .hardest(count: 8))
  }
}
