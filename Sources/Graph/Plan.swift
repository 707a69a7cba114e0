/// Everything about a pass that is settled before the first step: nodes, places, sizes. Immutable.
public struct Plan: Sendable {
  /// The nodes to run, in order.
  public let graph: Graph
  /// For each tensor of the arena its first byte there.
  public let offsets: [Int]
  /// For each node the first byte of its workspace in the arena.
  public let workspaceOffsets: [Int]
  /// For each node the bytes of its workspace.
  public let workspaceBytes: [Int]
  /// Size of the arena.
  public let arenaBytes: Int
  /// The largest workspace that is alive at once.
  public let peakWorkspaceBytes: Int
  /// The input picture, `[N, H, W, 3]`.
  public let images: TensorID
  /// The input keypoints `[N, K, 3]`, as `[N, 1, K, 3]`.
  public let keypoints: TensorID
  /// What the model predicts.
  public let prediction: TensorID
  /// The losses per image, `[N]`.
  public let losses: TensorID

  /// Settles lifetimes and places.
  ///
  /// - Parameter workspace: bytes of scratch memory that the backend wants for a node.
  public init(
    graph: Graph, images: TensorID, keypoints: TensorID, prediction: TensorID, losses: TensorID,
    workspace: (Node, Graph) -> Int
  ) {
    let ranges = Liveness.ranges(of: graph, keeping: [prediction, losses])
    let scratch = graph.nodes.map { workspace($0, graph) }
    var requests: [ArenaRequest] = []
    var owners: [Int] = []
    for (index, range) in ranges.enumerated() {
      guard let range else { continue }
      requests.append(ArenaRequest(bytes: graph.tensors[index].bytes, range: range))
      owners.append(index)
    }
    for (node, bytes) in scratch.enumerated() {
      requests.append(ArenaRequest(bytes: bytes, range: LiveRange(first: node, last: node)))
    }
    let (places, total) = ArenaPlanner.place(requests)
    var offsets = [Int](repeating: -1, count: graph.tensors.count)
    for (request, owner) in owners.enumerated() { offsets[owner] = places[request] }
    self.graph = graph
    self.offsets = offsets
    workspaceOffsets = Array(places[owners.count...])
    workspaceBytes = scratch
    arenaBytes = total
    peakWorkspaceBytes = scratch.max() ?? 0
    self.images = images
    self.keypoints = keypoints
    self.prediction = prediction
    self.losses = losses
  }

  /// Multiplications and additions of the direct methods.
  public var flops: Int { graph.nodes.reduce(0) { $0 + $1.op.flops($1, in: graph) } }

  /// Bytes that the nodes read and write, each tensor once a node: what moves at least.
  public var bytesMoved: Int { graph.nodes.reduce(0) { $0 + $1.bytes(in: graph) } }

  /// Bytes of the inputs.
  public var inputBytes: Int {
    graph.tensors.reduce(0) { $0 + ($1.storage == .input ? ArenaPlanner.aligned($1.bytes) : 0) }
  }
}

/// A model in both its forms over one set of parameters: what a session runs.
public struct Program: Sendable {
  /// Forward, backward.
  public let training: Plan
  /// Forward only, batch norm by the running statistics.
  public let evaluation: Plan
  /// The parameters of both.
  public let parameters: ParameterTable

  /// A program.
  public init(training: Plan, evaluation: Plan, parameters: ParameterTable) {
    self.training = training
    self.evaluation = evaluation
    self.parameters = parameters
  }
}
