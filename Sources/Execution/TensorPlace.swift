public import Graph

/// Where a tensor of a pass lies in the memory that a session takes.
public enum TensorPlace: Sendable, Hashable {
  /// In the inputs, from a byte on.
  case inputs(byte: Int)
  /// In a slab, from an element on.
  case slab(Slab, element: Int)
  /// In the arena, from a byte on.
  case arena(byte: Int)
}

extension Program {
  /// The plan of a pass.
  public func plan(_ pass: Pass) -> Plan { pass == .training ? training : evaluation }

  /// The place of each tensor of a pass, in the graph's order. Both passes use one arena and one set of
  /// inputs: they never run at the same time.
  public func places(of pass: Pass) -> [TensorPlace] {
    let plan = plan(pass)
    let (weights, gradients) = (parameters.offsets, parameters.gradientOffsets)
    let statistics = parameters.statisticOffsets
    var inputBytes = 0
    return plan.graph.tensors.enumerated().map { index, tensor in
      switch tensor.storage {
      case .input:
        defer { inputBytes += ArenaPlanner.aligned(tensor.bytes) }
        return .inputs(byte: inputBytes)
      case .parameter(let parameter): return .slab(.weights, element: weights[parameter])
      case .parameterGradient(let parameter):
        return .slab(.gradients, element: gradients[parameter])
      case .statistic(let statistic): return .slab(.statistics, element: statistics[statistic])
      case .arena: return .arena(byte: max(plan.offsets[index], 0))
      }
    }
  }

  /// Runs the nodes of a pass one by one, up to the first whose result is not finite.
  ///
  /// - Parameters:
  ///   - run: runs a node.
  ///   - isFinite: whether so many of a tensor's first values are.
  /// - Returns: that node's layer and op; nil when all results are finite.
  public func firstNotFinite(
    _ pass: Pass, batch: Int, run: (_ node: Int) -> Void,
    isFinite: (_ tensor: TensorID, _ count: Int) -> Bool
  ) -> (scope: String, op: String)? {
    let plan = plan(pass)
    let graph = plan.graph
    for (index, node) in graph.nodes[..<graph.passCount].enumerated() {
      run(index)
      for output in node.outputs where graph[output].elementBytes > 1 {
        let shape = graph[output].shape
        // Rows behind the batch hold what an earlier, larger one left there.
        let isBatch = shape.n == graph[plan.images].shape.n
        let count = isBatch ? batch * shape.countPerImage : shape.count
        if !isFinite(output, count) { return (node.scope, node.op.name) }
      }
    }
    return nil
  }
}
