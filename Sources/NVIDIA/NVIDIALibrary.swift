/// A library of NVIDIA's that is opened at run time.
public enum NVIDIALibrary: String, CaseIterable, Sendable {
  /// `libcuda.so.1`: comes with the kernel module, never in a package of Python's.
  case driver
  /// `libnvidia-ml.so.1`: memory, load and temperature of the devices; comes with the driver.
  case nvml
  /// What the compiler needs; of the very same version.
  case nvrtcBuiltins = "nvrtc-builtins"
  /// The compiler of kernels.
  case nvrtc
  case cublasLt
  case cublas
  /// Convolutions.
  case cudnn

  /// The name that NVIDIA writes.
  public var title: String {
    switch self {
    case .driver: "NVIDIA driver"
    case .nvml: "NVML"
    case .nvrtcBuiltins: "NVRTC builtins"
    case .nvrtc: "NVRTC"
    case .cublasLt: "cuBLASLt"
    case .cublas: "cuBLAS"
    case .cudnn: "cuDNN"
    }
  }

  /// The file's name for a major version of CUDA; the builtins carry the minor version too, so theirs
  /// is only the beginning.
  func fileName(major: Int) -> String {
    switch self {
    case .driver: "libcuda.so.1"
    case .nvml: "libnvidia-ml.so.1"
    case .nvrtcBuiltins: "libnvrtc-builtins.so.\(major)."
    case .nvrtc: "libnvrtc.so.\(major)"
    case .cublasLt: "libcublasLt.so.\(major)"
    case .cublas: "libcublas.so.\(major)"
    // The same for CUDA 12 and 13.
    case .cudnn: "libcudnn.so.9"
    }
  }
}

/// A version as CUDA counts: 13.0, 9.19.
public struct LibraryVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The major version, which the file's name carries.
  public let major: Int
  /// The minor version.
  public let minor: Int
  /// nil where the library does not tell.
  public let patch: Int?

  /// A version by its parts.
  public init(_ major: Int, _ minor: Int, _ patch: Int? = nil) {
    (self.major, self.minor, self.patch) = (major, minor, patch)
  }

  /// From CUDA's number: 1000 × major + 10 × minor.
  init(cuda number: Int) { self.init(number / 1000, number % 1000 / 10) }

  /// From cuDNN's number: 10000 × major + 100 × minor + patch.
  init(cudnn number: Int) { self.init(number / 10000, number / 100 % 100, number % 100) }

  public static func < (one: Self, other: Self) -> Bool {
    (one.major, one.minor, one.patch ?? 0) < (other.major, other.minor, other.patch ?? 0)
  }

  public var description: String {
    "\(major).\(minor)" + (patch.map { ".\($0)" } ?? "")
  }
}
