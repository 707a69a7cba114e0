import Graph

extension LossDefinition {
  /// Smooth L1 of coordinates divided by the input's size, beta 1 (arXiv 1504.08083).
  static let smoothL1 = LossDefinition(name: "smooth-l1", head: .regression) { input in
    input.coordinateLoss(.smoothL1(beta: 1))
  }
}
