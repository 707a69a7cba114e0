import Graph

extension LossDefinition {
  /// One minus the object keypoint similarity (arXiv 2204.06806).
  static let oks = LossDefinition(name: "oks", head: .regression) { input in
    input.coordinateLoss(
      .objectKeypointSimilarity, pointValues: input.keypoints.map(\.sigma))
  }
}
