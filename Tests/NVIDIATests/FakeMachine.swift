import CNVIDIA
import Glibc
import Support
import TestSupport
import Testing

@testable import NVIDIA

/// A folder tree that stands for a machine, and a loader whose libraries are small text files.
///
/// A file's words say what it is: `cudnn-9.19 cuda-13`; `broken` files are refused, `lacks-X` have no
/// function X.
final class FakeMachine: Sendable {
  let root = "/tmp/posetop-nvidia-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
  /// What was opened, in order, in paths below the root.
  let opened = Monitor<[String]>([])
  private let handles = Monitor<[String]>([])

  deinit { removeTree(root) }

  /// Puts a file below the root.
  func put(_ path: String, _ words: String) throws {
    let full = root + path
    try Path.makeFolders(Path.parent(of: full))
    let stream = try #require(fopen(full, "w"))
    defer { fclose(stream) }
    try #require(fputs(words, stream) >= 0)
  }

  /// Puts the packages of a Python environment for one CUDA, in the places that theirs have.
  func putPackages(
    in prefix: String, cuda: Int, cudnn: String? = nil, without: Set<String> = []
  ) throws {
    let site = "\(prefix)/lib/python3.11/site-packages"
    func folder(_ name: String) -> String {
      cuda >= 13 ? "\(site)/nvidia/cu\(cuda)/lib" : "\(site)/nvidia/\(name)/lib"
    }
    for (file, package) in [
      ("libnvrtc.so.\(cuda)", "cuda_nvrtc"), ("libnvrtc-builtins.so.\(cuda).0", "cuda_nvrtc"),
      ("libcublasLt.so.\(cuda)", "cublas"), ("libcublas.so.\(cuda)", "cublas"),
    ] where !without.contains(file) {
      try put("\(folder(package))/\(file)", "cuda-\(cuda)")
    }
    if let cudnn { try put("\(site)/nvidia/cudnn/lib/libcudnn.so.9", "\(cudnn) cuda-\(cuda)") }
  }

  /// The search on this machine; values of variables may begin with `/`, below the root.
  func search(_ variables: [String: String] = [:]) -> LibrarySearch {
    LibrarySearch(
      variable: { name in
        variables[name].map {
          $0.split(separator: ":").map { self.root + $0 }.joined(separator: ":")
        }
      }, root: root)
  }

  /// Places without the root.
  func folders(_ places: [LibrarySearch.Place]) -> [String] {
    places.map { place in
      place.folder.map { $0.hasPrefix(root) ? String($0.dropFirst(root.count)) : $0 } ?? "(loader)"
    }
  }

  /// The loader; a bare name is found in the folder `/ld` only.
  var opener: LibraryOpener {
    LibraryOpener(
      open: { [self] path in
        let file = path.hasPrefix("/") ? path : "\(root)/ld/\(path)"
        guard let words = Self.words(file) else {
          return .failure(.init(reason: "no file \(path)"))
        }
        if words.contains("broken") { return .failure(.init(reason: "invalid ELF header")) }
        opened.update { $0.append(String(file.dropFirst(root.count))) }
        return .success(
          .init(
            address: UInt(
              handles.update { list in
                list.append(file)
                return list.count
              })))
      },
      symbol: { [self] handle, name in
        let file = handles.update { $0[Int(handle.address) - 1] }
        let words = Self.words(file) ?? []
        return words.contains("lacks-\(name)") ? nil : Functions.address(of: name, words)
      },
      file: { _ in nil })
  }

  private static func words(_ file: String) -> [String]? {
    guard let bytes = try? FileReading.bytes(of: file, limit: 1000) else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
  }
}

/// The functions of the made-up libraries.
private enum Functions {
  typealias Number = @convention(c) () -> Int
  typealias Version =
    @convention(c) (UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<Int32>?)
    -> Int32
  typealias Answer = @convention(c) (UnsafeMutablePointer<Int32>?) -> Int32

  static func address(of name: String, _ words: [String]) -> UInt {
    let is13 = words.contains("cuda-13")
    switch name {
    case "nvrtcVersion":
      let make13: Version = {
        $0?.pointee = 13; $1?.pointee = 0; return 0
      }
      let make12: Version = {
        $0?.pointee = 12; $1?.pointee = 9; return 0
      }
      return unsafeBitCast(is13 ? make13 : make12, to: UInt.self)
    case "cudnnGetCudartVersion":
      let make13: Number = { 13010 }
      let make12: Number = { 12090 }
      return unsafeBitCast(is13 ? make13 : make12, to: UInt.self)
    case "cudnnGetVersion":
      let new: Number = { 91900 }
      let old: Number = { 90702 }
      return unsafeBitCast(words.contains("cudnn-9.7") ? old : new, to: UInt.self)
    case "cublasLtGetVersion":
      let number: Number = { 130100 }
      return unsafeBitCast(number, to: UInt.self)
    case "cuDriverGetVersion":
      let make13: Answer = {
        $0?.pointee = 13000; return 0
      }
      let make12: Answer = {
        $0?.pointee = 12080; return 0
      }
      let make11: Answer = {
        $0?.pointee = 11080; return 0
      }
      return unsafeBitCast(
        is13 ? make13 : words.contains("cuda-11") ? make11 : make12, to: UInt.self)
    case "cuInit":
      let none: @convention(c) (UInt32) -> Int32 = { _ in 100 }
      return unsafeBitCast(none, to: UInt.self)
    default:
      let fails: Number = { 1 }
      return unsafeBitCast(fails, to: UInt.self)
    }
  }
}

/// Tables of a driver that lists one made-up device.
enum FakeDriver {
  /// - Parameter start: what `cuInit` gives.
  static func table(
    start: @escaping @convention(c) (UInt32) -> Int32 = { _ in 0 }, isOld: Bool = false
  ) -> posetop_cuda_driver {
    var table = posetop_cuda_driver()
    table.cuInit = start
    table.cuDriverGetVersion = {
      $0?.pointee = 13000; return 0
    }
    table.cuDeviceGetCount = {
      $0?.pointee = 1; return 0
    }
    table.cuDeviceGet = {
      $0?.pointee = $1; return 0
    }
    table.cuDeviceGetName = { name, size, _ in
      // A name from outside may hold anything.
      for (index, byte) in "Tesla\u{1B}[T4".utf8.enumerated() where index < Int(size) {
        name?[index] = CChar(bitPattern: byte)
      }
      return 0
    }
    table.cuDeviceTotalMem_v2 = { bytes, _ in
      bytes?.pointee = 16 << 30; return 0
    }
    table.cuDeviceGetPCIBusId = { text, _, _ in
      for (index, byte) in "0000:65:00.0".utf8.enumerated() {
        text?[index] = CChar(bitPattern: byte)
      }
      return 0
    }
    if isOld {
      table.cuDeviceGetAttribute = { value, number, _ in
        value?.pointee = number == 75 ? 6 : number == 76 ? 1 : 20
        return 0
      }
    } else {
      table.cuDeviceGetAttribute = { value, number, _ in
        value?.pointee = number == 75 ? 7 : number == 76 ? 5 : 40
        return 0
      }
    }
    table.cuGetErrorName = { _, _ in 1 }
    return table
  }
}
