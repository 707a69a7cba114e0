import CPosix
import Glibc
import Support
import Testing

/// A terminal whose every byte is looked at: `posetop` draws on it, the test holds the other end.
final class Pseudoterminal {
  let process: pid_t
  private let place: Workplace
  private let master: Int32
  private let received = Monitor<[UInt8]>([])
  private var slaveEnd: Int32
  private let isHungUp = Monitor(false)
  private var reader: WorkerThread?
  private var isOver = false

  init(
    _ place: Workplace, columns: Int = 100, rows: Int = 30, variables more: [String] = [],
    _ arguments: [String]
  ) throws {
    self.place = place
    var ends: (master: Int32, slave: Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 256)
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&ends.master, &ends.slave, &name, nil, &size) == 0)
    let master = ends.master
    self.master = master
    for end in [ends.master, ends.slave] { posetop_close_on_exec(end) }
    // Somebody has to have it open until the program has.
    slaveEnd = ends.slave
    let slave = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let program = Path.join(try #require(programsFolder), "posetop")
    // The leader of a session that opens a terminal for reading and writing owns it.
    let words = [
      "/bin/sh", "-c",
      "cd \(place.path) && exec <>\(slave) >&0 2>&0 && exec \"$@\"", "sh", program,
    ]
    let variables =
      [
        "PATH=/usr/bin:/bin", "POSETOP_RUNS=\(place.runs)", "TMPDIR=\(place.path)",
        "LANG=C.UTF-8", "TERM=xterm-256color",
      ] + more + place.sanitizing
    var pid: pid_t = 0
    let lists = [words + arguments, variables].map { $0.map { strdup($0) } }
    defer { for text in lists.joined() { free(text) } }
    let code = posetop_spawn(
      "/bin/sh", lists[0] + [nil], lists[1] + [nil], "/dev/null", nil, 0, 1, &pid)
    try #require(code == 0)
    process = pid
    reader = WorkerThread(name: "terminal") { [received, isHungUp] in
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while !isHungUp.update({ $0 }) {
        var item = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&item, 1, 20) > 0 else { continue }
        let count = read(master, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        // EIO: the other side is closed.
        guard count > 0 else { return }
        let part = buffer[..<count]
        received.update { $0 += part }
      }
    }
  }

  deinit {
    if !isOver { kill(process, SIGKILL) }
    hangUp()
  }

  /// Everything that was written to the terminal so far; a copy with memory of its own, since of the
  /// counts by which the runtime shares an array's memory the thread sanitizer knows nothing.
  var stream: [UInt8] { received.update { $0.map { $0 } } }

  /// Waits until the stream holds some text.
  func shows(_ words: String, seconds: Double = patience) -> Bool {
    let wanted = Array(words.utf8)
    let end = Clock.monotonic() + seconds
    return received.wait(every: 0.02) { stream in
      stream.contains(wanted) ? true : Clock.monotonic() < end ? nil : false
    }
  }

  /// Forgets what was written so far.
  func clear() { received.update { $0 = [] } }

  /// Presses keys.
  func type(_ text: String) { _ = write(master, text, text.utf8.count) }

  /// Hangs up, as a lost connection does: the program sees the end of its terminal.
  func hangUp() {
    let wasHungUp = isHungUp.update { isHungUp in
      defer { isHungUp = true }
      return isHungUp
    }
    if wasHungUp { return }
    reader?.join()
    close(slaveEnd)
    close(master)
  }

  /// Waits for the program's end; its exit code, or nil when a signal or this test ended it.
  @discardableResult
  func wait(seconds: Double = patience) -> Int32? {
    let end = Clock.monotonic() + seconds
    while Clock.monotonic() < end {
      var (code, signal): (Int32, Int32) = (0, 0)
      if posetop_wait(process, &code, &signal) != 0 {
        isOver = true
        return signal == 0 ? code : nil
      }
      usleep(5000)
    }
    return nil
  }

  /// Whether the program has ended.
  var hasEnded: Bool { isOver }
}

extension [UInt8] {
  /// Whether these bytes stand somewhere.
  func contains(_ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first else { return true }
    var start = startIndex
    while let found = self[start...].firstIndex(of: first), found + wanted.count <= count {
      if self[found..<found + wanted.count].elementsEqual(wanted) { return true }
      start = found + 1
    }
    return false
  }
}
