import CNVIDIA
public import Execution
public import Graph
public import NVIDIA
import Support

/// Runs programs on an NVIDIA GPU.
public final class CUDABackend: Backend {
  /// What maps are computed with.
  public let precision: Precision
  let kind: MapKind
  /// The order of all work; sessions share it.
  let stream: DeviceStream
  let products: MatrixProducts
  let cublas: posetop_cublas?
  private let versions: String
  let processor: GraphicsProcessorFacts
  /// Whether steps are recorded as graphs.
  let recordsGraphs: Bool
  let cudnn: CuDNNLibrary?
  private let productWorkspace: DeviceAddress
  /// What cuBLAS wants on Hopper, bytes.
  private static let productWorkspaceBytes = 32 << 20
  /// Bytes of the device that all processes held before this one began; nil where nobody says.
  private let usedBefore: Int?

  /// A backend on one device: takes its context and compiles the kernels for it.
  ///
  /// - Throws: what is missing, or what the driver or NVRTC said.
  public convenience init(
    _ libraries: NVIDIALibraries, processor: GraphicsProcessorFacts, precision: Precision,
    recordsGraphs: Bool = true, fail: @escaping DeviceFailure = endOnDeviceFailure
  ) throws(ExecutionError) {
    try self.init(
      libraries, processor: processor, precision: precision, recordsGraphs: recordsGraphs,
      kernelCache: DeviceCache.folder, fail: fail)
  }

  /// - Parameter kernelCache: where compiled kernels are kept; nil for nowhere.
  init(
    _ libraries: NVIDIALibraries, processor: GraphicsProcessorFacts, precision: Precision,
    recordsGraphs: Bool, kernelCache: String?, fail: @escaping DeviceFailure
  ) throws(ExecutionError) {
    guard let driver = libraries.driver, let nvrtc = libraries.nvrtc else {
      throw .device(function: "dlopen", message: "driver or NVRTC is missing")
    }
    self.processor = processor
    self.precision = precision
    self.recordsGraphs = recordsGraphs
    kind = MapKind(precision)
    cublas = libraries.cublas
    versions = libraries.findings.compactMap { finding in
      finding.version.map { "\(finding.library.title) \($0)" }
    }.joined(separator: ", ")
    usedBefore = processor.reading?.memory?.used
    try Self.enter(driver, device: processor.index)
    let kernels = try KernelCache.module(
      nvrtc, driver, capability: processor.capability, kind, folder: kernelCache)
    stream = DeviceStream(driver, kernels: kernels, fail: fail)
    productWorkspace = try cublas == nil ? 0 : stream.allocate(Self.productWorkspaceBytes)
    products = try MatrixProducts(
      cublas, kind, workspace: productWorkspace, bytes: Self.productWorkspaceBytes, stream)
    cudnn = libraries.cudnn.flatMap {
      try? CuDNNLibrary(
        $0,
        choices: ConvolutionChoices(
          folder: kernelCache, processor: processor.name,
          version: $0.cudnnGetVersion.map { $0() } ?? 0))
    }
    cudnn?.use(stream)
  }

  deinit {
    if productWorkspace != 0 { stream.free(productWorkspace, Self.productWorkspaceBytes) }
    stream.close()
  }

  /// Makes the device's primary context the calling thread's.
  private static func enter(
    _ driver: posetop_cuda_driver, device index: Int
  ) throws(ExecutionError) {
    func checked(_ function: String, _ code: Int32?) throws(ExecutionError) {
      if code != 0 { throw .device(function: function, message: driver.message(code)) }
    }
    var device: CUdevice = 0
    var context: CUcontext?
    try checked("cuInit", driver.cuInit?(0))
    try checked("cuDeviceGet", driver.cuDeviceGet?(&device, Int32(index)))
    try checked("cuDevicePrimaryCtxRetain", driver.cuDevicePrimaryCtxRetain?(&context, device))
    try checked("cuCtxSetCurrent", driver.cuCtxSetCurrent?(context))
  }

  /// The GPU's name, such as `NVIDIA H100 80GB HBM3, bf16`.
  public var deviceName: String { "\(processor.name), \(precision.rawValue)" }

  /// GPU, precision, and the versions of what computes on it.
  public func arithmetic(in precision: Precision) -> String {
    "cuda, \(processor.name), sm_\(processor.capability), \(precision.rawValue), \(versions)"
  }

  /// It computes by itself.
  public var leavesProcessorFree: Bool { true }

  /// By a kernel of ours.
  public var cropsPictures: Bool { true }

  /// Pins pages; memory that the driver refuses is read by slower copies.
  public func pin(_ memory: UnsafeRawBufferPointer) {
    guard let base = memory.baseAddress, memory.count > 0,
      stream.driver.cuMemHostRegister_v2?(
        UnsafeMutableRawPointer(mutating: base), memory.count, 0) == 0
    else { return }
    stream.pinned.append(memory)
  }

  /// Waits for copies, and lets pages go.
  public func unpin(_ memory: UnsafeRawBufferPointer) {
    guard let index = stream.pinned.firstIndex(where: { $0.baseAddress == memory.baseAddress }),
      let base = memory.baseAddress
    else { return }
    stream.pinned.remove(at: index)
    stream.synchronize()
    stream.synchronizeCopies()
    _ = stream.driver.cuMemHostUnregister?(UnsafeMutableRawPointer(mutating: base))
  }

  /// bfloat16 where the GPU multiplies it, half precision before.
  public static func bestPrecision(of processor: GraphicsProcessorFacts) -> Precision {
    processor.computeCapability.major >= 8 ? .bfloat16 : .float16
  }

  /// The one that it was made for.
  public var defaultPrecision: Precision { precision }

  /// The session's one allocation by kind, cuBLAS's workspace, and what the driver holds beside them.
  public func deviceMemory(for program: Program, _ options: SessionOptions) -> DevicePlan? {
    var (free, total) = (0, 0)
    guard stream.driver.cuMemGetInfo_v2?(&free, &total) == 0 else { return nil }
    let layout = DeviceMemory.layout(program, options, kind)
    let products = productWorkspace == 0 ? 0 : Self.productWorkspaceBytes
    return DevicePlan(
      kinds: layout.kinds(program, options, besides: products) + [("driver", driverBytes)],
      needed: layout.bytes, free: free, capacity: processor.memory, place: processor.pciBusID)
  }

  /// What context, kernels and libraries hold at present: more as libraries load their kernels when
  /// they are first called. 0 where nobody says.
  private var driverBytes: Int {
    guard let reading = processor.reading else { return 0 }
    let used =
      reading.processMemory
      ?? reading.memory.flatMap { memory in usedBefore.map { memory.used - $0 } } ?? 0
    return max(0, used - stream.allocatedBytes)
  }

  /// Whether the GPU computes in it.
  public func supports(_ precision: Precision) -> Bool { precision == self.precision }

  /// Scratch memory of the way in which this backend computes the node.
  public func workspaceBytes(of node: Node, in graph: Graph) -> Int {
    compiler(for: node, in: graph).workspaceBytes
  }

  /// How a node is done, in a word or two: by which library, or by a kernel of ours.
  public func method(of node: Node, in graph: Graph) -> String {
    compiler(for: node, in: graph).method
  }

  /// Takes the memory, all of it at once.
  public func makeSession(
    _ program: Program, _ options: SessionOptions
  ) throws(ExecutionError) -> any BackendSession {
    try CUDASession(program, options, backend: self)
  }

  /// Products of large matrices in this precision, and copies of what no cache holds.
  public func measureCeilings() throws(ExecutionError) -> Ceilings {
    try DeviceCeilings.measure(self)
  }
}

extension GraphicsProcessorFacts {
  /// 90 for compute capability 9.0.
  var capability: Int { 10 * computeCapability.major + computeCapability.minor }
}
