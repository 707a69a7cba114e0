import CNcurses
import CPosix
import Glibc
public import TerminalUI

/// What the terminal of this process can do, found out without taking its screen over: for commands
/// that print pictures among the lines of a shell, and for `posetop doctor`.
public struct TerminalProbe: Sendable {
  /// The terminal's name (`TERM`).
  public let term: String
  /// Whether there is a description that can place the cursor.
  public let isDescribed: Bool
  /// Colours in the description.
  public let describedColors: Int
  /// Whether the description has a mouse.
  public let hasMouse: Bool
  /// Whether the characters are UTF-8.
  public let isUTF8: Bool
  /// Whether the terminal has answered a question.
  public let hasAnswered: Bool
  /// `tmux`, `screen` or `zellij`, where one is around this process.
  public let multiplexer: String?
  /// What drawing must know.
  public let capabilities: Capabilities
  /// Columns.
  public let columns: Int
  /// Rows.
  public let rows: Int

  /// Asks the terminal; nil when there is none.
  ///
  /// - Parameters:
  ///   - colors: how many colours to draw with; nil asks the description and the environment.
  ///   - pictures: whether the terminal's own pixels show pictures.
  ///   - seconds: how long an answer is waited for.
  public init?(
    colors: ColorDepth? = nil, pictures: NcursesScreen.PictureChoice = .asked,
    seconds: Double = 0.5
  ) {
    let terminal = posetop_open("/dev/tty", O_RDWR | O_CLOEXEC, 0)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    term = variable("TERM") ?? ""
    isUTF8 = posetop_use_utf8() == 1
    var (described, mouse): (Int32, Int32) = (0, 0)
    useOwnTerminalDescriptions()
    isDescribed = posetop_curses_describe(term, terminal, &described, &mouse) == 2
    (describedColors, hasMouse) = (Int(max(0, described)), mouse != 0)
    let isPlain = Self.isPlain(term) || !isDescribed
    let isInTmux = variable("TMUX") != nil
    multiplexer =
      isInTmux
      ? "tmux" : variable("STY") != nil ? "screen" : variable("ZELLIJ") != nil ? "zellij" : nil
    var found = Capabilities(
      glyphs: isUTF8 && !isPlain ? .unicode : .ascii,
      depth: ColorDetection.depth(
        asked: colors, described: describedColors, term: term, knowsSequences: !isPlain,
        environment: variable),
      cellSize: Self.cellSize(terminal))
    var (width, height): (Int32, Int32) = (0, 0)
    posetop_terminal_size(terminal, &width, &height)
    columns = width > 0 ? Int(width) : 80
    rows = height > 0 ? Int(height) : 24
    var answers = TerminalAnswers()
    if !isPlain {
      answers = Self.ask(
        terminal, TerminalAnswers.question(isInTmux: isInTmux), seconds: seconds)
    }
    hasAnswered = answers.isDone
    found.isGroundLight = answers.isGroundLight
    switch pictures {
    case .never: break
    case .always(let way):
      found.pixels = way == .kitty && isInTmux ? .kittyCells : way
      if found.cellSize == nil { found.cellSize = .init(width: 8, height: 16) }
    case .asked:
      // Sixels are of the terminal's own size, so that must be known.
      if let way = answers.pixels, way != .sixel || found.cellSize != nil { found.pixels = way }
    }
    if found.depth == .mono { found.pixels = nil }
    capabilities = found
  }

  /// Terminals that have no braille, whatever the locale says, and understand no questions.
  static func isPlain(_ term: String) -> Bool {
    ["linux", "vt100", "vt102", "vt220", "ansi", "dumb", ""].contains(term)
  }

  static func cellSize(_ terminal: Int32) -> Capabilities.CellSize? {
    var (width, height): (Int32, Int32) = (0, 0)
    posetop_terminal_cell(terminal, &width, &height)
    guard (2...100).contains(width), (4...200).contains(height) else { return nil }
    return Capabilities.CellSize(width: Int(width), height: Int(height))
  }

  /// Sends a question and reads what comes until the last answer is there or the time is over; the
  /// terminal echoes nothing meanwhile.
  private static func ask(
    _ terminal: Int32, _ question: String, seconds: Double
  ) -> TerminalAnswers {
    var answers = TerminalAnswers()
    var modes = termios()
    guard tcgetattr(terminal, &modes) == 0 else { return answers }
    var raw = modes
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(terminal, TCSANOW, &raw) == 0 else { return answers }
    defer { tcsetattr(terminal, TCSADRAIN, &modes) }
    let bytes = Array(question.utf8)
    guard write(terminal, bytes, bytes.count) == bytes.count else { return answers }
    var reader = AnswerReader()
    var buffer = [UInt8](repeating: 0, count: 256)
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_MONOTONIC, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let end = now() + seconds
    while !answers.isDone {
      let left = Int32(max(0, (end - now()) * 1000))
      var item = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
      guard left > 0, poll(&item, 1, left) > 0 else { break }
      let count = read(terminal, &buffer, buffer.count)
      guard count > 0 else { break }
      for byte in buffer.prefix(count) { reader.take(Unicode.Scalar(byte), &answers) }
    }
    return answers
  }
}

/// Finds the answers among the bytes that come from a terminal.
struct AnswerReader {
  private var head = ""

  private static let beginnings: [(head: String, kind: TerminalAnswers.Beginning)] = [
    ("\u{1B}_G", .application), ("\u{1B}[?", .device), ("\u{1B}P", .control),
    ("\u{1B}]11;", .ground),
  ]

  mutating func take(_ scalar: Unicode.Scalar, _ answers: inout TerminalAnswers) {
    if answers.take(scalar) { return }
    head.unicodeScalars.append(scalar)
    if let found = Self.beginnings.first(where: { $0.head == head }) {
      answers.begin(found.kind)
      head = ""
    } else if !Self.beginnings.contains(where: { $0.head.hasPrefix(head) }) {
      head = scalar == "\u{1B}" ? "\u{1B}" : ""
    }
  }
}
