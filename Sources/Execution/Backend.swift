import Support
public import Graph
public import Wording

/// Something that can run programs: the CPU, a GPU.
public protocol Backend {
  /// What it is, such as `cpu, 2 threads, AVX-512`.
  var deviceName: String { get }

  /// What the bits of a result depend on besides the program and its inputs: instruction set,
  /// libraries. Equal texts give equal bits.
  var arithmetic: String { get }

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

  /// Copies values of a slab out, from an element on.
  func read(_ slab: Slab, from offset: Int, into values: UnsafeMutableBufferPointer<Float>)

  /// Copies values into a slab, from an element on.
  func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab, from offset: Int)

  /// Runs a pass node by node and names the first layer and op whose result is not finite; nil when
  /// all are. For looking into a failure: slow, and statistics of batch norm move once more.
  func firstNotFinite(_ pass: Pass, batch: Int) -> (scope: String, op: String)?

  /// Elements of a slab.
  func count(of slab: Slab) -> Int
}

extension BackendSession {
  /// Copies a slab out, from its first element on.
  public func read(_ slab: Slab, into values: UnsafeMutableBufferPointer<Float>) {
    read(slab, from: 0, into: values)
  }

  /// Copies values into a slab, from its first element on.
  public func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab) {
    write(values, to: slab, from: 0)
  }
}

/// The two plans of a program.
public enum Pass: Sendable, Hashable, CaseIterable {
  case training, evaluation
}

/// Memory that outlives a step, one piece each.
public enum Slab: String, Sendable, Hashable, CaseIterable {
  case weights, gradients, statistics
  case firstMoments = "first_moments"
  case secondMoments = "second_moments"

  /// Whether a training that goes on needs it: all but what each step makes anew.
  public var isState: Bool { self != .gradients }
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
