/// Two-dimensional convolution (cross-correlation, as PyTorch's `Conv2d`), zero padding.
///
/// - forward: inputs `x [N, H, W, Cin]`, `weight [kh, kw, Cin, Cout]`, and `bias [Cout]` when
///   `hasBias`; output `y [N, H', W', Cout]`, `H' = (H + 2p - k) / s + 1`; ReLU applied when `relu`.
/// - data gradient: inputs `dy`, `weight`; output `dx`.
/// - weight gradient: inputs `x`, `dy`; outputs `dweight`, and `dbias` when `hasBias`.
/// With `relu` the gradients take the `dy` that a ReLU gradient has masked.
public struct Convolution: Sendable, Hashable {
  /// Kernel height and width, px.
  public var kernel: Int
  /// Step in both directions, px.
  public var stride: Int
  /// Zeros added on every side, px.
  public var padding: Int
  /// Whether a bias per output channel is added.
  public var hasBias: Bool
  /// Whether negative results become zero.
  public var relu: Bool

  /// A convolution.
  public init(kernel: Int, stride: Int, padding: Int, hasBias: Bool, relu: Bool) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.hasBias = hasBias
    self.relu = relu
  }

  /// The output's extents for an input.
  public func outputShape(_ x: Shape, channels: Int) -> Shape {
    Shape(
      n: x.n, h: (x.h + 2 * padding - kernel) / stride + 1,
      w: (x.w + 2 * padding - kernel) / stride + 1, c: channels)
  }

  /// Whether Winograd's F(4×4, 3×3) applies: 3×3, stride 1, padding 1, channels in sixteens.
  public func suitsWinograd(input: Int, output: Int) -> Bool {
    kernel == 3 && stride == 1 && padding == 1 && input % 16 == 0 && output % 16 == 0
  }

  /// Multiplications and additions of the direct method, forward or for one of the gradients.
  public func flops(input: Shape, output: Shape) -> Int {
    2 * output.count * kernel * kernel * input.c
  }
}

extension GraphBuilder {
  /// Adds a convolution with its parameters `<scope>.weight` and, if wanted, `<scope>.bias`.
  ///
  /// Initial weights: normal with He's deviation for `fan_out` (arXiv 1502.01852), or `deviation`.
  ///
  /// - Parameter isPrediction: whether the result is what the loss reads, and `Float` in every precision.
  public func convolution(
    _ x: TensorID, channels: Int, kernel: Int, stride: Int = 1, padding: Int? = nil,
    bias: Bool = false, relu: Bool = false, deviation: Double? = nil, isPrediction: Bool = false
  ) -> TensorID {
    let attributes = Convolution(
      kernel: kernel, stride: stride, padding: padding ?? kernel / 2, hasBias: bias, relu: relu)
    let shape = self[x].shape
    let fanOut = Double(kernel * kernel * channels)
    let weight = parameter(
      "weight", .convolution(kh: kernel, kw: kernel, input: shape.c, output: channels),
      .normal(deviation: deviation ?? (2 / fanOut).squareRoot()), decayed: true)
    var inputs = [x, weight]
    if bias { inputs.append(parameter("bias", .vector(channels), .constant(0), decayed: false)) }
    let result = attributes.outputShape(shape, channels: channels)
    let y = isPrediction ? tensor(result) : map(result)
    add(.convolution(attributes), inputs, [y])
    return y
  }
}

extension GradientContext {
  mutating func convolution(_ attributes: Convolution, _ node: Node) {
    guard var dy = gradient(of: node.outputs[0]) else { return }
    let (x, weight) = (node.inputs[0], node.inputs[1])
    dy = unmasked(dy, by: node.outputs[0], relu: attributes.relu, node.scope)
    dy = matched(dy, to: x, node.scope)
    if needsGradient(weight) {
      var outputs = [parameterGradient(weight)]
      if attributes.hasBias { outputs.append(parameterGradient(node.inputs[2])) }
      emit(.convolutionWeightGradient(attributes), [x, dy], outputs, node.scope)
    }
    if needsGradient(x) {
      emitGradient(
        .convolutionDataGradient(attributes), [dy, weight], of: [x], node.scope)
    }
  }
}
