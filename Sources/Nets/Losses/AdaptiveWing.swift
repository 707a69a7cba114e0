import Graph

extension LossDefinition {
  /// Adaptive wing on heatmaps (arXiv 1904.07399) with the paper's constants, by labelled count.
  static let adaptiveWing = LossDefinition(name: "adaptive-wing", head: .heatmap) { input in
    input.heatmapLoss(.adaptiveWing(alpha: 2.1, omega: 14, epsilon: 1, theta: 0.5))
  }
}
