/// Turns the changes of a surface into the bytes of a terminal that knows ANSI's sequences and
/// exact colours (`38;2;R;G;B`).
///
/// Terminal descriptions without direct colour are all that a bare machine has, so exact colours
/// are written by hand; the screen itself is still opened, read and closed by curses.
public struct EscapeWriter {
  /// The bytes so far.
  public private(set) var bytes: [UInt8] = []
  private let depth: ColorDepth
  private var style: Style?

  /// Marks the beginning and the end of a frame, so that the terminal shows it at once.
  public static let synchronized = (begin: "\u{1B}[?2026h", end: "\u{1B}[?2026l")

  /// An empty writer for terminals of that depth.
  public init(depth: ColorDepth) { self.depth = depth }

  /// Writes what makes a screen that shows `old` show `new`; everything when `old` is nil.
  public mutating func write(from old: Surface?, to new: Surface) {
    // The screen is never cleared first: every cell is written, and clearing flickers.
    for run in SurfaceDiff.runs(from: old, to: new) {
      move(run.x, run.y)
      for cell in run.cells where !cell.isContinuation {
        set(cell.style)
        write(cell.scalar)
        if let mark = cell.mark { write(mark) }
        if let mark = cell.secondMark { write(mark) }
      }
    }
    if style != nil { write("\u{1B}[0m") }
    style = nil
  }

  /// Writes the rows of a surface one below the other from where the cursor is, without placing it:
  /// for what stays among the lines of a shell.
  public mutating func writeLines(of surface: Surface) {
    for y in 0..<surface.height {
      for cell in surface.cells[y * surface.width..<(y + 1) * surface.width]
      where !cell.isContinuation {
        set(cell.style)
        write(cell.scalar)
        if let mark = cell.mark { write(mark) }
      }
      write("\u{1B}[0m\n")
      style = nil
    }
  }

  /// Adds text as it is.
  public mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Adds bytes as they are.
  public mutating func write(_ more: [UInt8]) { bytes += more }

  /// Moves the cursor to a cell, counted from 0.
  public mutating func move(_ x: Int, _ y: Int) { write("\u{1B}[\(y + 1);\(x + 1)H") }

  private mutating func write(_ scalar: Unicode.Scalar) {
    if scalar.isASCII {
      bytes.append(UInt8(scalar.value))
    } else {
      bytes.append(contentsOf: String(scalar).utf8)
    }
  }

  private mutating func set(_ next: Style) {
    guard style != next else { return }
    style = next
    var text = "\u{1B}[0"
    if next.attributes.contains(.bold) { text += ";1" }
    if next.attributes.contains(.dim) { text += ";2" }
    if next.attributes.contains(.underline) { text += ";4" }
    if next.attributes.contains(.reverse) { text += ";7" }
    text += code(next.foreground, 38) + code(next.background, 48)
    write(text + "m")
  }

  private func code(_ color: Color, _ ground: Int) -> String {
    if depth == .mono { return "" }
    if depth == .direct, let parts = color.components {
      return ";\(ground);2;\(parts.red);\(parts.green);\(parts.blue)"
    }
    guard let index = color.paletteIndex(depth: depth) else { return "" }
    if index < 8 { return ";\(ground - 8 + Int(index))" }
    if index < 16 { return ";\(ground + 52 - 8 + Int(index))" }
    return ";\(ground);5;\(index)"
  }
}
