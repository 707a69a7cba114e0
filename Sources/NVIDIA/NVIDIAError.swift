public import Wording

/// Why a GPU, or a library for it, is not used.
public enum NVIDIAError: Error, Sayable, Hashable {
  /// `libcuda.so.1` is nowhere.
  case noDriver
  /// The driver's library is there, but the loader refuses it.
  case brokenDriver(file: String, reason: String)
  /// The driver knows only versions of CUDA that are too old.
  case driverTooOld(cuda: LibraryVersion)
  /// Error 803: the driver's library and its kernel module are of different versions.
  case driverMismatch
  /// Error 100: the driver lists no device.
  case noDevice
  /// Another error of a function of the driver's.
  case driverFailed(function: String, code: Int, name: String)
  /// The device is older than what the kernels are written for.
  case deviceTooOld(name: String, capability: LibraryVersion)
  /// `--device cuda:N` beyond the devices that there are.
  case noSuchDevice(index: Int, count: Int)
  /// No file of the library for this version of CUDA is anywhere.
  case missing(NVIDIALibrary, cuda: Int)
  /// Its file is there, but the loader refuses it.
  case broken(NVIDIALibrary, file: String, reason: String)
  /// The library lacks a function.
  case symbolMissing(NVIDIALibrary, file: String, symbol: String)
  /// The library is too old.
  case tooOld(NVIDIALibrary, file: String, version: LibraryVersion, needed: LibraryVersion)
  /// The library was made for another version of CUDA than the compiler's.
  case otherCUDA(NVIDIALibrary, file: String, made: Int, needed: Int)
  /// The library is not opened because one that it calls is missing.
  case needs(NVIDIALibrary, other: NVIDIALibrary)

  public var sentence: Sentence {
    Sentence(GraphicsSentence.notUsed, reason, cure)
  }

  /// What is wrong: a clause that follows "because".
  public var reason: Sentence {
    switch self {
    case .noDriver: Sentence(GraphicsSentence.noDriver)
    case .brokenDriver(let file, let reason):
      Sentence(GraphicsSentence.brokenDriver, file, reason)
    case .driverTooOld(let cuda):
      Sentence(GraphicsSentence.driverTooOld, cuda, NVIDIALibraries.oldestCUDA)
    case .driverMismatch: Sentence(GraphicsSentence.driverMismatch)
    case .noDevice: Sentence(GraphicsSentence.noDevice)
    case .driverFailed(let function, let code, let name):
      Sentence(GraphicsSentence.driverFailed, function, code, name)
    case .deviceTooOld(let name, let capability):
      Sentence(
        GraphicsSentence.deviceTooOld, name, capability, GraphicsProcessorFacts.oldestCapability)
    case .noSuchDevice(let index, let count):
      Sentence(GraphicsSentence.noSuchDevice, index, count)
    case .missing(let library, let cuda):
      Sentence(GraphicsSentence.missing, library.title, library.fileName(major: cuda))
    case .broken(let library, let file, let reason):
      Sentence(GraphicsSentence.broken, library.title, file, reason)
    case .symbolMissing(let library, let file, let symbol):
      Sentence(GraphicsSentence.symbolMissing, library.title, file, symbol)
    case .tooOld(let library, let file, let version, let needed):
      Sentence(GraphicsSentence.tooOld, library.title, file, version, needed)
    case .otherCUDA(let library, let file, let made, let needed):
      Sentence(GraphicsSentence.otherCUDA, library.title, file, made, needed)
    case .needs(let library, let other):
      Sentence(GraphicsSentence.needs, library.title, other.title)
    }
  }

  /// What to do about it: a whole sentence.
  public var cure: Sentence {
    switch self {
    case .noDriver: Sentence(GraphicsSentence.noDriverCure)
    case .brokenDriver, .driverFailed: Sentence(GraphicsSentence.driverFailedCure)
    case .driverTooOld: Sentence(GraphicsSentence.driverTooOldCure)
    case .driverMismatch: Sentence(GraphicsSentence.driverMismatchCure)
    case .noDevice: Sentence(GraphicsSentence.noDeviceCure)
    case .deviceTooOld: Sentence(GraphicsSentence.deviceTooOldCure)
    case .noSuchDevice(_, let count): Sentence(GraphicsSentence.noSuchDeviceCure, max(0, count - 1))
    case .missing(let library, let cuda), .otherCUDA(let library, _, _, let cuda):
      Sentence(GraphicsSentence.installCure, library.package(cuda: cuda))
    case .broken(let library, _, _), .symbolMissing(let library, _, _),
      .tooOld(let library, _, _, _):
      Sentence(GraphicsSentence.replaceCure, library.title)
    case .needs(_, let other): Sentence(GraphicsSentence.needsCure, other.title)
    }
  }
}

extension NVIDIALibrary {
  /// The package of Python's index that holds the library for a major version of CUDA.
  func package(cuda major: Int) -> String {
    // From CUDA 13 on the names have no ending, but for cuDNN's.
    let ending = major < 13 ? "-cu\(major)" : ""
    return switch self {
    case .driver, .nvml: ""
    case .nvrtc, .nvrtcBuiltins: "nvidia-cuda-nvrtc\(ending)"
    case .cublas, .cublasLt: "nvidia-cublas\(ending)"
    case .cudnn: "nvidia-cudnn-cu\(major)"
    }
  }
}
