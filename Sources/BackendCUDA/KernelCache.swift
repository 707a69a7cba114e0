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
    if let path, let bytes = try? FileReading.bytes(of: path, limit: 1 << 26),
      let image = unsealed(bytes), let module = try? KernelModule(loading: image, driver)
    {
      return module
    }
    let image = try KernelModule.compile(nvrtc, capability: capability, kind)
    let module = try KernelModule(loading: image, driver)
    if let folder, let path {
      let kept = image.withUnsafeBytes { Array($0) + seal($0) }
      kept.withUnsafeBytes { DeviceCache.keep($0, as: path, in: folder) }
    }
    return module
  }

  /// The checksums that stand behind a kept program: the driver is not told how long it is, and reads
  /// where a damaged one leads it.
  private static func seal(_ image: UnsafeRawBufferPointer) -> [UInt8] {
    var checksums = BlockChecksums()
    checksums.append(image)
    return checksums.finish().flatMap { checksum in
      (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (8 * UInt32($0))) }
    }
  }

  /// A kept program without its checksums; nil where they do not agree.
  private static func unsealed(_ bytes: [UInt8]) -> [CChar]? {
    var blocks = BlockChecksums.blocks(of: bytes.count)
    // The checksums themselves may have begun another block.
    if BlockChecksums.blocks(of: bytes.count - 4 * blocks) < blocks { blocks -= 1 }
    let count = bytes.count - 4 * blocks
    guard count > 0,
      bytes.withUnsafeBytes({ seal(UnsafeRawBufferPointer(rebasing: $0[..<count])) })
        == Array(bytes[count...])
    else { return nil }
    return bytes[..<count].map { CChar(bitPattern: $0) }
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
