import Graph

extension LossDefinition {
  /// Soft wing in px of the input, omega 2 and 20, epsilon 0.5 (mmpose).
  static let softWing = LossDefinition(name: "soft-wing", head: .regression) { input in
    input.coordinateLoss(.softWing(omega1: 2, omega2: 20, epsilon: 0.5))
  }
}
