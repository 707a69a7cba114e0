/// Max pooling (as PyTorch's `MaxPool2d`; padding never wins), with ReLU when asked for.
///
/// - forward: input `x [N, H, W, C]`; outputs `y [N, H', W', C]`, `H' = (H + 2p - k) / s + 1`, and
///   `position`, one byte a value: `ky · k + kx` of the first of the largest in its window.
/// - gradient: inputs `dy`, `position`, and `y` when `relu`; output `dx`.
/// ReLU after the pooling gives what ReLU before it gives, at a quarter of the work.
public struct MaxPool: Sendable, Hashable {
  /// Height and width of the window, px; at most 15.
  public var kernel: Int
  /// Step in both directions, px.
  public var stride: Int
  /// Rows and columns outside the picture on every side, px; at most half the window.
  public var padding: Int
  /// Whether negative results become zero.
  public var relu: Bool

  /// A pooling; without arguments `MaxPool2d(2, 2)`.
  public init(kernel: Int = 2, stride: Int = 2, padding: Int = 0, relu: Bool = false) {
    precondition(kernel <= 15 && padding <= kernel / 2)
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.relu = relu
  }

  /// The output's extents for an input; rows and columns that fill no window are left out.
  public func outputShape(_ x: Shape) -> Shape {
    Shape(
      n: x.n, h: (x.h + 2 * padding - kernel) / stride + 1,
      w: (x.w + 2 * padding - kernel) / stride + 1, c: x.c)
  }
}

// Global average pooling:
// - forward: input `x [N, H, W, C]`; output `y [N, 1, 1, C]`.
// - gradient: input `dy`; output `dx`.

extension GraphBuilder {
  /// Adds a max pooling; the input is at least as large as a window.
  public func maxPool(_ x: TensorID, _ attributes: MaxPool = MaxPool()) -> TensorID {
    let pooled = attributes.outputShape(self[x].shape)
    let y = map(pooled)
    add(.maxPool(attributes), [x], [y, tensor(pooled, suffix: "position", elementBytes: 1)])
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
  mutating func maxPool(_ attributes: MaxPool, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(
      .maxPoolGradient(attributes),
      [dy, node.outputs[1]] + (attributes.relu ? [node.outputs[0]] : []),
      of: [node.inputs[0]], node.scope)
  }

  mutating func globalAveragePool(_ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(.globalAveragePoolGradient, [dy], of: [node.inputs[0]], node.scope)
  }
}
