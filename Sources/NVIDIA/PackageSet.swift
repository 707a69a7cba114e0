internal import CNVIDIA
import Support
import Wording

/// Compiler, matrix products and convolutions for one major version of CUDA, as far as they were found.
struct PackageSet {
  let major: Int
  var nvrtc: posetop_nvrtc?
  var cublas: posetop_cublas?
  var cudnn: posetop_cudnn?
  var findings: [NVIDIALibrary: LibraryFinding] = [:]

  /// The newest cuDNN that plans as these kernels need it: 9.8.
  static let oldestCUDNN = LibraryVersion(9, 8, 0)

  var isComplete: Bool { nvrtc != nil && cublas != nil && cudnn != nil }
  /// Nothing runs without the compiler; convolutions matter more than products.
  var worth: Int { (nvrtc == nil ? 0 : 4) + (cudnn == nil ? 0 : 2) + (cublas == nil ? 0 : 1) }

  /// Opens the libraries in the order that they bear: each finds those that it calls already open, under
  /// their bare names. cuDNN ends the process when it does not find cuBLASLt.
  init(major: Int, _ search: LibrarySearch, _ opener: LibraryOpener) {
    self.major = major
    openCompiler(search, opener)
    var products = LibraryFinder(.cublasLt, major: major, search.places, opener)
    let lightweight = products.find(posetop_cublaslt.self, "cublasLtGetVersion")
    if let lightweight { products.finding.version = Self.version(cublas: lightweight) }
    findings[.cublasLt] = products.finding
    openCUBLAS(search, opener, hasLightweight: lightweight != nil)
    openCUDNN(search, opener, hasLightweight: lightweight != nil)
  }

  private mutating func openCompiler(_ search: LibrarySearch, _ opener: LibraryOpener) {
    var builtins = LibraryFinding(.nvrtcBuiltins)
    var finder = LibraryFinder(.nvrtc, major: major, search.places, opener)
    let major = major
    nvrtc = finder.find(
      posetop_nvrtc.self, "nvrtcVersion",
      before: { Self.openBuiltins(beside: $0, major: major, opener, &builtins) })
    if let nvrtc, let file = finder.finding.file {
      var (first, second) = (Int32(0), Int32(0))
      if nvrtc.nvrtcVersion(&first, &second) == 0 {
        finder.finding.version = LibraryVersion(Int(first), Int(second))
      }
      // The loader's own search told no folder before.
      if builtins.file == nil {
        Self.openBuiltins(beside: Path.absolute(file), major: major, opener, &builtins)
      }
    }
    if builtins.file == nil {
      builtins.problem =
        nvrtc == nil
        ? .needs(.nvrtcBuiltins, other: .nvrtc) : .missing(.nvrtcBuiltins, cuda: major)
    }
    findings[.nvrtc] = finder.finding
    findings[.nvrtcBuiltins] = builtins
  }

  /// Opens the builtins that lie beside a compiler: it looks for them by their bare name only.
  private static func openBuiltins(
    beside file: String, major: Int, _ opener: LibraryOpener, _ finding: inout LibraryFinding
  ) {
    let folder = Path.parent(of: file)
    let prefix = NVIDIALibrary.nvrtcBuiltins.fileName(major: major)
    let names = (Path.names(in: folder) ?? []).filter { $0.hasPrefix(prefix) }
    // The shortest is the name under which the compiler asks for it: `.13.0`, not `.13.0.88`.
    guard let name = names.min(by: { $0.utf8.count < $1.utf8.count }) else {
      finding.tried(Path.join(folder, prefix + "*"), LibraryFinder.noSuchFile)
      return
    }
    let path = Path.join(folder, name)
    switch opener.open(path) {
    case .success:
      finding.file = UntrustedText.clean(path)
      finding.tried(path, nil)
    case .failure(let refusal): finding.tried(path, refusal.reason)
    }
  }

  private mutating func openCUBLAS(
    _ search: LibrarySearch, _ opener: LibraryOpener, hasLightweight: Bool
  ) {
    var finder = LibraryFinder(.cublas, major: major, search.places, opener)
    if hasLightweight {
      cublas = finder.find(posetop_cublas.self, "cublasGetProperty")
      if let cublas { finder.finding.version = Self.version(of: cublas) }
    } else {
      finder.finding.problem = .needs(.cublas, other: .cublasLt)
    }
    findings[.cublas] = finder.finding
  }

  private mutating func openCUDNN(
    _ search: LibrarySearch, _ opener: LibraryOpener, hasLightweight: Bool
  ) {
    var finder = LibraryFinder(.cudnn, major: major, search.places, opener)
    defer { findings[.cudnn] = finder.finding }
    guard hasLightweight else {
      finder.finding.problem = .needs(.cudnn, other: .cublasLt)
      return
    }
    let major = major
    finder.isOther = { Self.madeForOtherCUDA(package: $0, major: major) }
    guard let table = finder.find(posetop_cudnn.self, "cudnnGetVersion"),
      let file = finder.finding.file
    else { return }
    // Asking opens the parts of this copy; those of another could not be opened beside them under
    // the same names, so the search ends with the first that answers.
    let version = LibraryVersion(cudnn: Int(clamping: table.cudnnGetVersion()))
    let made = Int(clamping: table.cudnnGetCudartVersion()) / 1000
    finder.finding.version = version
    if version < Self.oldestCUDNN {
      finder.finding.problem = .tooOld(
        .cudnn, file: file, version: version, needed: Self.oldestCUDNN)
    } else if made != major {
      finder.finding.problem = .otherCUDA(.cudnn, file: file, made: made, needed: major)
    } else {
      cudnn = table
    }
  }

  /// Whether a copy of cuDNN lies in a package of Python's that says it is for another CUDA than this:
  /// found by its name beside `nvidia/cudnn/lib`, so that the copy need not be opened to be asked.
  private static func madeForOtherCUDA(package folder: String, major: Int) -> Int? {
    var site = folder
    for _ in 0..<3 { site = Path.parent(of: site) }
    let prefix = "nvidia_cudnn_cu"
    let made = (Path.names(in: site) ?? []).filter { $0.hasPrefix(prefix) }
      .compactMap { Int($0.dropFirst(prefix.count).prefix { ("0"..."9").contains($0) }) }
    return made.contains(major) ? nil : made.max()
  }

  /// cuBLAS counts as cuDNN does, from version 12 on.
  private static func version(cublas table: posetop_cublaslt) -> LibraryVersion {
    LibraryVersion(cudnn: Int(clamping: table.cublasLtGetVersion()))
  }

  private static func version(of table: posetop_cublas) -> LibraryVersion? {
    var parts = [Int32](repeating: 0, count: 3)
    for index in 0..<3 where table.cublasGetProperty(Int32(index), &parts[index]) != 0 {
      return nil
    }
    return LibraryVersion(Int(parts[0]), Int(parts[1]), Int(parts[2]))
  }
}

/// The search for one library.
struct LibraryFinder {
  static let noSuchFile = "no such file"

  let library: NVIDIALibrary
  let major: Int
  let places: [LibrarySearch.Place]
  let opener: LibraryOpener
  var finding: LibraryFinding
  /// The CUDA that the library in a folder was made for, where that is known to be another one.
  var isOther: (_ folder: String) -> Int? = { _ in nil }

  init(
    _ library: NVIDIALibrary, major: Int, _ places: [LibrarySearch.Place], _ opener: LibraryOpener
  ) {
    (self.library, self.major, self.places, self.opener) = (library, major, places, opener)
    finding = LibraryFinding(library)
  }

  /// The table of the first file that opens and has all functions.
  ///
  /// - Parameters:
  ///   - witness: a function by which the file is told that the loader's own search took.
  ///   - before: what is done before a file is opened that exists.
  mutating func find<Table: FunctionTable>(
    _ type: Table.Type, _ witness: String, before: (_ path: String) -> Void = { _ in }
  ) -> Table? {
    let name = library.fileName(major: major)
    // The first file that is there and not fit says more than all that are not there.
    var problem: NVIDIAError?
    for place in places {
      let path = place.path(of: name)
      if let folder = place.folder {
        guard Path.isFile(path) else {
          finding.tried(path, Self.noSuchFile)
          continue
        }
        if let made = isOther(folder) {
          let error = NVIDIAError.otherCUDA(
            library, file: UntrustedText.clean(path), made: made, needed: major)
          finding.tried(path, error.reason.text())
          problem = problem ?? error
          continue
        }
        before(path)
      }
      switch opener.open(path) {
      case .failure(let refusal):
        finding.tried(path, refusal.reason)
        if place.folder != nil {
          problem =
            problem
            ?? .broken(library, file: UntrustedText.clean(path), reason: refusal.reason)
        }
      case .success(let handle):
        let found = opener.symbol(handle, witness).flatMap(opener.file) ?? path
        let file = UntrustedText.clean(found)
        switch Table.filled(from: handle, opener) {
        case .failure(let missing):
          let error = NVIDIAError.symbolMissing(library, file: file, symbol: missing.name)
          finding.tried(path, error.reason.text())
          problem = problem ?? error
        case .success(let table):
          finding.tried(path, nil)
          finding.file = file
          return table
        }
      }
    }
    finding.problem = problem ?? .missing(library, cuda: major)
    return nil
  }
}
