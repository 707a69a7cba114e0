/// From which node to which a tensor of the arena holds a value that somebody still reads.
public struct LiveRange: Sendable, Hashable {
  /// The node that writes it first.
  public let first: Int
  /// The last node that reads or writes it.
  public let last: Int

  /// A range; `first` is at most `last`.
  public init(first: Int, last: Int) {
    self.first = first
    self.last = last
  }

  /// Whether two ranges have a node in common.
  public func overlaps(_ other: LiveRange) -> Bool { first <= other.last && other.first <= last }
}

/// Lifetimes of the arena's tensors.
///
/// The mean and the spread that a batch norm computes live from the node before on, where that one makes
/// what is normalised: a backend may gather them there.
public enum Liveness {
  /// For each tensor of the graph its range; nil when it is not in the arena or never written.
  ///
  /// - Parameter keeping: tensors that are read after the last node, such as the loss.
  public static func ranges(of graph: Graph, keeping: Set<TensorID>) -> [LiveRange?] {
    var first = [Int?](repeating: nil, count: graph.tensors.count)
    var last = [Int](repeating: 0, count: graph.tensors.count)
    for (position, node) in graph.nodes.enumerated() {
      for id in node.inputs + node.outputs where graph[id].storage == .arena {
        if first[id.index] == nil { first[id.index] = position }
        last[id.index] = position
      }
      if graph.gathersStatistics(before: position) {
        for id in node.outputs.dropFirst() { first[id.index] = position - 1 }
      }
    }
    return graph.tensors.indices.map { index in
      guard let start = first[index] else { return nil }
      let kept = keeping.contains(TensorID(index: index))
      return LiveRange(first: start, last: kept ? graph.nodes.count : last[index])
    }
  }
}

extension Graph {
  /// Where a node stands, which its outputs tell; nil where it has none.
  public func position(of node: Node) -> Int? {
    guard let output = node.outputs.first else { return nil }
    return nodes.firstIndex { $0.outputs.first == output && $0.inputs == node.inputs }
  }

  /// Whether this node is a batch norm in training and the node before makes what it normalises.
  public func gathersStatistics(before position: Int) -> Bool {
    guard position > 0, case .batchNorm = nodes[position].op else { return false }
    return nodes[position - 1].outputs.first == nodes[position].inputs[0]
  }
}
