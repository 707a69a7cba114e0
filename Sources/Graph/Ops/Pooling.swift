// Max pooling 2×2 with stride 2 (as PyTorch's `MaxPool2d(2, 2)`):
// - forward: input `x [N, H, W, C]`; outputs `y [N, H/2, W/2, C]` and `position [N, H/2, W/2, C]`, one
//   byte 0...3 for the first of the largest. An odd last row or column is left out.
// - gradient: inputs `dy`, `position`; output `dx`.
// Global average pooling:
// - forward: input `x [N, H, W, C]`; output `y [N, 1, 1, C]`.
// - gradient: input `dy`; output `dx`.

extension GraphBuilder {
  /// Adds a 2×2 max pooling; the input has at least two rows and columns.
  public func maxPool(_ x: TensorID) -> TensorID {
    let shape = self[x].shape
    let pooled = Shape(n: shape.n, h: shape.h / 2, w: shape.w / 2, c: shape.c)
    let y = tensor(pooled)
    add(.maxPool, [x], [y, tensor(pooled, suffix: "position", elementBytes: 1)])
    return y
  }

  /// Adds the mean over rows and columns.
  public func globalAveragePool(_ x: TensorID) -> TensorID {
    let shape = self[x].shape
    let y = tensor(Shape(n: shape.n, c: shape.c))
    add(.globalAveragePool, [x], [y])
    return y
  }
}

extension GradientContext {
  mutating func maxPool(_ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(.maxPoolGradient, [dy, node.outputs[1]], of: [node.inputs[0]], node.scope)
  }

  mutating func globalAveragePool(_ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(.globalAveragePoolGradient, [dy], of: [node.inputs[0]], node.scope)
  }
}
