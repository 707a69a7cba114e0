import Graph

extension LossDefinition {
  /// MSE of coordinates divided by the input's size.
  static let mse = LossDefinition(name: "mse", head: .regression) { input in
    input.coordinateLoss(.squared)
  }
}
