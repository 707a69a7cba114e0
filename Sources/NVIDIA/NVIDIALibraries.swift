public import CNVIDIA
import Glibc
import Support

/// NVIDIA's libraries as they were found in this process: tables of functions, and why one has none.
///
/// Nothing here fails: on a machine without a GPU every table is nil and `usability` says why.
///
/// `@unchecked Sendable`: the tables are set once before the object is handed out, and the libraries
/// stay open until the process ends.
public final class NVIDIALibraries: @unchecked Sendable {
  /// The driver; nil where there is none.
  public let driver: posetop_cuda_driver?
  /// The compiler; nil where it is missing.
  public let nvrtc: posetop_nvrtc?
  /// Products of matrices; nil where they are missing.
  public let cublas: posetop_cublas?
  /// Convolutions; nil where they are missing.
  public let cudnn: posetop_cudnn?
  /// The newest CUDA that the driver knows.
  public let driverVersion: LibraryVersion?
  /// The devices that the driver lists; empty where `driverProblem` says why.
  public let processors: [GraphicsProcessorFacts]
  /// Why the driver is of no use.
  public let driverProblem: NVIDIAError?
  /// What the search for each library came to, in the order of `NVIDIALibrary`, NVML left out.
  public let findings: [LibraryFinding]

  /// The oldest CUDA whose libraries are used.
  public static let oldestCUDA = LibraryVersion(12, 0)
  private static let newestKnownMajor = 13

  /// Looks for all libraries, opens them, and asks the driver for its devices.
  ///
  /// - Parameters:
  ///   - search: where to look.
  ///   - opener: how to open.
  ///   - onlyWithDriver: whether to look no further where there is no driver: the other libraries are
  ///     large, and of no use to a training then.
  public static func load(
    search: LibrarySearch = LibrarySearch(variable: environmentVariable),
    opener: LibraryOpener = .system, onlyWithDriver: Bool = false
  ) -> NVIDIALibraries {
    // Kernels of the libraries come into the device's memory when they are first used. Drivers before
    // 12.2 do so only when they are told.
    setenv("CUDA_MODULE_LOADING", "LAZY", 0)
    var finder = LibraryFinder(.driver, major: 0, search.driverPlaces, opener)
    let driver = finder.find(posetop_cuda_driver.self, "cuInit")
    finder.finding.version = driver.flatMap(Self.version)
    switch finder.finding.problem {
    case .missing: finder.finding.problem = .noDriver
    case .broken(_, let file, let reason):
      finder.finding.problem = .brokenDriver(file: file, reason: reason)
    default: break
    }
    let newest = finder.finding.version?.major ?? newestKnownMajor
    var packages: [PackageSet] = []
    if driver != nil || !onlyWithDriver, newest >= oldestCUDA.major {
      for major in (oldestCUDA.major...newest).reversed() {
        packages.append(PackageSet(major: major, search, opener))
        if packages.last?.isComplete == true { break }
      }
    }
    return NVIDIALibraries(driver: driver, driverFinding: finder.finding, packages)
  }

  /// The value of a variable of this process's environment.
  public static func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Libraries whose tables are given: a test's.
  public convenience init(
    driver: posetop_cuda_driver?, nvrtc: posetop_nvrtc? = nil, cublas: posetop_cublas? = nil,
    cudnn: posetop_cudnn? = nil
  ) {
    func finding(_ library: NVIDIALibrary, _ isThere: Bool) -> LibraryFinding {
      var finding = LibraryFinding(library)
      if isThere { finding.file = "given" } else { finding.problem = .missing(library, cuda: 13) }
      return finding
    }
    var driverFinding = finding(.driver, driver != nil)
    driverFinding.version = driver.flatMap(Self.version)
    if driver == nil { driverFinding.problem = .noDriver }
    self.init(
      driver: driver, nvrtc: nvrtc, cublas: cublas, cudnn: cudnn,
      findings: [
        driverFinding, finding(.nvrtc, nvrtc != nil), finding(.cublas, cublas != nil),
        finding(.cudnn, cudnn != nil),
      ])
  }

  /// Takes the set that is worth most; of equals the newest.
  private convenience init(
    driver: posetop_cuda_driver?, driverFinding: LibraryFinding, _ packages: [PackageSet]
  ) {
    let best = packages.reduce(nil as PackageSet?) { best, next in
      best.map { next.worth > $0.worth } ?? true ? next : best
    }
    var findings = [driverFinding]
    for library in NVIDIALibrary.allCases {
      guard var finding = best?.findings[library] else { continue }
      // What one version lacks was looked for in the others too.
      for other in packages where !finding.isUsable && other.major != best?.major {
        finding.attempts += other.findings[library]?.attempts ?? []
      }
      findings.append(finding)
    }
    self.init(
      driver: driver, nvrtc: best?.nvrtc, cublas: best?.cublas, cudnn: best?.cudnn,
      findings: findings)
  }

  private init(
    driver: posetop_cuda_driver?, nvrtc: posetop_nvrtc?, cublas: posetop_cublas?,
    cudnn: posetop_cudnn?, findings: [LibraryFinding]
  ) {
    (self.driver, self.nvrtc, self.cublas, self.cudnn) = (driver, nvrtc, cublas, cudnn)
    self.findings = findings
    let finding = findings.first { $0.library == .driver }
    driverVersion = finding?.version
    guard let driver else {
      (processors, driverProblem) = ([], finding?.problem ?? .noDriver)
      return
    }
    do throws(NVIDIAError) {
      if let version = finding?.version, version < Self.oldestCUDA {
        throw .driverTooOld(cuda: version)
      }
      processors = try GraphicsProcessorFacts.all(driver)
      driverProblem = nil
    } catch {
      (processors, driverProblem) = ([], error)
    }
  }

  private static func version(_ driver: posetop_cuda_driver) -> LibraryVersion? {
    var number: Int32 = 0
    guard driver.cuDriverGetVersion(&number) == 0, number > 0 else { return nil }
    return LibraryVersion(cuda: Int(number))
  }

  /// What the search for a library came to; nil for one that was not looked for.
  public func finding(_ library: NVIDIALibrary) -> LibraryFinding? {
    findings.first { $0.library == library }
  }

  /// Why a library is not in use; nil when it is.
  public func problem(of library: NVIDIALibrary) -> NVIDIAError? {
    guard let finding = finding(library) else { return .missing(library, cuda: 13) }
    return finding.isUsable ? nil : finding.problem
  }
}
