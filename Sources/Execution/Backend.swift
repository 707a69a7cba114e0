import Support
public import Cropping
public import Graph
public import Wording

/// Something that can run programs: the CPU, a GPU.
public protocol Backend {
  /// What it is, such as `cpu, 2 threads, AVX-512`.
  var deviceName: String { get }

  /// What the bits of a result depend on besides the program and its inputs: instruction set,
  /// libraries. Equal texts give equal bits.
  func arithmetic(in precision: Precision) -> String

  /// Whether it can compute in a precision.
  func supports(_ precision: Precision) -> Bool

  /// What `auto` means here.
  var defaultPrecision: Precision { get }

  /// What a program takes of a memory of the backend's own; nil where it computes in the process's
  /// memory.
  func deviceMemory(for program: Program, _ options: SessionOptions) -> DevicePlan?

  /// Bytes of scratch memory that a node needs, known before anything runs.
  func workspaceBytes(of node: Node, in graph: Graph) -> Int

  /// Whether the processor's cores are free for pictures while it computes.
  var leavesProcessorFree: Bool { get }

  /// Whether its sessions make pictures of the regions that loaders hand over.
  var cropsPictures: Bool { get }

  /// Holds memory of the process in its place, so that the device can read it while the processor goes on;
  /// before the memory is given back, `unpin` lets it go.
  func pin(_ memory: UnsafeRawBufferPointer)

  /// Lets memory go that was pinned.
  func unpin(_ memory: UnsafeRawBufferPointer)

  /// Measures what the device reaches at most; takes about half a second.
  func measureCeilings() throws(ExecutionError) -> Ceilings

  /// Takes the memory that the plans and options ask for, all at once.
  func makeSession(
    _ program: Program, _ options: SessionOptions
  ) throws(ExecutionError) -> any BackendSession
}

extension Backend {
  /// They compute.
  public var leavesProcessorFree: Bool { false }

  /// The loaders' threads do it.
  public var cropsPictures: Bool { false }

  /// The processor reads all memory alike.
  public func pin(_ memory: UnsafeRawBufferPointer) {}

  /// Nothing was pinned.
  public func unpin(_ memory: UnsafeRawBufferPointer) {}

  /// None of its own.
  public func deviceMemory(for program: Program, _ options: SessionOptions) -> DevicePlan? { nil }

  /// Single precision.
  public var defaultPrecision: Precision { .float32 }

  /// A session with the slabs that Adam needs.
  public func makeSession(_ program: Program) throws(ExecutionError) -> any BackendSession {
    try makeSession(program, SessionOptions())
  }
}

/// The most that a device was seen to reach.
public struct Ceilings: Sendable {
  /// In products of large matrices, 1/s.
  public let flopsPerSecond: Double
  /// In copies of memory, read and written, bytes/s.
  public let bytesPerSecond: Double

  /// Measured values.
  public init(flopsPerSecond: Double, bytesPerSecond: Double) {
    self.flopsPerSecond = flopsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }
}

/// Which slabs a session has beside weights, gradients and statistics.
public struct SessionOptions: Sendable, Hashable {
  /// Moments of the optimiser's rule, 0...2.
  public var moments: Int
  /// Whether gradients of several batches are added up.
  public var accumulates: Bool
  /// Whether a running mean of the weights is kept.
  public var averages: Bool
  /// Whether pictures come as what they are made of.
  public var cropsPictures: Bool

  /// The slabs of a training.
  public init(
    moments: Int = 2, accumulates: Bool = false, averages: Bool = false,
    cropsPictures: Bool = false
  ) {
    self.moments = moments
    self.accumulates = accumulates
    self.averages = averages
    self.cropsPictures = cropsPictures
  }

  /// Elements of a slab; 0 where it is not wanted.
  public func count(of slab: Slab, _ parameters: ParameterTable) -> Int {
    switch slab {
    case .weights: parameters.slabCount
    case .gradients: parameters.gradientSlabCount
    case .firstMoments: moments > 0 ? parameters.trainedSlabCount : 0
    case .secondMoments: moments > 1 ? parameters.trainedSlabCount : 0
    case .accumulatedGradients: accumulates ? parameters.gradientSlabCount : 0
    case .statistics: parameters.statisticSlabCount
    case .averagedWeights: averages ? parameters.slabCount : 0
    case .averagedStatistics: averages ? parameters.statisticSlabCount : 0
    }
  }
}

/// The memory and the run of one program; owned by one thread.
public protocol BackendSession: AnyObject {
  /// Writes an input, or any tensor that is alive, from its first element on; rounded where the tensor
  /// holds bfloat16 values.
  func write(_ values: UnsafeBufferPointer<Float>, to tensor: TensorID, of pass: Pass)

  /// Writes pictures as a pass's input, those that are not finished after making them; they must not
  /// change until the pass behind is over.
  func write(_ pictures: PictureBatch, to tensor: TensorID, of pass: Pass)

  /// Begins to copy the pictures of the next training batch beside what runs, where the session's memory
  /// is its own; they must not change until they were taken and the pass behind is over.
  ///
  /// - Parameter batch: a number that no other batch of the loader has.
  func stage(_ pictures: PictureBatch, batch: Int)

  /// Takes staged pictures as the training pass's input.
  ///
  /// - Returns: false where that batch is not there: then it has to be written.
  func takeStaged(batch: Int) -> Bool

  /// Forgets what was staged, before another loader counts its batches anew.
  func forgetStaged()

  /// Reads a tensor that is alive, from its first element on.
  func read(_ tensor: TensorID, of pass: Pass, into values: UnsafeMutableBufferPointer<Float>)

  /// Runs nodes of a pass, in their order, over the first `batch` images; the rest of the buffers is
  /// not touched.
  func run(_ pass: Pass, batch: Int, nodes: Range<Int>)

  /// Runs nodes of a pass, all of them where none are named, but gives up as soon as `isInterrupted` says
  /// so; false then, with outputs and statistics of batch norm in any state.
  func run(
    _ pass: Pass, batch: Int, nodes: Range<Int>?, unless isInterrupted: () -> Bool
  ) -> Bool

  /// Nodes of a pass; those that belong to the optimiser's step are not among them.
  func nodeCount(_ pass: Pass) -> Int

  /// Adds the gradients of the last training pass times `weight` to the accumulated ones, or begins
  /// anew with them.
  func accumulateGradients(weight: Double, isFirst: Bool)

  /// Euclidean norm of the gradients that an update would apply, before its scale; only where no
  /// parameter is updated with its gradient.
  func gradientNorm() -> Double

  /// Runs a pass once more and gives the seconds that each of its nodes took.
  func nodeSeconds(_ pass: Pass, batch: Int) -> [Double]

  /// Applies the gradients of the last training pass to the weights; the accumulated ones where the
  /// session has them. What is updated with its gradient takes that of the last pass, whose batch must
  /// still be there.
  func update(_ settings: OptimizerUpdate)

  /// Moves the running means of weights and statistics: `mean = keep · mean + (1 - keep) · value`.
  func updateAverages(keep: Double)

  /// Exchanges weights and statistics with their running means.
  func exchangeAverages()

  /// Copies values out of a slab, from an element on.
  func read(_ slab: Slab, from offset: Int, into values: UnsafeMutableBufferPointer<Float>)

  /// A slab's values where they lie, until anything changes them; nil where that is a memory of its own.
  func values(of slab: Slab) -> UnsafeBufferPointer<Float>?

  /// Copies values into a slab, from an element on.
  func write(_ values: UnsafeBufferPointer<Float>, to slab: Slab, from offset: Int)

  /// What is known of the scale of 16-bit gradients behind the last update; nil where gradients need none.
  /// Written before a step, it is gone on from; nil begins anew, and is all that others take.
  var lossScaling: LossScaling? { get set }

  /// Runs a pass node by node and names the first layer and op whose result is not finite; nil when
  /// all are. For looking into a failure: slow, and statistics of batch norm move once more.
  func firstNotFinite(_ pass: Pass, batch: Int) -> (scope: String, op: String)?

  /// Waits until everything that was asked for is done; what reads values waits by itself.
  func finish()

  /// Elements of a slab.
  func count(of slab: Slab) -> Int
}

extension BackendSession {
  /// Made on the processor.
  public func write(_ pictures: PictureBatch, to tensor: TensorID, of pass: Pass) {
    if let finished = pictures.finished { return write(finished, to: tensor, of: pass) }
    let count = pictures.count * pictures.width * pictures.height * 3
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { values in
      guard let base = values.baseAddress else { return }
      base.initialize(repeating: 0, count: count)
      pictures.make(into: base)
      write(UnsafeBufferPointer(values), to: tensor, of: pass)
    }
  }

  /// There is nothing to copy ahead.
  public func stage(_ pictures: PictureBatch, batch: Int) {}

  /// Nothing was copied ahead.
  public func takeStaged(batch: Int) -> Bool { false }

  /// Nothing was copied ahead.
  public func forgetStaged() {}

  /// Gradients need none.
  public var lossScaling: LossScaling? {
    get { nil }
    set {}
  }

  /// Whether its values lie in a memory of its own, so that a few large reads are far quicker than many
  /// small ones.
  public var isRemote: Bool { values(of: .weights) == nil }

  /// Runs all nodes of a pass over the first `batch` images.
  public func run(_ pass: Pass, batch: Int) {
    run(pass, batch: batch, nodes: 0..<nodeCount(pass))
  }

  /// Asks between any two nodes, where a node takes long.
  public func run(
    _ pass: Pass, batch: Int, nodes: Range<Int>?, unless isInterrupted: () -> Bool
  ) -> Bool {
    for node in nodes ?? 0..<nodeCount(pass) {
      if isInterrupted() { return false }
      run(pass, batch: batch, nodes: node..<node + 1)
    }
    return true
  }

  /// Runs all nodes of a pass, but gives up as soon as `isInterrupted` says so.
  public func run(_ pass: Pass, batch: Int, unless isInterrupted: () -> Bool) -> Bool {
    run(pass, batch: batch, nodes: nil, unless: isInterrupted)
  }

  /// Copies a slab out.
  public func read(_ slab: Slab, into values: UnsafeMutableBufferPointer<Float>) {
    read(slab, from: 0, into: values)
  }

  /// Copies a slab in.
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
  case accumulatedGradients = "accumulated_gradients"
  case averagedWeights = "averaged_weights"
  case averagedStatistics = "averaged_statistics"

  /// Whether a training that goes on needs it: all but what each step makes anew.
  public var isState: Bool { self != .gradients && self != .accumulatedGradients }
}

/// What a backend can fail with.
public enum ExecutionError: Error, Sayable, Hashable {
  case outOfMemory(bytes: Int)
  /// A call of a GPU's library failed.
  case device(function: String, message: String)

  public var sentence: Sentence {
    switch self {
    case .outOfMemory(let bytes): Sentence(EngineSentence.outOfMemory, NumberText.bytes(bytes))
    case .device(let function, let message):
      Sentence(EngineSentence.deviceFailed, function, message)
    }
  }
}
