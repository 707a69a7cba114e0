public import Execution
public import Graph

/// Runs programs on the processor's cores.
public struct CPUBackend: Backend {
  /// Compute threads, the caller's included.
  public let threads: Int
  let kernels: KernelTable

  /// A backend with so many threads, and the kernels of this processor's level.
  public init(threads: Int) {
    self.threads = max(1, threads)
    kernels = .forThisProcessor
    BLAS.useCallersThread()
  }

  /// A backend with the kernels of a lower level, without the processor's instruction for pairs of
  /// bfloat16 values, for tests; nil when the processor lacks the level.
  public init?(threads: Int, level: Int) {
    self.threads = max(1, threads)
    switch level {
    case 2: kernels = .base
    case 3 where KernelTable.processorLevel >= 3: kernels = .version3
    case 4 where KernelTable.processorLevel >= 4: kernels = .version4
    default: return nil
    }
    BLAS.useCallersThread()
  }

  /// Threads and instruction set, such as `cpu, 2 threads, AVX-512`.
  public var deviceName: String {
    "cpu, \(threads) thread\(threads == 1 ? "" : "s"), \(kernels.level)"
  }

  /// The kernels' level, for 16-bit maps whether the processor multiplies pairs of their values, and
  /// OpenBLAS's version and the processor that it chose its kernels for.
  public func arithmetic(in precision: Precision) -> String {
    let pairs = precision == .bfloat16 && kernels.pairs.isInstruction ? " with BF16" : ""
    return "cpu, \(kernels.level)\(pairs), \(BLAS.description)"
  }

  /// Single precision and bfloat16.
  public func supports(_ precision: Precision) -> Bool {
    precision == .float32 || precision == .bfloat16
  }

  /// Scratch memory of the way in which this backend computes the node.
  public func workspaceBytes(of node: Node, in graph: Graph) -> Int {
    4 * Compiler.compiler(for: node, in: graph, threads: threads, kernels).workspaceFloats
  }

  /// Matrix products of OpenBLAS on every thread, and copies of what no cache holds.
  public func measureCeilings() throws(ExecutionError) -> Ceilings {
    try CeilingMeasurement.run(threads: threads)
  }

  /// Maps the memory; pages are touched when they are used.
  public func makeSession(
    _ program: Program, _ options: SessionOptions
  ) throws(ExecutionError) -> any BackendSession {
    try CPUSession(program, options, backend: self)
  }
}
