import CPosix
import Glibc
public import Support

/// The lock of a run: `flock` on its `lock` file.
///
/// The lock belongs to the open file description. The engine inherits the descriptor, so the run
/// stays locked until keeper and engine are both gone, however they end.
public struct RunLock: ~Copyable {
  /// The locked descriptor, at least 10, so that a child can get it as a low number.
  public let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes the lock, trying for some seconds (the engine of a keeper that was killed needs a moment
  /// to end, and a test of the lock holds it for an instant), and writes down who holds it.
  public static func take(
    _ folder: RunFolder, socket: String, patience seconds: Double = 1
  ) throws(RunError) -> RunLock {
    let opened = posetop_open(folder.lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    let descriptor = opened < 0 ? -1 : posetop_move_up(opened, 10)
    guard descriptor >= 0 else {
      throw .cannotLock(path: folder.lockPath, reason: FileError.reason())
    }
    let lock = RunLock(descriptor: descriptor)
    let end = Clock.monotonic() + seconds
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      guard code == EWOULDBLOCK else {
        // No locks here (some network volumes): the text in the file has to do.
        if let holder = LockHolder(folder), holder.isAlive {
          throw .locked(path: folder.path, holder: holder.text)
        }
        break
      }
      guard Clock.monotonic() < end else {
        throw .locked(path: folder.path, holder: LockHolder(folder)?.text ?? "?")
      }
      usleep(20_000)
    }
    try lock.write(LockHolder.current(socket: socket), folder)
    return lock
  }

  private func write(_ holder: LockHolder, _ folder: RunFolder) throws(RunError) {
    let text = Array(holder.json.prettyText.utf8)
    let written = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard written == text.count, ftruncate(descriptor, off_t(text.count)) == 0 else {
      throw .cannotLock(path: folder.lockPath, reason: FileError.reason())
    }
    fsync(descriptor)
  }

  /// Whether somebody holds the run's lock now.
  public static func isHeld(_ folder: RunFolder) -> Bool {
    let descriptor = posetop_open(folder.lockPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 { return false }
    return errno == EWOULDBLOCK || LockHolder(folder)?.isAlive == true
  }
}

/// Who holds a run's lock, as its `lock` file says.
public struct LockHolder: Sendable, Hashable {
  /// The keeper's process.
  public var process: Int
  /// The machine's name.
  public var host: String
  /// Seconds since 1970 at which the keeper started.
  public var started: Double
  /// The clock ticks after boot at which the process started: with `process` it is unique.
  public var ticks: Int
  /// Path of the keeper's socket.
  public var socket: String

  /// The holder that a run's lock file names; nil when there is none.
  public init?(_ folder: RunFolder) {
    guard let json = try? FileReading.json(of: folder.lockPath, limit: 1 << 16),
      let process = json["pid"]?.int, let host = json["host"]?.string
    else { return nil }
    self.process = process
    self.host = host
    started = json["started"]?.double ?? 0
    ticks = json["ticks"]?.int ?? 0
    socket = json["socket"]?.string ?? ""
  }

  private init(process: Int, host: String, started: Double, ticks: Int, socket: String) {
    self.process = process
    self.host = host
    self.started = started
    self.ticks = ticks
    self.socket = socket
  }

  /// The calling process.
  public static func current(socket: String) -> LockHolder {
    LockHolder(
      process: Int(getpid()), host: hostName(), started: Clock.wall(),
      ticks: startTicks(Int(getpid())) ?? 0, socket: socket)
  }

  /// The text of the lock file.
  public var json: JSONValue {
    [
      "pid": .integer(Int64(process)), "host": .string(host), "started": .number(started),
      "ticks": .integer(Int64(ticks)), "socket": .string(socket),
    ]
  }

  /// The holder in a few words.
  public var text: String { "pid \(process) on \(host)" }

  /// Whether the run is kept on this machine.
  public var isHere: Bool { host == Self.hostName() }

  /// Whether that very process still lives; on another machine nobody can tell, so it counts as
  /// alive.
  public var isAlive: Bool {
    guard isHere else { return true }
    return Self.startTicks(process).map { ticks == 0 || $0 == ticks } ?? false
  }

  static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "?" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Field 22 of `/proc/PID/stat`; the name in field 2 may hold anything, so count from its end. Nil for
  /// a process that is dead and only not yet waited for: in a container without an init that is for ever.
  static func startTicks(_ process: Int) -> Int? {
    let descriptor = posetop_open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1024)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0, let close = buffer[..<count].lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    let fields = buffer[(close + 1)..<count].split(separator: 0x20)
    guard fields.count > 19, let state = fields[0].first,
      state != UInt8(ascii: "Z"), state != UInt8(ascii: "X")
    else { return nil }
    return Int(String(decoding: fields[19], as: UTF8.self))
  }
}
