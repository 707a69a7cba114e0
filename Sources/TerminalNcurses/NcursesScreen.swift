import CNcurses
import CPosix
import Glibc
import Support
public import TerminalUI

/// The terminal as a full screen, by ncurses: shows surfaces, reads keys.
///
/// ncurses is not thread-safe: one thread makes this object and is the only one to use it.
public final class NcursesScreen {
  /// What the terminal can do; how it shows pictures, and on what ground, is known only when it has
  /// answered.
  public private(set) var capabilities: Capabilities
  /// Whether a frame is shown at once where the terminal can do that.
  public var isSynchronized = true
  private let knowsSequences: Bool
  private let screen: OpaquePointer
  private let terminal: UnsafeMutablePointer<FILE>
  private let signals: Int32
  private var shown: Surface?
  private var pictures: PictureLayer
  private var answers = TerminalAnswers()
  private var pairs: [UInt32: Int32] = [:]
  private var isOpen = true

  /// Takes over the terminal of this process, whatever standard input and output are.
  ///
  /// - Parameters:
  ///   - colors: how many colours to draw with; nil asks the terminal's description and the
  ///     environment (`NO_COLOR`, `COLORTERM`).
  ///   - pictures: whether the terminal's own pixels show pictures.
  /// - Throws: why there is no terminal that can be drawn on.
  public init(
    colors: ColorDepth? = nil, pictures choice: PictureChoice = .asked
  ) throws(TerminalError) {
    guard let terminal = fopen("/dev/tty", "r+e") else {
      throw .noTerminal(reason: FileError.reason())
    }
    let isUTF8 = posetop_use_utf8() == 1
    // Before ncurses, which leaves alone what is handled already.
    let signals = posetop_signals_start()
    guard signals >= 0 else {
      let reason = FileError.reason()
      fclose(terminal)
      throw .noSignals(reason: reason)
    }
    TerminalGuard.start(terminal: fileno(terminal))
    let opened: (screen: OpaquePointer, term: String)
    do throws(TerminalError) {
      opened = try Self.open(terminal)
    } catch {
      TerminalGuard.stop()
      posetop_signals_stop()
      fclose(terminal)
      throw error
    }
    TerminalGuard.prepareReset()
    posetop_curses_modes(fileno(terminal))
    self.terminal = terminal
    self.signals = signals
    screen = opened.screen
    let isPlain = TerminalProbe.isPlain(opened.term)
    knowsSequences = !isPlain
    let described = Int(posetop_curses_colors())
    capabilities = Capabilities(
      glyphs: isUTF8 && !isPlain ? .unicode : .ascii,
      depth: ColorDetection.depth(
        asked: colors, described: described, term: opened.term, knowsSequences: !isPlain,
        environment: Self.environment))
    // Now, and not when it first reads a key: what is written past curses would be wiped out.
    if capabilities.depth == .direct { posetop_curses_flush() }
    let isInTmux = Self.environment("TMUX") != nil
    pictures = PictureLayer(isInTmux: isInTmux)
    capabilities.cellSize = TerminalProbe.cellSize(fileno(terminal))
    // Without colours there are no pictures, and the ground is no matter.
    guard !isPlain, capabilities.depth != .mono else { return }
    if case .always(let way) = choice {
      capabilities.pixels = way == .kitty && isInTmux ? .kittyCells : way
      if capabilities.cellSize == nil { capabilities.cellSize = .init(width: 8, height: 16) }
    }
    let numbers = Self.answerKeys
    posetop_curses_answers(numbers[0], numbers[1], numbers[2], numbers[3])
    send(
      Array(TerminalAnswers.question(isInTmux: isInTmux, pictures: choice == .asked).utf8))
  }

  /// How it is decided whether the terminal's own pixels show pictures.
  public enum PictureChoice: Sendable, Equatable {
    /// The terminal is asked.
    case asked
    /// Never.
    case never
    /// In that way, whatever the terminal says.
    case always(PixelProtocol)
  }

  deinit { close() }

  /// Gives the terminal back as it was. Harmless when called twice.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    send(pictures.removeAll())
    endwin()
    delscreen(screen)
    TerminalGuard.stop()
    posetop_signals_stop()
    fclose(terminal)
  }

  /// Opens the screen by the terminal's name, or by common ones when that is unknown.
  private static func open(
    _ terminal: UnsafeMutablePointer<FILE>
  ) throws(TerminalError) -> (screen: OpaquePointer, term: String) {
    useOwnTerminalDescriptions()
    let own = environment("TERM")
    for name in [own, "xterm-256color", "xterm", "vt100", "ansi"].compactMap({ $0 }) {
      guard let screen = newterm(name, terminal, terminal) else { continue }
      if posetop_curses_capability("cup") != nil { return (screen, name) }
      endwin()
      delscreen(screen)
      throw .tooSimple(term: UntrustedText.clean(name, limit: 60))
    }
    throw .noDescription(term: UntrustedText.clean(own ?? "", limit: 60))
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Columns and rows.
  public var size: (width: Int, height: Int) {
    (Int(posetop_curses_columns()), Int(posetop_curses_rows()))
  }

  /// Shows a surface; only what has changed is written.
  public func present(_ surface: Surface) {
    let marks = isSynchronized && knowsSequences ? EscapeWriter.synchronized : nil
    // Pictures that must go take the cells under them along, where only these can wipe them out.
    let gone = pictures.begin(surface, capabilities.pixels)
    if gone.wipesScreen, shown != nil { drawAnew() }
    if capabilities.depth == .direct {
      var writer = EscapeWriter(depth: .direct)
      if let marks { writer.write(marks.begin) }
      writer.write(gone.bytes)
      writer.write(from: shown, to: surface)
      writer.write(pictures.finish(surface, capabilities.pixels))
      if let marks { writer.write(marks.end) }
      send(writer.bytes)
      shown = surface
      return
    }
    if let marks { send(Array(marks.begin.utf8)) }
    send(gone.bytes)
    for run in SurfaceDiff.runs(from: shown, to: surface) {
      for (offset, cell) in run.cells.enumerated() where !cell.isContinuation {
        posetop_curses_put(
          Int32(run.x + offset), Int32(run.y), cell.scalar.value, cell.mark?.value ?? 0,
          cell.secondMark?.value ?? 0, UInt32(cell.style.attributes.rawValue), pair(cell.style))
      }
    }
    shown = surface
    posetop_curses_flush()
    send(pictures.finish(surface, capabilities.pixels))
    if let marks { send(Array(marks.end.utf8)) }
  }

  /// Writes bytes to the terminal past curses, which keeps no bytes back between two frames.
  private func send(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        guard let base = buffer.baseAddress else { return }
        let count = write(fileno(terminal), base + done, buffer.count - done)
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN {
          var item = pollfd(fd: fileno(terminal), events: Int16(POLLOUT), revents: 0)
          poll(&item, 1, 1000)
          continue
        }
        guard count > 0 else { return }
        done += count
      }
    }
  }

  /// ncurses' number for a pair of colours; 0 when there is none left.
  private func pair(_ style: Style) -> Int32 {
    let depth = capabilities.depth
    guard depth != .mono else { return 0 }
    let foreground = style.foreground.paletteIndex(depth: depth).map(Int32.init) ?? -1
    let background = style.background.paletteIndex(depth: depth).map(Int32.init) ?? -1
    if foreground < 0, background < 0 { return 0 }
    let key = UInt32(foreground + 1) << 16 | UInt32(background + 1)
    if let known = pairs[key] { return known }
    let number = alloc_pair(foreground, background)
    let usable = number == ERR ? 0 : number
    pairs[key] = usable
    return usable
  }

  /// What the wait ended with.
  public struct Wakeup: Sendable {
    /// The keys that were pressed, in order.
    public var keys: [Key] = []
    /// Whether the size may have changed, or the screen must be drawn anew.
    public var isResized = false
    /// Whether one of the other descriptors has something to read.
    public var isReady = false
    /// Whether the terminal has said more of what it can do.
    public var hasAnswered = false
    /// Whether the terminal is gone, or the process was asked to end.
    public var isOver = false
  }

  /// Waits for a key, for one of `descriptors` (negative ones are none), for a signal, or for the time
  /// to pass.
  public func wait(for descriptors: [Int32], seconds: Double) -> Wakeup {
    var wakeup = Wakeup()
    var entries = [
      pollfd(fd: fileno(terminal), events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
    ]
    entries += descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let milliseconds = Int32(max(0, min(60_000, (seconds * 1000).rounded(.up))))
    let count = poll(&entries, nfds_t(entries.count), milliseconds)
    guard count > 0 else { return wakeup }
    if entries[1].revents != 0 { takeSignals(&wakeup) }
    let input = Int32(entries[0].revents)
    if input & (POLLHUP | POLLERR | POLLNVAL) != 0 { wakeup.isOver = true }
    if input & POLLIN != 0, !wakeup.isOver {
      // Readable without a byte: the other side is closed. Reading on would spin for ever.
      if posetop_readable_bytes(fileno(terminal)) <= 0 { wakeup.isOver = true }
      takeKeys(&wakeup)
    }
    wakeup.isReady = entries.dropFirst(2).contains { $0.revents != 0 }
    return wakeup
  }

  private func takeSignals(_ wakeup: inout Wakeup) {
    var bytes = [UInt8](repeating: 0, count: 64)
    while true {
      let count = read(signals, &bytes, bytes.count)
      guard count > 0 else { break }
      for number in bytes.prefix(count) {
        switch Int32(number) {
        case SIGWINCH: resize(&wakeup)
        case SIGCONT:
          posetop_curses_resume()
          resize(&wakeup)
        case SIGINT: wakeup.keys.append(.control("c"))
        default: wakeup.isOver = true
        }
      }
    }
  }

  private func resize(_ wakeup: inout Wakeup) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    posetop_terminal_size(fileno(terminal), &columns, &rows)
    if columns > 0, rows > 0 { resizeterm(rows, columns) }
    if let size = TerminalProbe.cellSize(fileno(terminal)) { capabilities.cellSize = size }
    send(pictures.removeAll())
    drawAnew()
    wakeup.isResized = true
  }

  /// The next frame is written whole, on an empty screen.
  private func drawAnew() {
    shown = nil
    posetop_curses_redraw()
    // Past curses, the screen must be empty at once: else curses wipes it when it next reads a key, and
    // with it what was written meanwhile.
    if capabilities.depth == .direct { posetop_curses_flush() }
  }

  private func takeKeys(_ wakeup: inout Wakeup) {
    // A flood of input must not keep the screen from being drawn.
    for _ in 0..<256 {
      var value: UInt32 = 0
      let kind = posetop_curses_key(&value)
      if takeAnswer(kind, value, &wakeup) { continue }
      switch kind {
      case 1:
        if let scalar = Unicode.Scalar(value) { wakeup.keys.append(Key(character: scalar)) }
      case 2:
        if let key = functionKey(Int32(value)) { wakeup.keys.append(key) }
      default: return
      }
    }
  }

  /// The numbers that curses gives to the beginnings of answers; its own keys end at KEY_MAX.
  private static let answerKeys = TerminalAnswers.Beginning.allCases.indices.map {
    KEY_MAX + 101 + Int32($0)
  }

  /// Whether what was read is part of an answer of the terminal's.
  private func takeAnswer(_ kind: Int32, _ value: UInt32, _ wakeup: inout Wakeup) -> Bool {
    if kind == 2, let index = Self.answerKeys.firstIndex(of: Int32(value)) {
      answers.begin(TerminalAnswers.Beginning.allCases[index])
      return true
    }
    guard kind == 1, let scalar = Unicode.Scalar(value), answers.take(scalar) else { return false }
    if let way = answers.pixels, capabilities.pixels == nil,
      // Sixels are of the terminal's own size, so that must be known.
      way != .sixel || capabilities.cellSize != nil
    {
      capabilities.pixels = way
      wakeup.hasAnswered = true
    }
    if let isLight = answers.isGroundLight, isLight != capabilities.isGroundLight {
      capabilities.isGroundLight = isLight
      wakeup.hasAnswered = true
    }
    return true
  }

  private func functionKey(_ code: Int32) -> Key? {
    switch code {
    case KEY_UP: return .up
    case KEY_DOWN: return .down
    case KEY_LEFT: return .left
    case KEY_RIGHT: return .right
    case KEY_HOME: return .home
    case KEY_END: return .end
    case KEY_PPAGE: return .pageUp
    case KEY_NPAGE: return .pageDown
    case KEY_IC: return .insert
    case KEY_DC: return .delete
    case KEY_ENTER: return .enter
    case KEY_BACKSPACE: return .backspace
    case KEY_BTAB: return .backTab
    case KEY_F0...KEY_F0 + 63: return .function(Int(code - KEY_F0))
    case KEY_MOUSE:
      var x: Int32 = 0
      var y: Int32 = 0
      switch posetop_curses_mouse(&x, &y) {
      case 1: return .mouse(.click, x: Int(x), y: Int(y))
      case 2: return .mouse(.wheelUp, x: Int(x), y: Int(y))
      case 3: return .mouse(.wheelDown, x: Int(x), y: Int(y))
      default: return nil
      }
    default: return nil
    }
  }
}
