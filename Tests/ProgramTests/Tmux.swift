import Glibc
import Support
import Testing

/// Whether there is a terminal to test in.
let hasTmux = access("/usr/bin/tmux", X_OK) == 0

/// A real terminal: a private tmux server of one window.
final class Tmux {
  private let place: Workplace
  private let socket: String

  /// Runs `posetop` with some arguments, then says its exit code and the terminal's modes.
  convenience init(
    _ place: Workplace, columns: Int = 80, rows: Int = 24, setting: String = "LANG=C.UTF-8",
    _ command: String
  ) throws {
    let program = Path.join(try #require(programsFolder), "posetop")
    try self.init(
      place, columns: columns, rows: rows,
      shell: "stty -g >before && POSETOP_RUNS=\(place.runs) "
        + "TMPDIR=\(place.path) \(setting) \(program) \(command); "
        + "echo code $?; stty -g >after; sleep 60")
  }

  /// Runs a line of a shell.
  init(_ place: Workplace, columns: Int = 80, rows: Int = 24, shell: String) throws {
    self.place = place
    // A server of its own: one that is just being killed would still answer at its old socket.
    socket = place.file("tmux-\(place.nextCall())")
    try run(
      "-f /dev/null new-session -d -x \(columns) -y \(rows) 'cd \(place.path) && \(shell)'")
  }

  deinit { try? run("kill-server") }

  func keys(_ names: String...) throws {
    for name in names { try run("send-keys \(name)") }
  }

  func resize(_ columns: Int, _ rows: Int) throws {
    try run("resize-window -x \(columns) -y \(rows)")
  }

  var screen: String { output("capture-pane -p") }

  /// What tmux knows of the pane, such as `#{alternate_on}`.
  func display(_ format: String) -> String {
    output("display-message -p '\(format)'").split(separator: "\n").joined()
  }

  /// The modes that a full-screen program changes.
  var modes: String {
    display(
      "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{mouse_sgr_flag} #{keypad_flag} "
        + "#{keypad_cursor_flag} #{insert_flag} #{origin_flag} #{wrap_flag}")
  }

  /// Waits until the screen shows some words.
  func shows(_ words: String, seconds: Double = patience) -> Bool {
    place.wait(seconds: seconds) { screen.contains(words) }
  }

  private func output(_ words: String) -> String {
    let file = place.file("screen")
    try? run("\(words) >\(file)")
    let bytes = try? FileReading.bytes(of: file, limit: 1 << 20)
    return String(decoding: bytes ?? [], as: UTF8.self)
  }

  private func run(_ words: String) throws {
    try #require(system("/usr/bin/tmux -S \(socket) \(words)") == 0, "tmux \(words)")
  }
}
