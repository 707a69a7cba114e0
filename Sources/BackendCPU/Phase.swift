import Graph

/// A part of a node's work that its crew does in numbered pieces, with a barrier after it.
struct Phase {
  /// Number of pieces for a batch; a function of the plan and the batch, never of the threads.
  let pieces: (_ batch: Int) -> Int
  /// Does one piece.
  let run: (_ batch: Int, _ piece: Int, _ worker: Int) -> Void
  /// Whether each worker begins with its last piece: of what was read or written before in order, the
  /// last is still in its cache.
  let descending: Bool

  init(
    descending: Bool = false, pieces: @escaping (_ batch: Int) -> Int,
    run: @escaping (_ batch: Int, _ piece: Int, _ worker: Int) -> Void
  ) {
    self.descending = descending
    self.pieces = pieces
    self.run = run
  }
}

/// What one node needs and does: made once for the plan (for its scratch memory) and once more for
/// the session (for the work).
protocol NodeCompiler {
  /// Scratch memory in floats.
  var workspaceFloats: Int { get }

  /// The node's work over the memory of a session.
  func phases(_ context: CompileContext) -> [Phase]
}

/// Where a node's tensors are, and what computes.
struct CompileContext {
  let node: Node
  let kernels: KernelTable
  let workspace: UnsafeMutablePointer<Float>
  /// How a parameter is changed, where the node does that.
  let optimizer: OptimizerKernel
  let address: (TensorID) -> UnsafeMutableRawPointer

  func input(_ index: Int) -> UnsafeMutablePointer<Float> {
    address(node.inputs[index]).assumingMemoryBound(to: Float.self)
  }

  func output(_ index: Int) -> UnsafeMutablePointer<Float> {
    address(node.outputs[index]).assumingMemoryBound(to: Float.self)
  }

  func input<Value>(_ index: Int, _: Value.Type) -> UnsafeMutablePointer<Value> {
    address(node.inputs[index]).assumingMemoryBound(to: Value.self)
  }

  func output<Value>(_ index: Int, _: Value.Type) -> UnsafeMutablePointer<Value> {
    address(node.outputs[index]).assumingMemoryBound(to: Value.self)
  }
}

/// Splits `total` things into even parts of at most `largest`, at least `fewest` of them.
struct Pieces {
  let total: Int
  let size: Int
  let count: Int

  /// - Parameters:
  ///   - fewest: as many pieces at least.
  ///   - shared: workers that should have the same number of pieces each.
  ///   - multiple: what a piece's size is a multiple of, except the last one's.
  init(total: Int, largest: Int, fewest: Int = 1, shared: Int = 1, multiple: Int = 1) {
    let enough = max(fewest, (total + largest - 1) / max(largest, 1))
    let wanted = (enough + shared - 1) / shared * shared
    let even = (total + wanted - 1) / max(wanted, 1)
    size = max(1, (even + multiple - 1) / multiple * multiple)
    self.total = total
    count = (total + size - 1) / size
  }

  /// The most that the pieces of any batch up to `batch` come to, as `measure` counts them.
  static func most(_ batch: Int, _ measure: (_ batch: Int) -> Int) -> Int {
    (1...batch).reduce(0) { max($0, measure($1)) }
  }

  @inline(__always)
  func first(_ piece: Int) -> Int { piece * size }

  @inline(__always)
  func count(of piece: Int) -> Int { min(size, total - piece * size) }

  func range(_ piece: Int) -> Range<Int> { first(piece)..<first(piece) + count(of: piece) }
}
