import CPosix
import Glibc
import Support

/// The programs of posetop and how they are started.
public enum Program {
  /// The running executable's file.
  public static var ownPath: String { Path.absolute("/proc/self/exe") }

  /// The engine: beside this executable, or in `../libexec/posetop`; nil when it is in neither.
  public static var enginePath: String? {
    let folder = Path.parent(of: ownPath)
    let places = ["posetop-engine", "../libexec/posetop/posetop-engine"]
    return places.map { Path.join(folder, $0) }.first { access($0, X_OK) == 0 }
  }

  /// Starts a program with default signals, nothing on its input and its output appended to `log`.
  ///
  /// `environment` holds the variables that differ from ours; the descriptors in `inherited`, each at
  /// least 10, become 3, 4, ...; a leader gets a session of its own, away from our terminal.
  static func start(
    _ path: String, _ arguments: [String], environment: [String: String], log: String,
    inherited: [Int32], isLeader: Bool
  ) throws(KeeperError) -> pid_t {
    closeOnExec()
    var process: pid_t = 0
    let code = withCStrings([path] + arguments) { arguments in
      withCStrings(variables(environment)) { variables in
        posetop_spawn(
          path, arguments, variables, log, inherited, Int32(inherited.count), isLeader ? 1 : 0,
          &process)
      }
    }
    guard code == 0 else {
      throw .cannotStart(path: path, reason: String(cString: strerror(code)))
    }
    return process
  }

  /// Replaces this process by a fresh one of the same program with other variables; returns only
  /// when that is impossible.
  public static func replaceSelf(arguments: [String], environment: [String: String]) {
    let path = ownPath
    _ = withCStrings(arguments) { arguments in
      withCStrings(variables(environment)) { posetop_exec(path, arguments, $0) }
    }
  }

  /// Our environment with some variables replaced.
  static func variables(_ changes: [String: String]) -> [String] {
    var result: [String] = []
    var next = posetop_environment()
    while let entry = next?.pointee {
      let text = String(cString: entry)
      let name = text.prefix { $0 != "=" }
      if changes[String(name)] == nil { result.append(text) }
      next = next?.advanced(by: 1)
    }
    return result + changes.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// What the shell handed to us must not live on in a process that outlasts us. (closefrom would
  /// need glibc 2.34.)
  private static func closeOnExec() {
    for name in Path.names(in: "/proc/self/fd") ?? [] {
      if let descriptor = Int32(name), descriptor > 2 { posetop_close_on_exec(descriptor) }
    }
  }
}

/// Runs a function with a null-terminated array of C strings.
func withCStrings<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let strings = texts.map { strdup($0) }
  defer { for string in strings { free(string) } }
  return body(strings + [nil])
}
