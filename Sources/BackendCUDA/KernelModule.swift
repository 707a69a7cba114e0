import CNVIDIA
import CUDAKernels
import Execution
import Glibc
import Graph
import NVIDIA
import Support

/// What maps are stored as on the GPU, and how their products are computed.
enum MapKind: String {
  case float, tensorFloat, bfloat16, half

  init(_ precision: Precision) {
    switch precision {
    case .float32: self = .float
    case .tensorFloat32: self = .tensorFloat
    case .bfloat16: self = .bfloat16
    case .float16: self = .half
    }
  }

  /// Bytes of a map's value.
  var bytes: Int { isSixteen ? 2 : 4 }
  var isSixteen: Bool { self == .bfloat16 || self == .half }

  /// What NVRTC is told.
  fileprivate var definition: String? {
    switch self {
    case .float, .tensorFloat: nil
    case .bfloat16: "-DMAP_BFLOAT16"
    case .half: "-DMAP_HALF"
    }
  }
}

/// Our kernels, compiled for one GPU and one kind of maps; on it as long as this object is there.
final class KernelModule {
  let module: CUmodule?
  private let driver: posetop_cuda_driver

  init(loading image: [CChar], _ driver: posetop_cuda_driver) throws(ExecutionError) {
    var module: CUmodule?
    let code = image.withUnsafeBytes { driver.cuModuleLoadData?(&module, $0.baseAddress) }
    guard code == 0 else {
      throw .device(function: "cuModuleLoadData", message: driver.message(code))
    }
    self.module = module
    self.driver = driver
  }

  deinit { if let module { _ = driver.cuModuleUnload?(module) } }

  /// The text of all kernels: what all share first.
  static var source: String {
    (0..<posetop_kernel_family_count()).map { String(cString: posetop_kernel_family_at($0).text) }
      .joined(separator: "\n")
  }

  /// The program for a GPU of that compute capability (such as 90).
  static func compile(
    _ nvrtc: posetop_nvrtc, capability: Int, _ kind: MapKind
  ) throws(ExecutionError) -> [CChar] {
    var program: nvrtcProgram?
    func checked(_ function: String, _ code: Int32?) throws(ExecutionError) {
      if code == 0 { return }
      var message =
        code.flatMap { nvrtc.nvrtcGetErrorString?($0) }.map { String(cString: $0) } ?? "?"
      var size = 0
      if program != nil, nvrtc.nvrtcGetProgramLogSize?(program, &size) == 0, size > 1 {
        var log = [CChar](repeating: 0, count: size + 1)
        _ = nvrtc.nvrtcGetProgramLog?(program, &log)
        message +=
          ": "
          + String(decoding: log.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
      throw .device(function: function, message: message)
    }
    try checked(
      "nvrtcCreateProgram", nvrtc.nvrtcCreateProgram?(&program, source, "posetop.cu", 0, nil, nil))
    defer { _ = nvrtc.nvrtcDestroyProgram?(&program) }
    let options =
      ["--gpu-architecture=sm_\(capability)", "--std=c++17"] + (kind.definition.map { [$0] } ?? [])
    let strings = options.map { strdup($0) }
    defer { for string in strings { free(string) } }
    let pointers = strings.map { UnsafePointer<CChar>($0) }
    try checked(
      "nvrtcCompileProgram", nvrtc.nvrtcCompileProgram?(program, Int32(options.count), pointers))
    var size = 0
    try checked("nvrtcGetCUBINSize", nvrtc.nvrtcGetCUBINSize?(program, &size))
    var image = [CChar](repeating: 0, count: size)
    try checked("nvrtcGetCUBIN", nvrtc.nvrtcGetCUBIN?(program, &image))
    return image
  }
}
