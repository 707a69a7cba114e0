/// Doubling of rows and columns.
///
/// - forward: input `x [N, H, W, C]`; output `y [N, 2H, 2W, C]`.
/// - gradient: input `dy`; output `dx`.
public struct Upsample: Sendable, Hashable {
  /// How new values are made.
  public enum Kind: String, Sendable {
    /// Each value four times.
    case nearest
    /// Linear in both directions, PyTorch's `align_corners=False`.
    case bilinear
  }
  /// How new values are made.
  public var kind: Kind

  /// An upsampling.
  public init(kind: Kind) { self.kind = kind }
}

extension GraphBuilder {
  /// Adds an upsampling by two.
  public func upsample(_ x: TensorID, _ kind: Upsample.Kind) -> TensorID {
    let shape = self[x].shape
    let y = tensor(Shape(n: shape.n, h: shape.h * 2, w: shape.w * 2, c: shape.c))
    add(.upsample(Upsample(kind: kind)), [x], [y])
    return y
  }
}

extension GradientContext {
  mutating func upsample(_ attributes: Upsample, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    emitGradient(.upsampleGradient(attributes), [dy], of: [node.inputs[0]], node.scope)
  }
}
