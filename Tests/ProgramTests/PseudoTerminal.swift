import CPosix
import Glibc
import RunFiles
import Support
import Testing

/// A terminal that is played by the test: `posetop` draws on it, the test reads what it draws and
/// types.
final class PseudoTerminal {
  let master: Int32
  let process: pid_t
  private(set) var output: [UInt8] = []

  /// Starts a command on a terminal of its own, in a workplace.
  init(
    _ place: Workplace, columns: UInt16, rows: UInt16, _ command: String,
    variables: [String] = []
  ) throws {
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    // TIOCSPTLCK and TIOCGPTN of linux/tty: unlock, and which number the other end has.
    var (unlocked, number): (Int32, UInt32) = (0, 0)
    try #require(master >= 0)
    try #require(ioctl(master, 0x4004_5431, &unlocked) == 0)
    try #require(ioctl(master, 0x8004_5430, &number) == 0)
    let name = "/dev/pts/\(number)"
    var size = winsize(
      ws_row: rows, ws_col: columns, ws_xpixel: columns * 8, ws_ypixel: rows * 16)
    try #require(ioctl(master, UInt(TIOCSWINSZ), &size) == 0)
    let program = Path.join(try #require(programsFolder), "posetop")
    let words = [
      "/bin/sh", "-c",
      "cd \(place.path) && exec setsid --ctty --wait \(program) \(command) "
        + "<\(name) >\(name) 2>\(name)",
    ]
    let all =
      [
        "PATH=/usr/bin:/bin", "POSETOP_RUNS=\(place.runs)", "TMPDIR=\(place.path)",
        "TERM=xterm-256color", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
        "LD_LIBRARY_PATH=\(Environment.value("LD_LIBRARY_PATH") ?? "")",
      ] + variables
    var pid: pid_t = 0
    let lists = [words, all].map { $0.map { strdup($0) } }
    defer { for text in lists.joined() { free(text) } }
    let status = posetop_spawn(
      "/bin/sh", lists[0] + [nil], lists[1] + [nil], place.file("terminal.log"), nil, 0, 1, &pid)
    try #require(status == 0)
    process = pid
    posetop_set_nonblocking(master)
  }

  deinit {
    close(master)
    kill(process, SIGKILL)
    var (code, signal): (Int32, Int32) = (0, 0)
    for _ in 0..<200 where posetop_wait(process, &code, &signal) == 0 { usleep(5000) }
  }

  /// Types some bytes.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Reads what is drawn for a time, or until `isEnough` holds for all that was drawn so far.
  @discardableResult
  func read(seconds: Double, until isEnough: ([UInt8]) -> Bool = { _ in false }) -> Bool {
    let end = Clock.monotonic() + seconds
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if isEnough(output) { return true }
      let left = end - Clock.monotonic()
      guard left > 0 else { return false }
      var item = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
      guard poll(&item, 1, Int32((left * 1000).rounded(.up))) > 0 else { continue }
      let count = Glibc.read(master, &buffer, buffer.count)
      if count > 0 { output += buffer[..<count] } else if errno != EAGAIN { return false }
    }
  }

  /// Reads until some text was drawn.
  func draws(_ text: String, seconds: Double = 15) -> Bool {
    var searched = 0
    let wanted = Array(text.utf8)
    return read(seconds: seconds) { output in
      defer { searched = max(0, output.count - wanted.count) }
      return Self.contains(output[searched...], wanted)
    }
  }

  /// Forgets what was drawn.
  func clear() { output = [] }

  private static func contains(_ bytes: ArraySlice<UInt8>, _ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first, bytes.count >= wanted.count else { return false }
    for at in bytes.indices.dropLast(wanted.count - 1)
    where bytes[at] == first && bytes[at..<(at + wanted.count)].elementsEqual(wanted) {
      return true
    }
    return false
  }
}
