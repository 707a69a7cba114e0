import Graph

extension LossDefinition {
  /// Residual log-likelihood (RLE, arXiv 2107.11291): coordinates with deviations, and a density of
  /// their errors that is learned along; may be negative.
  static let residualLikelihood = LossDefinition(
    name: "rle", head: .regression, valuesPerKeypoint: 4
  ) { input in
    .likelihoodLoss(LikelihoodLoss(width: Float(input.width), height: Float(input.height)))
  }
}
