import CPosix
import Glibc
import Support

/// The private folder of the temporary directory in which live runs are registered and their
/// sockets lie, as tmux keeps its own: mode 0700, owned by the user, never a link.
///
/// Not `$XDG_RUNTIME_DIR`, which is removed at the last logout while a training goes on, and not the
/// run folder, which may be on a network volume or have a path that is too long for a socket.
public struct RunRegistry: Sendable {
  /// The folder.
  public let path: String

  /// Longest path of a Unix socket, without its terminating zero.
  static let socketPathLimit = 107

  /// Opens the registry of this user in the temporary directory (nil: `$TMPDIR`, else `/tmp`), and
  /// makes it when it is missing.
  public static func open(temporary: String? = nil) throws(RunError) -> RunRegistry {
    var parent = temporary ?? Environment.value("TMPDIR") ?? "/tmp"
    let name = "posetop-\(getuid())"
    // The longest name in it is 16 digits and `.sock`.
    if Path.join(parent, name).utf8.count + 22 > socketPathLimit || !Path.isFolder(parent) {
      parent = "/tmp"
    }
    let path = Path.join(parent, name)
    if mkdir(path, 0o700) != 0, errno != EEXIST {
      throw .file(.cannotWrite(path: path, reason: FileError.reason()))
    }
    var status = stat()
    guard lstat(path, &status) == 0 else {
      throw .unsafeRegistry(path: path, reason: FileError.reason())
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .unsafeRegistry(path: path, reason: "not a folder")
    }
    guard status.st_uid == getuid() else {
      throw .unsafeRegistry(path: path, reason: "owned by user \(status.st_uid)")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw .unsafeRegistry(path: path, reason: "open to other users")
    }
    return RunRegistry(path: path)
  }

  /// The key of a run: 16 hexadecimal digits that depend on its folder (FNV-1a).
  static func key(_ folder: RunFolder) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in folder.path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Where the run's keeper has its socket.
  public func socketPath(of folder: RunFolder) -> String {
    Path.join(path, Self.key(folder) + ".sock")
  }

  private func entryPath(of folder: RunFolder) -> String {
    Path.join(path, Self.key(folder) + ".run")
  }

  /// Registers a live run; the caller holds its lock.
  public func register(_ folder: RunFolder) throws(RunError) {
    let json: JSONValue = ["run": .string(folder.path), "pid": .integer(Int64(getpid()))]
    try RunFolder.wrap { () throws(FileError) in
      try DurableFile.commit(entryPath(of: folder), bytes: Array(json.prettyText.utf8))
    }
  }

  /// Whether the run's entry is there.
  public func isRegistered(_ folder: RunFolder) -> Bool { Path.isFile(entryPath(of: folder)) }

  /// Removes a dead run's entry while holding the run's lock, so that no keeper can start meanwhile.
  private func sweep(_ folder: RunFolder, _ entry: String) {
    let descriptor = posetop_open(folder.lockPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    defer { if descriptor >= 0 { close(descriptor) } }
    // A run whose folder is gone has no lock to take.
    if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0 { return }
    remove(folder)
    unlink(entry)
  }

  /// Removes the run's entry and socket.
  public func remove(_ folder: RunFolder) {
    unlink(entryPath(of: folder))
    unlink(socketPath(of: folder))
  }

  /// The registered runs that somebody holds; entries of dead ones are swept away.
  public func liveRuns() -> [RunFolder] {
    var runs: [RunFolder] = []
    for name in Path.names(in: path) ?? [] where name.hasSuffix(".run") {
      let entry = Path.join(path, name)
      guard let json = try? FileReading.json(of: entry, limit: 1 << 16),
        let run = json["run"]?.string
      else { continue }
      let folder = RunFolder(run)
      if RunLock.isHeld(folder) {
        runs.append(folder)
      } else if let process = json["pid"]?.int, LockHolder.startTicks(process) == nil {
        sweep(folder, entry)
      }
    }
    return runs
  }
}

/// Environment variables.
public enum Environment {
  /// The value of a variable that is set and not empty.
  public static func value(_ name: String) -> String? {
    guard let text = getenv(name) else { return nil }
    let value = String(cString: text)
    return value.isEmpty ? nil : value
  }
}
