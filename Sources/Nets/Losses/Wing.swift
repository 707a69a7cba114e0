import Graph

extension LossDefinition {
  /// Wing in px of the input, omega 10, epsilon 2 (arXiv 1711.06753).
  static let wing = LossDefinition(name: "wing", head: .regression) { input in
    input.coordinateLoss(.wing(omega: 10, epsilon: 2))
  }
}
