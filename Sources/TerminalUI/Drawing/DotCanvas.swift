/// A canvas with several dots a cell: 2×4 in braille, 1×3 where only ASCII can be shown.
public struct DotCanvas: Sendable {
  /// Columns of cells.
  public let columns: Int
  /// Rows of cells.
  public let rows: Int
  /// Dots beside and above one another in a cell.
  public let dots: (x: Int, y: Int)
  private let glyphs: GlyphSet
  private var patterns: [UInt8]
  private var layers: [UInt8]

  /// An empty canvas over so many cells.
  public init(columns: Int, rows: Int, glyphs: GlyphSet) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
    self.glyphs = glyphs
    dots = glyphs == .unicode ? (2, 4) : (1, 3)
    patterns = [UInt8](repeating: 0, count: self.columns * self.rows)
    layers = patterns
  }

  /// Dots from left to right.
  public var width: Int { columns * dots.x }
  /// Dots from top to bottom.
  public var height: Int { rows * dots.y }

  /// Sets a dot. A cell has one colour, so it shows the dots of its highest layer only.
  public mutating func set(_ x: Int, _ y: Int, layer: UInt8) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let cell = y / dots.y * columns + x / dots.x
    guard layer >= layers[cell] else { return }
    if layer > layers[cell] { patterns[cell] = 0 }
    patterns[cell] |= bit(x % dots.x, y % dots.y)
    layers[cell] = layer
  }

  /// Draws a straight line; with a dash, `dash.on` dots are followed by `dash.off` left out,
  /// counted by the column, so that neighbouring pieces of a curve go on with the pattern.
  public mutating func line(
    _ x0: Int, _ y0: Int, _ x1: Int, _ y1: Int, layer: UInt8, dash: (on: Int, off: Int)? = nil
  ) {
    // Far outside there is nothing to see, and clipping keeps the loop short.
    let bound = 1 << 20
    guard max(abs(x0), abs(y0), abs(x1), abs(y1)) < bound else { return }
    let steps = max(abs(x1 - x0), abs(y1 - y0))
    for step in 0...steps {
      let x = steps == 0 ? x0 : x0 + rounded((x1 - x0) * step, steps)
      let y = steps == 0 ? y0 : y0 + rounded((y1 - y0) * step, steps)
      if let dash, x >= 0, x % (dash.on + dash.off) >= dash.on { continue }
      set(x, y, layer: layer)
    }
  }

  private func rounded(_ numerator: Int, _ denominator: Int) -> Int {
    numerator >= 0
      ? (2 * numerator + denominator) / (2 * denominator)
      : -((-2 * numerator + denominator) / (2 * denominator))
  }

  /// The character and layer of a cell, or nil when it has no dot.
  public func cell(_ column: Int, _ row: Int) -> (scalar: Unicode.Scalar, layer: UInt8)? {
    let at = row * columns + column
    guard column >= 0, row >= 0, column < columns, row < rows, patterns[at] != 0 else { return nil }
    return (scalar(patterns[at]), layers[at])
  }

  /// Draws the cells that have dots; `style` says how each layer looks.
  public func draw(
    into surface: inout Surface, x: Int, y: Int, style: (_ layer: UInt8) -> Style
  ) {
    for row in 0..<rows {
      for column in 0..<columns {
        guard let cell = cell(column, row) else { continue }
        surface.set(x + column, y + row, cell.scalar, style(cell.layer))
      }
    }
  }

  private func bit(_ x: Int, _ y: Int) -> UInt8 {
    if glyphs == .ascii { return 1 << y }
    // The order of the dots in U+2800 and following: 1 2 3 7 down the left, 4 5 6 8 the right.
    return y == 3 ? (x == 0 ? 0x40 : 0x80) : 1 << (3 * x + y)
  }

  private func scalar(_ pattern: UInt8) -> Unicode.Scalar {
    if glyphs == .unicode { return Unicode.Scalar(0x2800 + UInt32(pattern)) ?? " " }
    switch pattern {
    case 1: return "'"
    case 2: return "-"
    case 4: return "."
    default: return "|"
    }
  }
}
