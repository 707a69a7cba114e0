/// Multiplication of rows and columns by a whole number.
///
/// - forward: input `x [N, H, W, C]`; output `y [N, fH, fW, C]`.
/// - gradient: input `dy`; output `dx`.
public struct Upsample: Sendable, Hashable {
  /// How new values are made.
  public enum Kind: String, Sendable {
    /// Each value f² times.
    case nearest
    /// Linear in both directions, PyTorch's `align_corners=False`; by two only.
    case bilinear
  }
  /// How new values are made.
  public var kind: Kind
  /// New rows for each old one.
  public var factor: Int

  /// An upsampling.
  public init(kind: Kind, factor: Int = 2) {
    precondition(factor >= 1 && (kind == .nearest || factor == 2))
    self.kind = kind
    self.factor = factor
  }
}

extension GraphBuilder {
  /// Adds an upsampling.
  public func upsample(_ x: TensorID, _ kind: Upsample.Kind, by factor: Int = 2) -> TensorID {
    let shape = self[x].shape
    let y = map(Shape(n: shape.n, h: shape.h * factor, w: shape.w * factor, c: shape.c))
    add(.upsample(Upsample(kind: kind, factor: factor)), [x], [y])
    return y
  }
}

extension GradientContext {
  mutating func upsample(_ attributes: Upsample, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(.upsampleGradient(attributes), [dy], of: [node.inputs[0]], node.scope)
  }
}
