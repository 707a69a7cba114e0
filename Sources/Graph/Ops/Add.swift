/// Sum of two maps of one shape, with ReLU when asked for.
///
/// - forward: inputs `a`, `b`; output `y = [relu](a + b)`.
/// - gradient: inputs `dy`, and `y` when `relu`; outputs `da`, `db`, both the masked `dy`.
public struct Add: Sendable, Hashable {
  /// Whether negative results become zero.
  public var relu: Bool

  /// A sum.
  public init(relu: Bool) { self.relu = relu }
}

extension GraphBuilder {
  /// Adds the sum of two maps.
  public func add(_ a: TensorID, _ b: TensorID, relu: Bool = false) -> TensorID {
    precondition(self[a].shape == self[b].shape, "summands have one shape")
    let y = map(self[a].shape)
    add(.add(Add(relu: relu)), [a, b], [y])
    return y
  }
}

extension GradientContext {
  mutating func add(_ attributes: Add, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(
      .addGradient(attributes), [dy] + (attributes.relu ? [node.outputs[0]] : []),
      of: node.inputs, node.scope)
  }
}
