import Glibc
import Support
public import Wording

/// Whether this machine ends a user's programs when the user logs out, training included.
///
/// A session of its own is no protection: systemd-logind ends a control group, and a process that
/// was started from a login stays in the login's group whatever it does (logind.conf(5),
/// `KillUserProcesses`; loginctl(1), `enable-linger`).
public enum LogoutPolicy: Sendable, Hashable {
  /// A logout ends nothing.
  case harmless
  /// All programs of a login end with that login.
  case endsLogin
  /// The programs of the user's own service manager end with the user's last login.
  case endsUserManager

  /// What this process has to expect.
  public static func ofThisProcess() -> LogoutPolicy {
    let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? ""
    return find(root: "/", user: user, isRoot: geteuid() == 0)
  }

  /// The same, with the system's files below another folder.
  static func find(root: String, user: String, isRoot: Bool) -> LogoutPolicy {
    guard Path.isFolder(Path.join(root, "run/systemd/system")) else { return .harmless }
    let group = text(root, "proc/self/cgroup").split(separator: "\n").joined(separator: " ")
    guard group.contains("/user.slice/") || group.contains("user.slice") else { return .harmless }
    let settings = Settings(root: root)
    if group.contains("/session-") {
      guard settings.killsProcesses else { return .harmless }
      if !settings.onlyUsers.isEmpty, !settings.onlyUsers.contains(user) { return .harmless }
      return settings.excludedUsers.contains(user) || (isRoot && settings.excludesRoot)
        ? .harmless : .endsLogin
    }
    let lingers = Path.isFile(Path.join(root, "var/lib/systemd/linger/\(user)"))
    return group.contains("/user@") && !lingers ? .endsUserManager : .harmless
  }

  /// What to tell the user; nil when there is nothing to fear.
  public var warning: Sentence? {
    switch self {
    case .harmless: nil
    case .endsLogin: Sentence(RunSentence.logoutEndsLogin)
    case .endsUserManager: Sentence(RunSentence.logoutEndsManager)
    }
  }

  fileprivate static func text(_ root: String, _ path: String) -> String {
    var result: [UInt8] = []
    // Files under /proc say that they are empty, so they are read until they end.
    let descriptor = open(Path.join(root, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    while result.count < 1 << 16 {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      result += buffer[..<count]
    }
    return String(decoding: result, as: UTF8.self)
  }
}

/// What logind's files say.
private struct Settings {
  var killsProcesses = false
  var onlyUsers: [String] = []
  var excludedUsers: [String] = []
  /// Root is excluded unless the list is set.
  var excludesRoot = true

  init(root: String) {
    // The main file names the built-in values behind `#`; the first of these that is there counts.
    let main = [
      "etc/systemd/logind.conf", "run/systemd/logind.conf", "usr/lib/systemd/logind.conf",
    ]
    let first = main.first { Path.isFile(Path.join(root, $0)) }
    if let first {
      let text = LogoutPolicy.text(root, first)
      apply(text, commented: true)
      apply(text, commented: false)
    }
    var parts: [String: String] = [:]
    for folder in ["usr/lib", "usr/local/lib", "run", "etc"].map({ "\($0)/systemd/logind.conf.d" })
    {
      for name in Path.names(in: Path.join(root, folder)) ?? [] where name.hasSuffix(".conf") {
        parts[name] = "\(folder)/\(name)"
      }
    }
    for name in parts.keys.sorted() {
      if let path = parts[name] { apply(LogoutPolicy.text(root, path), commented: false) }
    }
  }

  private mutating func apply(_ text: String, commented: Bool) {
    for line in text.split(separator: "\n") {
      var words = line.drop { $0 == " " || $0 == "\t" }
      if commented {
        guard words.first == "#" else { continue }
        words = words.dropFirst()
      }
      let parts = words.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = parts[1].split(separator: " ").map(String.init)
      switch parts[0].split(separator: " ").first {
      case "KillUserProcesses":
        killsProcesses = ["yes", "true", "on", "1", "y", "t"].contains(value.first?.lowercased())
      case "KillOnlyUsers": onlyUsers = value
      case "KillExcludeUsers":
        excludedUsers = value
        excludesRoot = value.contains("root")
      default: break
      }
    }
  }
}
