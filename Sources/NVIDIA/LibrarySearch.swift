import Support

/// Where NVIDIA's libraries may be, in the order in which they are looked for.
///
/// 1. The folders of `POSETOP_CUDA_LIBS` (separated by colons); 2. the loader's own search, by the bare
/// name; 3. `$VIRTUAL_ENV` and `$CONDA_PREFIX`; 4. the packages of the `python3` on `PATH`: a machine
/// whose libraries came with PyTorch has them there; 5. `$CUDA_HOME` and `/usr/local/cuda*`.
public struct LibrarySearch: Sendable {
  /// A place to look at.
  public struct Place: Sendable, Hashable {
    /// The folder; nil for the loader's own search.
    public let folder: String?

    /// The path of a file here, as the loader is given it.
    public func path(of name: String) -> String { folder.map { Path.join($0, name) } ?? name }
  }

  /// Places of the libraries that packages bring.
  public let places: [Place]
  /// Places of the libraries that come with the driver.
  public let driverPlaces: [Place]

  /// - Parameters:
  ///   - variable: the value of an environment variable; nil where it is not set.
  ///   - root: what stands before the fixed folders, for tests.
  public init(variable: (String) -> String?, root: String = "") {
    func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
    var folders: [String] = []
    for prefix in ["VIRTUAL_ENV", "CONDA_PREFIX"].compactMap(value) {
      folders.append(Path.join(prefix, "lib"))
      folders += Self.packages(below: prefix)
    }
    folders += Self.packagesOfPython(path: value("PATH") ?? "")
    for toolkit in Self.toolkits(["CUDA_HOME", "CUDA_PATH"].compactMap(value), root: root) {
      folders += ["lib64", "lib", "targets/\(Self.target)/lib"].map { Path.join(toolkit, $0) }
        .filter { Path.isFolder($0) }
    }
    places = Self.places(variable, then: folders)
    driverPlaces = Self.driverPlaces(variable: variable, root: root)
  }

  /// Places of the libraries that come with the driver, found without looking at any folder.
  public static func driverPlaces(
    variable: (String) -> String?, root: String = ""
  ) -> [Place] {
    places(
      variable,
      then: [
        "/usr/lib/\(multiarch)", "/usr/lib64", "/usr/local/nvidia/lib64", "/usr/lib/wsl/lib",
        "/run/opengl-driver/lib",
      ].map { root + $0 })
  }

  /// The loader's own search comes after what the user named.
  private static func places(
    _ variable: (String) -> String?, then folders: [String]
  ) -> [Place] {
    let named = (variable("POSETOP_CUDA_LIBS") ?? "").split(separator: ":").map(String.init)
    var seen: Set<String?> = []
    return (named.map { $0 } + [nil] + folders).filter { seen.insert($0).inserted }
      .map { Place(folder: $0) }
  }

  /// The library folders of NVIDIA's packages below a prefix of Python's, such as `nvidia/cudnn/lib`.
  private static func packages(below prefix: String) -> [String] {
    var result: [String] = []
    let lib = Path.join(prefix, "lib")
    // Python 3.13 before 3.9.
    let versions = (Path.names(in: lib) ?? []).filter { $0.hasPrefix("python3") }
      .sorted { isNewer($0, $1) }
    for version in versions {
      // Debian's own Python keeps packages under another name.
      for site in ["site-packages", "dist-packages"] {
        let nvidia = Path.join(Path.join(Path.join(lib, version), site), "nvidia")
        for package in (Path.names(in: nvidia) ?? []).sorted(by: { isNewer($0, $1) }) {
          let folder = Path.join(Path.join(nvidia, package), "lib")
          if Path.isFolder(folder) { result.append(folder) }
        }
      }
    }
    return result
  }

  /// The same for the first `python3` on the path: where its links stand, then where they lead.
  private static func packagesOfPython(path: String) -> [String] {
    let programs = path.split(separator: ":").map { Path.join(String($0), "python3") }
    guard let program = programs.first(where: { Path.isFile($0) }) else { return [] }
    var result: [String] = []
    for file in [program, Path.absolute(program)] {
      let prefix = Path.parent(of: Path.parent(of: file))
      result += packages(below: prefix)
      // What pip installs for Debian's own Python.
      if prefix.hasSuffix("/usr") { result += packages(below: Path.join(prefix, "local")) }
    }
    return result
  }

  /// The folders of CUDA's toolkits: those that the environment names, `cuda`, then the newest.
  private static func toolkits(_ named: [String], root: String) -> [String] {
    let parent = root + "/usr/local"
    let found = (Path.names(in: parent) ?? []).filter { $0.hasPrefix("cuda") }
      .sorted { $0 == "cuda" || ($1 != "cuda" && isNewer($0, $1)) }
    return named + found.map { Path.join(parent, $0) }
  }

  /// Whether the number in one name is the higher one: `cuda-12.10` before `cuda-12.9`.
  static func isNewer(_ one: String, _ other: String) -> Bool {
    func numbers(_ name: String) -> [Int] {
      name.split { !("0"..."9").contains($0) }.map { Int($0) ?? 0 }
    }
    let (first, second) = (numbers(one), numbers(other))
    return first == second ? one < other : second.lexicographicallyPrecedes(first)
  }

  #if arch(arm64)
    private static let target = "sbsa-linux"
    private static let multiarch = "aarch64-linux-gnu"
  #else
    private static let target = "x86_64-linux"
    private static let multiarch = "x86_64-linux-gnu"
  #endif
}
