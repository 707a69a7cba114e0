import Support
public import Graph
public import Wording

/// Something that can run programs: the CPU, a GPU.
public protocol Backend {
  /// What it is, such as `cpu, 2 threads, AVX-512`.
  var deviceName: String { get }

  /// Bytes of scratch memory that a node needs, known before anything runs.
  func workspaceBytes(of node: Node, in graph: Graph) -> Int

  /// Takes the memory that the plans ask for, all at once.
  func makeSession(_ program: Program) throws(ExecutionError) -> any BackendSession
}

/// The memory and the run of one program; owned by one thread.
public protocol BackendSession: AnyObject {
  /// Writes an input, or any tensor that is alive, from its first element on.
  func write(_ values: UnsafeBufferPointer<Float>, to tensor: TensorID, of pass: Pass)

  /// Reads a tensor that is alive, from its first element on.
  func read(_ tensor: TensorID, of pass: Pass, into values: UnsafeMutableBufferPointer<Float>)

  /// Runs all nodes of a pass over the first `batch` images; the rest of the buffers is not touched.
  func run(_ pass: Pass, batch: Int)

  /// Applies the gradients of the last training pass to the weights.
  func update(_ settings: OptimizerUpdate)

  /// Copies a slab out.
  func read(_ slab: Slab, into values: UnsafeMutableBufferPointer<Float>)

  /// Copies a slab in.
  func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab)

  /// Elements of a slab.
  func count(of slab: Slab) -> Int
}

/// The two plans of a program.
public enum Pass: Sendable, Hashable, CaseIterable {
  case training, evaluation
}

/// Memory that outlives a step, one piece each.
public enum Slab: Sendable, Hashable, CaseIterable {
  case weights, gradients, firstMoments, secondMoments, statistics
}

/// What a backend can fail with.
public enum ExecutionError: Error, Sayable, Hashable {
  case outOfMemory(bytes: Int)

  public var sentence: Sentence {
    switch self {
    case .outOfMemory(let bytes): Sentence(EngineSentence.outOfMemory, NumberText.bytes(bytes))
    }
  }
}
