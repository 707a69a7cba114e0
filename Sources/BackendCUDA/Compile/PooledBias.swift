import Graph

/// Biases that a max pooling adds to its few results instead of a convolution to all of its own: the
/// largest of values plus a bias is the largest plus the bias.
struct PooledBias {
  /// For a pooling's node the bias that it adds.
  private(set) var biasOfPool: [Int: TensorID] = [:]
  /// Convolutions that leave theirs out.
  private(set) var convolutions: Set<Int> = []

  /// Finds convolutions whose result nothing but a max pooling reads.
  init(_ graph: Graph) {
    var readers: [TensorID: [Int]] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { readers[input, default: []].append(index) }
    }
    for (index, node) in graph.nodes.enumerated() {
      guard case .convolution(let attributes) = node.op, attributes.hasBias, !attributes.relu,
        let reader = readers[node.outputs[0]], reader.count == 1,
        case .maxPool = graph.nodes[reader[0]].op
      else { continue }
      biasOfPool[reader[0]] = node.inputs[2]
      convolutions.insert(index)
    }
  }
}
