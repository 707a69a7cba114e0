// Values of one kind as another (PyTorch's `to`): input `x`, output `y` of the same shape. Its gradient is
// the same op the other way.

extension GraphBuilder {
  /// The map as the layers of this graph's precision read it; itself where it is that already.
  public func asMap(_ x: TensorID) -> TensorID { cast(x, toBytes: precision.mapBytes) }

  /// The tensor as `Float`; itself where it is that already.
  func asFloat(_ x: TensorID) -> TensorID { cast(x, toBytes: 4) }

  private func cast(_ x: TensorID, toBytes bytes: Int) -> TensorID {
    if self[x].elementBytes == bytes { return x }
    let y = tensor(self[x].shape, suffix: "cast", elementBytes: bytes)
    add(.cast, [x], [y])
    return y
  }
}

extension GradientContext {
  mutating func cast(_ node: Node) {
    guard let dy = gradient(of: node.outputs[0]), needsGradient(node.inputs[0]) else { return }
    emitGradient(.cast, [dy], of: [node.inputs[0]], node.scope)
  }
}
