/// The two fully connected layers of SimCC (arXiv 2107.03332): each keypoint's map, flattened, becomes
/// the logits of its x bins and of its y bins.
///
/// - forward: inputs `x [N, H, W, K]`, `weightX [H·W, binsX]`, `biasX`, `weightY [H·W, binsY]`,
///   `biasY`; output `y [N, 1, K, binsX + binsY]`, x bins first.
/// - data gradient: inputs `dy`, `weightX`, `weightY`; output `dx`.
/// - weight gradient: inputs `x`, `dy`; outputs `dweightX`, `dbiasX`, `dweightY`, `dbiasY`.
public struct SimCCLinear: Sendable, Hashable {
  /// Bins along the width.
  public var binsX: Int
  /// Bins along the height.
  public var binsY: Int

  /// The layers.
  public init(binsX: Int, binsY: Int) {
    self.binsX = binsX
    self.binsY = binsY
  }

  /// Bins of both directions.
  public var bins: Int { binsX + binsY }
}

extension GraphBuilder {
  /// Adds the layers with parameters `<scope>.mlp_head_x` and `<scope>.mlp_head_y`.
  ///
  /// Initial values: normal with deviation 0.01, biases 0.
  public func simccLinear(_ x: TensorID, binsX: Int, binsY: Int) -> TensorID {
    let shape = self[x].shape
    let pixels = shape.h * shape.w
    var inputs = [x]
    for (name, bins) in [("mlp_head_x", binsX), ("mlp_head_y", binsY)] {
      scope(name) {
        inputs.append(
          parameter(
            "weight", .linear(input: pixels, output: bins), .normal(deviation: 0.01),
            decayed: true))
        inputs.append(parameter("bias", .vector(bins), .constant(0), decayed: false))
      }
    }
    let y = tensor(Shape(n: shape.n, h: 1, w: shape.c, c: binsX + binsY))
    add(.simccLinear(SimCCLinear(binsX: binsX, binsY: binsY)), inputs, [y])
    return y
  }
}

extension GradientContext {
  mutating func simccLinear(_ attributes: SimCCLinear, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    let x = node.inputs[0]
    if node.inputs.dropFirst().allSatisfy({ needsGradient($0) }) {
      let outputs = node.inputs.dropFirst().map { parameterGradient($0) }
      emit(.simccLinearWeightGradient(attributes), [x, dy], outputs, node.scope)
    }
    if needsGradient(x) {
      emitGradient(
        .simccLinearDataGradient(attributes), [dy, node.inputs[1], node.inputs[3]], of: [x],
        node.scope)
    }
  }
}
