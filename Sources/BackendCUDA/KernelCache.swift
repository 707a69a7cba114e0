import CNVIDIA
import Execution
import Glibc
import NVIDIA
import Support

/// Compiled kernels, kept from one start to the next: compiling them takes seconds.
enum KernelCache {
  /// The program for a GPU, from the cache or from NVRTC; a file that the driver does not take is made
  /// anew.
  ///
  /// - Parameter folder: where it is kept; nil for nowhere.
  static func module(
    _ nvrtc: posetop_nvrtc, _ driver: posetop_cuda_driver, capability: Int, _ kind: MapKind,
    folder: String?
  ) throws(ExecutionError) -> KernelModule {
    let path = folder.map { "\($0)/\(name(nvrtc, capability: capability, kind))" }
    if let path, let bytes = try? FileReading.bytes(of: path, limit: 1 << 26), !bytes.isEmpty,
      let module = try? KernelModule(loading: bytes.map { CChar(bitPattern: $0) }, driver)
    {
      return module
    }
    let image = try KernelModule.compile(nvrtc, capability: capability, kind)
    let module = try KernelModule(loading: image, driver)
    if let folder, let path {
      image.withUnsafeBytes { DeviceCache.keep($0, as: path, in: folder) }
    }
    return module
  }

  /// A name that another text, GPU, kind or compiler does not have.
  private static func name(
    _ nvrtc: posetop_nvrtc, capability: Int, _ kind: MapKind
  ) -> String {
    // FNV-1a: no secret is kept, only versions told apart.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in KernelModule.source.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var (major, minor): (Int32, Int32) = (0, 0)
    _ = nvrtc.nvrtcVersion?(&major, &minor)
    return
      "kernels-\(String(hash, radix: 16))-sm\(capability)-\(kind.rawValue)-\(major).\(minor).cubin"
  }
}
