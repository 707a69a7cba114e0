/// The reverse pass: appends to a forward graph the nodes that compute its gradients.
///
/// A tensor with several readers gets its gradient from several nodes; the first one (in reverse
/// order) writes, the others add to what is there, so no separate sums are needed.
public struct GradientContext {
  private var graph: Graph
  private var gradients: [TensorID: TensorID] = [:]
  private var differentiable: Set<TensorID> = []
  private let updated: Set<Int>
  private var updates: [Node] = []

  /// The graph with its backward nodes; every loss node of the graph is a root.
  ///
  /// Nothing is computed for parameters that are not trained, nor for what lies before them alone.
  public static func differentiate(_ graph: Graph, parameters: ParameterTable) -> Graph {
    var context = GradientContext(graph, parameters)
    for node in graph.nodes.reversed() { context.visit(node) }
    // Nothing that is read in the pass may change in it.
    context.graph.nodes += context.updates
    return context.graph
  }

  private init(_ graph: Graph, _ parameters: ParameterTable) {
    self.graph = graph
    updated = parameters.updatedWithGradient
    for (index, tensor) in graph.tensors.enumerated() {
      guard case .parameter(let parameter) = tensor.storage else { continue }
      if parameters.parameters[parameter].isTrained {
        differentiable.insert(TensorID(index: index))
      }
    }
    for node in graph.nodes where node.inputs.contains(where: { differentiable.contains($0) }) {
      differentiable.formUnion(node.outputs)
    }
  }

  private mutating func visit(_ node: Node) {
    // What depends on nothing that is trained has no gradient.
    guard let result = node.outputs.first, differentiable.contains(result) else { return }
    switch node.op {
    case .convolution(let attributes): convolution(attributes, node)
    case .transposedConvolution(let attributes): transposedConvolution(attributes, node)
    case .batchNorm(let attributes): batchNorm(attributes, node)
    case .batchNormInference(let attributes): batchNormInference(attributes, node)
    case .maxPool(let attributes): maxPool(attributes, node)
    case .add(let attributes): add(attributes, node)
    case .cast: cast(node)
    case .simccLinear(let attributes): simccLinear(attributes, node)
    case .globalAveragePool: globalAveragePool(node)
    case .upsample(let attributes): upsample(attributes, node)
    case .linear(let attributes): linear(attributes, node)
    case .heatmapLoss, .coordinateLoss, .simccLoss: loss(node)
    case .likelihoodLoss(let attributes): likelihoodLoss(attributes, node)
    case .convolutionDataGradient, .convolutionWeightGradient,
      .transposedConvolutionDataGradient, .transposedConvolutionWeightGradient,
      .batchNormGradient, .batchNormInferenceGradient, .reluGradient, .addGradient,
      .maxPoolGradient, .globalAveragePoolGradient, .upsampleGradient, .linearDataGradient,
      .linearWeightGradient, .linearUpdate, .simccLinearDataGradient, .simccLinearWeightGradient,
      .likelihoodGradient:
      preconditionFailure("\(node.op.name) has no gradient")
    }
  }

  /// The gradient of a tensor as far as it is known; nil when no loss depends on it.
  func gradient(of id: TensorID) -> TensorID? { gradients[id] }

  /// Whether the tensor is trained, or anything that is trained lies before it.
  func needsGradient(_ id: TensorID) -> Bool { differentiable.contains(id) }

  /// Whether the optimiser changes a parameter as it gets its gradient.
  func isUpdatedWithGradient(_ id: TensorID) -> Bool {
    guard case .parameter(let index) = graph[id].storage else { return false }
    return updated.contains(index)
  }

  /// Appends a node that changes parameters, behind all others.
  mutating func deferUpdate(
    _ op: Op, _ inputs: [TensorID], _ outputs: [TensorID], _ scope: String
  ) {
    updates.append(Node(op: op, inputs: inputs, outputs: outputs, scope: scope))
  }

  /// Takes a tensor that a forward node wrote as the gradient of another.
  mutating func contribute(_ gradient: TensorID, to id: TensorID) {
    precondition(gradients[id] == nil, "a prediction has one loss")
    gradients[id] = gradient
  }

  /// The range of the gradient slab that belongs to a parameter.
  mutating func parameterGradient(_ id: TensorID) -> TensorID {
    guard case .parameter(let index) = graph[id].storage else {
      preconditionFailure("\(graph[id].name) is no parameter")
    }
    precondition(gradients[id] == nil, "parameters are used once")
    let gradient = append(
      TensorInfo(
        name: graph[id].name, shape: graph[id].shape, storage: .parameterGradient(index),
        elementBytes: 4))
    gradients[id] = gradient
    return gradient
  }

  /// The gradient before a ReLU that was fused into the node that wrote `y`.
  mutating func unmasked(_ dy: TensorID, by y: TensorID, relu: Bool, _ scope: String) -> TensorID {
    guard relu else { return dy }
    let info = TensorInfo(
      name: "\(graph[y].name).masked_gradient", shape: graph[y].shape, storage: .arena,
      elementBytes: graph[y].elementBytes)
    let masked = append(info)
    emit(.reluGradient, [dy, y], [masked], scope)
    return masked
  }

  /// A gradient in the kind of values that `x` has.
  mutating func matched(_ dy: TensorID, to x: TensorID, _ scope: String) -> TensorID {
    let bytes = graph[x].elementBytes
    if graph[dy].elementBytes == bytes { return dy }
    let cast = append(
      TensorInfo(
        name: "\(graph[dy].name).cast", shape: graph[dy].shape, storage: .arena,
        elementBytes: bytes))
    emit(.cast, [dy], [cast], scope)
    return cast
  }

  /// Appends a node whose outputs are given.
  mutating func emit(
    _ op: Op, _ inputs: [TensorID], _ outputs: [TensorID], _ scope: String
  ) {
    graph.nodes.append(Node(op: op, inputs: inputs, outputs: outputs, scope: scope))
  }

  /// Appends a node that computes the gradients of `targets`; `inserting` stands after the first
  /// output (the gradients of parameters).
  mutating func emitGradient(
    _ op: Op, _ inputs: [TensorID], of targets: [TensorID], inserting: [TensorID] = [],
    _ scope: String
  ) {
    var outputs: [TensorID] = []
    var accumulates: [Bool] = []
    for (index, target) in targets.enumerated() {
      if let known = gradients[target] {
        outputs.append(known)
        accumulates.append(true)
      } else {
        let id = append(
          TensorInfo(
            name: "\(graph[target].name).gradient", shape: graph[target].shape, storage: .arena,
            elementBytes: graph[target].elementBytes))
        gradients[target] = id
        outputs.append(id)
        accumulates.append(false)
      }
      if index == 0 {
        outputs += inserting
        accumulates += inserting.map { _ in false }
      }
    }
    graph.nodes.append(
      Node(op: op, inputs: inputs, outputs: outputs, accumulates: accumulates, scope: scope))
  }

  private mutating func append(_ info: TensorInfo) -> TensorID {
    graph.tensors.append(info)
    return TensorID(index: graph.tensors.count - 1)
  }
}
