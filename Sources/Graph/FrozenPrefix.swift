/// The first nodes of a plan, which give the same values for the same picture in every epoch, because
/// nothing that is trained comes before their end.
///
/// Their one result can be computed once and kept for each sample: a frozen backbone's features.
public struct FrozenPrefix: Sendable, Hashable {
  /// How many of the plan's first nodes belong to it.
  public let nodes: Int
  /// What they leave to the others, `[N, H, W, C]`.
  public let features: TensorID

  /// The longest such beginning with a convolution in it and one result; nil without one.
  public static func find(in plan: Plan, parameters: ParameterTable) -> FrozenPrefix? {
    let graph = plan.graph
    var fixed: Set<TensorID> = [plan.images]
    var best: FrozenPrefix?
    var hasConvolution = false
    for (position, node) in graph.nodes.enumerated() {
      guard isFixed(node, fixed, graph, parameters) else { break }
      fixed.formUnion(node.outputs)
      if case .convolution = node.op { hasConvolution = true }
      let left = Set(
        graph.nodes[(position + 1)...].flatMap(\.inputs).filter { fixed.contains($0) })
      guard hasConvolution, left.count == 1, let features = left.first,
        graph[features].storage == .arena, graph[features].elementBytes > 1
      else { continue }
      best = FrozenPrefix(nodes: position + 1, features: features)
    }
    return best
  }

  private static func isFixed(
    _ node: Node, _ fixed: Set<TensorID>, _ graph: Graph, _ parameters: ParameterTable
  ) -> Bool {
    // Batch norm in training depends on the rest of the batch, and moves its statistics.
    if case .batchNorm = node.op { return false }
    return node.inputs.allSatisfy { id in
      switch graph[id].storage {
      case .parameter(let index): !parameters.parameters[index].isTrained
      case .statistic: true
      case .parameterGradient: false
      case .input, .arena: fixed.contains(id)
      }
    }
  }
}

extension Program {
  /// The beginning that both passes share, node for node; nil without one.
  public var frozenPrefix: (training: FrozenPrefix, evaluation: FrozenPrefix)? {
    guard let inTraining = FrozenPrefix.find(in: training, parameters: parameters),
      let inEvaluation = FrozenPrefix.find(in: evaluation, parameters: parameters),
      inTraining.nodes == inEvaluation.nodes,
      training.graph[inTraining.features].shape == evaluation.graph[inEvaluation.features].shape
    else { return nil }
    return (inTraining, inEvaluation)
  }
}
