// Transposed convolution (PyTorch's `ConvTranspose2d` without bias and output padding): what the data
// gradient of a convolution is to its output, with `Convolution` as the attributes of that
// convolution.
// - forward: inputs `x [N, H, W, Cin]`, `weight [kh, kw, Cout, Cin]`; output `y [N, H', W', Cout]`,
//   `H' = (H - 1) s - 2p + k`.
// - data gradient: inputs `dy`, `weight`; output `dx`.
// - weight gradient: inputs `x`, `dy`; output `dweight`.

extension GraphBuilder {
  /// Adds a transposed convolution with its parameter `<scope>.weight`.
  public func transposedConvolution(
    _ x: TensorID, channels: Int, kernel: Int, stride: Int, padding: Int, deviation: Double
  ) -> TensorID {
    let attributes = Convolution(
      kernel: kernel, stride: stride, padding: padding, hasBias: false, relu: false)
    let shape = self[x].shape
    let weight = parameter(
      "weight",
      .transposedConvolution(kh: kernel, kw: kernel, input: shape.c, output: channels),
      .normal(deviation: deviation), decayed: true)
    let y = map(
      Shape(
        n: shape.n, h: (shape.h - 1) * stride - 2 * padding + kernel,
        w: (shape.w - 1) * stride - 2 * padding + kernel, c: channels))
    add(.transposedConvolution(attributes), [x, weight], [y])
    return y
  }
}

extension GradientContext {
  mutating func transposedConvolution(_ attributes: Convolution, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    let (x, weight) = (node.inputs[0], node.inputs[1])
    if needsGradient(weight) {
      emit(
        .transposedConvolutionWeightGradient(attributes), [x, dy], [parameterGradient(weight)],
        node.scope)
    }
    if needsGradient(x) {
      emitGradient(
        .transposedConvolutionDataGradient(attributes), [dy, weight], of: [x], node.scope)
    }
  }
}
