/// A fully connected layer: `y = x · weight + bias`, with ReLU when asked for.
///
/// - forward: inputs `x [N, Cin]` (any shape, flattened in H, W, C order), `weight [Cin, Cout]`,
///   `bias [Cout]`; output `y [N, Cout]`.
/// - data gradient: inputs `dy`, `weight`; output `dx`.
/// - weight gradient: inputs `x`, `dy`; outputs `dweight`, `dbias`.
/// - update: inputs `x`, `dy`; outputs `weight`, `bias`, which the optimiser changes block by block as
///   it gets their gradients, so that these never exist as a whole; see `Graph.passCount`.
/// With `relu` the gradients take the `dy` that a ReLU gradient has masked.
public struct Linear: Sendable, Hashable {
  /// Whether negative results become zero.
  public var relu: Bool

  /// A layer.
  public init(relu: Bool) { self.relu = relu }
}

extension GraphBuilder {
  /// Adds a fully connected layer with parameters `<scope>.weight` and `<scope>.bias`.
  ///
  /// Initial values as PyTorch's `Linear`: uniform in ±1/sqrt(Cin) for both. A map is flattened; its
  /// weights stand in files in the order in which PyTorch flattens it (C, H, W).
  public func linear(_ x: TensorID, outputs: Int, relu: Bool = false) -> TensorID {
    let x = asFloat(x)
    let shape = self[x].shape
    let inputs = shape.countPerImage
    let bound = 1 / Double(inputs).squareRoot()
    let layout: ParameterLayout =
      shape.h * shape.w == 1
      ? .linear(input: inputs, output: outputs)
      : .flattenedLinear(h: shape.h, w: shape.w, c: shape.c, output: outputs)
    let weight = parameter("weight", layout, .uniform(bound: bound), decayed: true)
    let bias = parameter("bias", .vector(outputs), .uniform(bound: bound), decayed: false)
    let y = tensor(Shape(n: shape.n, c: outputs))
    add(.linear(Linear(relu: relu)), [x, weight, bias], [y])
    return y
  }
}

extension ParameterTable {
  /// Marks the parameters of fully connected layers whose weights have at least so many values as
  /// updated with their gradient.
  public mutating func updateWithGradient(_ graph: Graph, weightsFrom least: Int) {
    for node in graph.nodes {
      guard case .linear = node.op, case .parameter(let weight) = graph[node.inputs[1]].storage,
        case .parameter(let bias) = graph[node.inputs[2]].storage,
        parameters[weight].layout.count >= least, parameters[weight].isTrained,
        parameters[bias].isTrained
      else { continue }
      updatedWithGradient.formUnion([weight, bias])
    }
  }
}

extension GradientContext {
  mutating func linear(_ attributes: Linear, _ node: Node) {
    guard var dy = gradient(of: node.outputs[0]) else { return }
    let (x, weight, bias) = (node.inputs[0], node.inputs[1], node.inputs[2])
    dy = unmasked(dy, by: node.outputs[0], relu: attributes.relu, node.scope)
    if isUpdatedWithGradient(weight) {
      deferUpdate(.linearUpdate(attributes), [x, dy], [weight, bias], node.scope)
    } else if needsGradient(weight) {
      emit(
        .linearWeightGradient(attributes), [x, dy],
        [parameterGradient(weight), parameterGradient(bias)], node.scope)
    }
    if needsGradient(x) {
      emitGradient(.linearDataGradient(attributes), [dy, weight], of: [x], node.scope)
    }
  }
}
