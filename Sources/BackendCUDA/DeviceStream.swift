import CNVIDIA
import Execution
import Glibc
import NVIDIA
import Wording

/// One GPU and one order of work on it; owned by one thread.
///
/// A call that fails in the middle of a run ends the engine: see `DeviceFailure`.
final class DeviceStream {
  let driver: posetop_cuda_driver
  let handle: CUstream?
  /// Copies beside the work.
  let copies: CUstream?
  private let fail: DeviceFailure
  /// Bytes that are taken at present.
  private(set) var allocatedBytes = 0
  /// Pieces of work and copies so far that may have changed what lies on the GPU.
  private(set) var enqueued = 0
  private var functions: [String: CUfunction] = [:]
  private let kernels: KernelModule
  /// Memory of the process that the device reads by itself.
  var pinned: [UnsafeRawBufferPointer] = []
  /// Room for the arguments of a launch, reused.
  private var words = [UInt64](repeating: 0, count: 128)
  private var pointers = [UnsafeMutableRawPointer?](repeating: nil, count: 64)

  /// A stream in the calling thread's context.
  init(
    _ driver: posetop_cuda_driver, kernels: KernelModule, fail: @escaping DeviceFailure
  ) {
    self.driver = driver
    self.kernels = kernels
    self.fail = fail
    var stream: CUstream?
    let code = driver.cuStreamCreate?(&stream, UInt32(CU_STREAM_NON_BLOCKING))
    handle = stream
    var copies: CUstream?
    let second = code == 0 ? driver.cuStreamCreate?(&copies, UInt32(CU_STREAM_NON_BLOCKING)) : code
    self.copies = copies
    check("cuStreamCreate", second)
  }

  /// Takes memory, and counts it.
  func allocate(_ bytes: Int) throws(ExecutionError) -> DeviceAddress {
    var base: DeviceAddress = 0
    let code = driver.cuMemAlloc_v2?(&base, bytes)
    if code == Self.outOfMemory { throw .outOfMemory(bytes: bytes) }
    check("cuMemAlloc", code)
    allocatedBytes += bytes
    return base
  }

  func free(_ base: DeviceAddress, _ bytes: Int) {
    _ = driver.cuMemFree_v2?(base)
    allocatedBytes -= bytes
  }

  func close() {
    for stream in [copies, handle] {
      if let stream { _ = driver.cuStreamDestroy_v2?(stream) }
    }
  }

  /// Ends the engine where a call did not succeed.
  func check(_ function: StaticString, _ code: Int32?, _ what: String = "") {
    if let code, code == 0 { return }
    fail(
      Sentence(
        EngineSentence.deviceFailed, "\(function)\(what.isEmpty ? "" : " (\(what))")",
        driver.message(code)),
      code == Self.outOfMemory)
  }

  /// CUDA_ERROR_OUT_OF_MEMORY.
  private static let outOfMemory: Int32 = 2

  /// Ends the engine with what a library other than the driver said.
  func failed(_ function: String, _ message: String, isOutOfMemory: Bool = false) -> Never {
    fail(Sentence(EngineSentence.deviceFailed, function, message), isOutOfMemory)
  }

  /// Enqueues a kernel.
  func launch(_ call: KernelCall) {
    enqueued += 1
    let function = function(call.name)
    words.withUnsafeMutableBytes { words in
      var offset = 0
      for (index, argument) in call.arguments.enumerated() {
        let place = words.baseAddress.map { $0 + offset }
        pointers[index] = place
        offset += 8
        switch argument {
        case .address(let value): place?.storeBytes(of: value, as: UInt64.self)
        case .int(let value): place?.storeBytes(of: Int32(value), as: Int32.self)
        case .long(let value): place?.storeBytes(of: Int64(value), as: Int64.self)
        case .float(let value): place?.storeBytes(of: value, as: Float.self)
        case .ints(let values):
          for (at, value) in values.enumerated() {
            place?.storeBytes(of: Int32(value), toByteOffset: 4 * at, as: Int32.self)
          }
          offset += (4 * values.count + 7) / 8 * 8 - 8
        }
      }
      pointers.withUnsafeMutableBufferPointer {
        check(
          "cuLaunchKernel",
          driver.cuLaunchKernel?(
            function, UInt32(call.grid.x), UInt32(call.grid.y), UInt32(call.grid.z),
            UInt32(call.block.x), UInt32(call.block.y), UInt32(call.block.z), 0, handle,
            $0.baseAddress, nil), call.name)
      }
    }
  }

  private func function(_ name: String) -> CUfunction? {
    if let function = functions[name] { return function }
    var function: CUfunction?
    check("cuModuleGetFunction", driver.cuModuleGetFunction?(&function, kernels.module, name), name)
    functions[name] = function
    return function
  }

  /// Enqueues work.
  func enqueue(_ work: [DeviceWork]) {
    for piece in work {
      switch piece {
      case .kernel(let call): launch(call)
      case .library(_, let body):
        enqueued += 1
        body(self)
      }
    }
  }

  /// Copies to the GPU; the source may change as soon as this returns, or where it is pinned, when the
  /// work behind it is done.
  func upload(_ source: UnsafeRawPointer, to target: DeviceAddress, bytes: Int) {
    if bytes == 0 { return }
    enqueued += 1
    check("cuMemcpyHtoDAsync", driver.cuMemcpyHtoDAsync_v2?(target, source, bytes, handle))
    // Large copies from memory that is not pinned may still be read after the call.
    if bytes > 65_536, !isPinned(source, bytes) { synchronize() }
  }

  /// Whether the GPU reads it by itself.
  func isPinned(_ source: UnsafeRawPointer, _ bytes: Int) -> Bool {
    pinned.contains { memory in
      guard let base = memory.baseAddress else { return false }
      return source >= base && source + bytes <= base + memory.count
    }
  }

  /// Copies from the GPU and waits for it.
  func download(_ source: DeviceAddress, to target: UnsafeMutableRawPointer, bytes: Int) {
    if bytes == 0 { return }
    check("cuMemcpyDtoHAsync", driver.cuMemcpyDtoHAsync_v2?(target, source, bytes, handle))
    synchronize()
  }

  /// Copies within the GPU.
  func copy(_ source: DeviceAddress, to target: DeviceAddress, bytes: Int) {
    if bytes == 0 { return }
    enqueued += 1
    check("cuMemcpyDtoDAsync", driver.cuMemcpyDtoDAsync_v2?(target, source, bytes, handle))
  }

  /// Sets bytes.
  func fill(_ target: DeviceAddress, with byte: UInt8, bytes: Int) {
    if bytes == 0 { return }
    enqueued += 1
    check("cuMemsetD8Async", driver.cuMemsetD8Async?(target, byte, bytes, handle))
  }

  /// Waits until everything that was enqueued is done.
  func synchronize() { check("cuStreamSynchronize", driver.cuStreamSynchronize?(handle)) }

  /// Waits until every copy beside the work is done.
  func synchronizeCopies() { check("cuStreamSynchronize", driver.cuStreamSynchronize?(copies)) }

  /// An event for the order of two streams.
  func makeEvent() -> CUevent? {
    var event: CUevent?
    check("cuEventCreate", driver.cuEventCreate?(&event, UInt32(CU_EVENT_DISABLE_TIMING)))
    return event
  }

  func record(_ event: CUevent?, on stream: CUstream?) {
    check("cuEventRecord", driver.cuEventRecord?(event, stream))
  }

  /// Lets a stream wait for what came before an event, not the caller.
  func wait(for event: CUevent?, on stream: CUstream?) {
    check("cuStreamWaitEvent", driver.cuStreamWaitEvent?(stream, event, 0))
  }

  /// The seconds that the GPU takes for work, by its own clock.
  func seconds(_ body: () -> Void) -> Double {
    var (begin, end): (CUevent?, CUevent?)
    check("cuEventCreate", driver.cuEventCreate?(&begin, UInt32(CU_EVENT_DEFAULT)))
    check("cuEventCreate", driver.cuEventCreate?(&end, UInt32(CU_EVENT_DEFAULT)))
    check("cuEventRecord", driver.cuEventRecord?(begin, handle))
    body()
    check("cuEventRecord", driver.cuEventRecord?(end, handle))
    check("cuEventSynchronize", driver.cuEventSynchronize?(end))
    var milliseconds: Float = 0
    check("cuEventElapsedTime", driver.cuEventElapsedTime?(&milliseconds, begin, end))
    _ = driver.cuEventDestroy_v2?(begin)
    _ = driver.cuEventDestroy_v2?(end)
    return Double(milliseconds) / 1000
  }

  /// Records work as a graph that can be launched again and again.
  func captured(_ body: () -> Void) -> CUgraphExec? {
    check(
      "cuStreamBeginCapture",
      driver.cuStreamBeginCapture_v2?(handle, Int32(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL)))
    body()
    var graph: CUgraph?
    check("cuStreamEndCapture", driver.cuStreamEndCapture?(handle, &graph))
    var executable: CUgraphExec?
    check("cuGraphInstantiate", driver.cuGraphInstantiateWithFlags?(&executable, graph, 0))
    check("cuGraphDestroy", driver.cuGraphDestroy?(graph))
    return executable
  }

  /// Enqueues a recorded graph.
  func launch(_ graph: CUgraphExec) {
    enqueued += 1
    check("cuGraphLaunch", driver.cuGraphLaunch?(graph, handle))
  }
}

extension posetop_cuda_driver {
  /// The driver's own name and words for a code.
  func message(_ code: Int32?) -> String {
    guard let code else { return "not in this driver" }
    var (name, text): (UnsafePointer<CChar>?, UnsafePointer<CChar>?)
    _ = cuGetErrorName?(code, &name)
    _ = cuGetErrorString?(code, &text)
    let known = [name, text].compactMap { $0.map { String(cString: $0) } }
    return known.isEmpty ? "error \(code)" : known.joined(separator: ": ")
  }
}
