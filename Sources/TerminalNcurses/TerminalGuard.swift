import CNcurses
import CPosix

/// Gives the terminal back on every way out: return, exit, SIGTERM, and a crash of this process.
///
/// The settings are saved before ncurses touches them. After a crash a handler in C writes the
/// bytes that leave the full screen, restores the settings and shows what was written to standard
/// error meanwhile; then whoever handled the signal before goes on.
enum TerminalGuard {
  /// Saves the settings of the terminal; what is printed from now on is kept aside.
  static func start(terminal: Int32) { posetop_guard_start(terminal) }

  /// Says how the full screen is left, from the terminal's description.
  static func prepareReset() {
    let hasMouse = posetop_curses_capability("kmous") != nil
    var bytes: [UInt8] = hasMouse ? Array("\u{1B}[?1002l\u{1B}[?1000l\u{1B}[?1006l".utf8) : []
    for name in ["rmkx", "sgr0", "op", "cnorm", "rmcup"] {
      guard let text = posetop_curses_capability(name) else { continue }
      bytes += withoutDelays(Array(String(cString: text).utf8))
    }
    if posetop_curses_capability("rmcup") == nil { bytes += Array("\r\n".utf8) }
    bytes.withUnsafeBytes { buffer in
      posetop_guard_set_reset(
        buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
  }

  /// Restores the settings and shows what was kept aside.
  static func stop() { posetop_guard_stop() }

  /// A description may hold delays such as `$<5>`, which are not meant for the terminal.
  static func withoutDelays(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "$"), index + 1 < bytes.count,
        bytes[index + 1] == UInt8(ascii: "<"),
        let end = bytes[index...].firstIndex(of: UInt8(ascii: ">"))
      {
        index = end + 1
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
