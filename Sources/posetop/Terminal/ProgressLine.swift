import Glibc
import RunFiles
import Support

/// How much of a job is done, on stderr, where that is a terminal: a bar, the pace, and what is left.
struct ProgressLine {
  private let isShown = isatty(STDERR_FILENO) == 1
  private let isUTF8 =
    ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { Environment.value($0) }
    .first.map { $0.uppercased().contains("UTF") } ?? false
  private let start = Clock.monotonic()
  private var last = -Double.infinity
  private var hasLine = false

  private static let width = 30
  /// The parts of a cell, from an eighth to seven eighths.
  private static let eighths = Array("▏▎▍▌▋▊▉")

  /// Shows how much is done, some times a second.
  mutating func show(done: Int, total: Int) {
    let now = Clock.monotonic()
    guard isShown, total > 0, now - last > 0.1 || done == total else { return }
    last = now
    hasLine = true
    let share = Double(min(done, total)) / Double(total)
    var line = "\r\(isUTF8 ? Self.blocks(share) : Self.signs(share)) \(done)/\(total)"
    let pace = Double(done) / max(now - start, 1e-3)
    if now - start > 0.5, done > 0 {
      line += "  \(NumberText.significant(pace, 3))/s"
      line += "  \(NumberText.duration(Double(total - done) / pace))"
    }
    Output.writeError(line + "\u{1B}[K")
  }

  private static func blocks(_ share: Double) -> String {
    let count = Int(share * Double(8 * width))
    var bar = String(repeating: "█", count: count / 8)
    if count % 8 > 0 { bar.append(eighths[count % 8 - 1]) }
    return "▕\(bar.padded(to: width))▏"
  }

  private static func signs(_ share: Double) -> String {
    let bar = String(repeating: "#", count: Int(share * Double(width)))
    return "[\(bar.padded(to: width))]"
  }

  /// Takes the line away.
  mutating func clear() {
    if hasLine { Output.writeError("\r\u{1B}[K") }
    hasLine = false
  }
}
