import Graph

extension LossDefinition {
  /// KL divergence of SimCC's distributions, Gaussians of deviation 6 bins (arXiv 2107.03332).
  static let simccKL = LossDefinition(name: "simcc-kl", head: .simcc) { input in
    .simccLoss(
      SimCCLoss(
        binsX: SimCC.binsPerPixel * input.width, binsY: SimCC.binsPerPixel * input.height,
        scale: Float(SimCC.binsPerPixel), sigma: 6))
  }
}
