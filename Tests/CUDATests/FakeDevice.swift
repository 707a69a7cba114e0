import CNVIDIA
import FakeCUDA
import Graph
import NVIDIA
import Testing

@testable import BackendCUDA

/// All tests of the GPU's code. The made-up GPU runs the kernels' own texts, and there is one for the whole
/// process, so they take turns.
@Suite(.serialized) struct CUDATests {}

/// The made-up GPU.
enum FakeDevice {
  /// Its driver and compiler.
  static func libraries() -> NVIDIALibraries {
    var driver = posetop_cuda_driver()
    var nvrtc = posetop_nvrtc()
    fakecuda_fill(&driver, &nvrtc)
    return NVIDIALibraries(driver: driver, nvrtc: nvrtc)
  }

  /// A backend on it as it is when nobody has set anything; its kernels are kept nowhere.
  static func backend(
    _ precision: Precision = .float32, recordsGraphs: Bool = true,
    fail: @escaping DeviceFailure = endOnDeviceFailure
  ) throws -> CUDABackend {
    fakecuda_reset()
    let libraries = libraries()
    return try CUDABackend(
      libraries, processor: try libraries.processor(at: nil), precision: precision,
      recordsGraphs: recordsGraphs, kernelCache: nil, fail: fail)
  }

  /// The driver's calls since the last reset.
  static var log: [String] {
    String(cString: fakecuda_log()).split(separator: "\n").map(String.init)
  }

  /// How many calls there were of a function, or launches of a kernel with `launch NAME`.
  static func calls(_ name: String) -> Int {
    log.count { $0 == name || $0.hasPrefix(name + " ") }
  }
}
