/// A grid of cells to draw on. Whatever lies outside is cut off, so no caller can draw too far.
public struct Surface: Sendable, Equatable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The cells, row by row.
  public private(set) var cells: [Cell]
  /// Pictures in the terminal's own pixels, over blank cells.
  public private(set) var pictures: [PixelPicture] = []
  private let glyphs: GlyphSet

  /// An empty surface. With ASCII glyphs every other character that is drawn becomes `?`.
  public init(width: Int, height: Int, glyphs: GlyphSet) {
    self.width = max(0, width)
    self.height = max(0, height)
    self.glyphs = glyphs
    cells = [Cell](repeating: .blank, count: self.width * self.height)
  }

  /// All of it.
  public var bounds: Rect { Rect(x: 0, y: 0, width: width, height: height) }

  /// A cell; a blank one outside.
  public subscript(x: Int, y: Int) -> Cell {
    x >= 0 && x < width && y >= 0 && y < height ? cells[y * width + x] : .blank
  }

  /// Draws one character; a wide one takes the next cell too.
  public mutating func set(_ x: Int, _ y: Int, _ scalar: Unicode.Scalar, _ style: Style) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let shown = printable(scalar)
    let cellWidth = CharacterWidth.of(shown)
    let at = y * width + x
    separate(at, x)
    if cellWidth == 2 {
      guard x + 1 < width else {
        cells[at] = Cell(" ", style: style)
        return
      }
      separate(at + 1, x + 1)
      cells[at] = Cell(shown, style: style)
      cells[at + 1] = Cell("\0", style: style)
    } else {
      cells[at] = Cell(shown, style: style)
    }
  }

  /// Draws text from a column on, in at most `limit` cells; returns the cells that it took.
  @discardableResult
  public mutating func put(
    _ text: String, _ x: Int, _ y: Int, _ style: Style, limit: Int = .max
  ) -> Int {
    var column = x
    let end = limit >= width - min(x, width) ? width : x + max(0, limit)
    for scalar in text.unicodeScalars {
      let shown = printable(scalar)
      let cellWidth = CharacterWidth.of(shown)
      if cellWidth == 0 {
        mark(shown, column - 1, y)
        continue
      }
      if column + cellWidth > end { break }
      set(column, y, shown, style)
      column += cellWidth
    }
    return column - x
  }

  /// Draws text that ends before the column `right`; what does not fit is cut off at its end.
  public mutating func put(_ text: String, endingAt right: Int, _ y: Int, _ style: Style) {
    let length = CharacterWidth.of(text)
    let x = max(0, right - length)
    put(text, x, y, style, limit: right - x)
  }

  /// Places a picture in the terminal's own pixels; in placeholders where those carry it.
  public mutating func place(_ picture: PixelPicture, _ way: PixelProtocol) {
    let rect = picture.rect
    guard !rect.isEmpty, rect.x >= 0, rect.y >= 0, rect.right <= width, rect.bottom <= height
    else { return }
    pictures.append(picture)
    fill(rect)
    guard way == .kittyCells else { return }
    let style = Style(.palette(UInt8(truncatingIfNeeded: pictures.count)))
    for row in 0..<rect.height {
      for column in 0..<rect.width {
        guard let rowMark = KittyGraphics.mark(row), let columnMark = KittyGraphics.mark(column)
        else { continue }
        var cell = Cell(KittyGraphics.placeholder, mark: rowMark, style: style)
        cell.secondMark = columnMark
        cells[(rect.y + row) * width + rect.x + column] = cell
      }
    }
  }

  /// Takes all pictures away, such as under a popup; the cells stay blank.
  public mutating func removePictures() { pictures = [] }

  /// Fills a rectangle with one character.
  public mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar = " ", _ style: Style = Style())
  {
    for y in max(0, rect.y)..<max(0, rect.y, min(height, rect.bottom)) {
      for x in max(0, rect.x)..<max(0, rect.x, min(width, rect.right)) { set(x, y, scalar, style) }
    }
  }

  /// Changes the style of a rectangle's cells and keeps their characters.
  public mutating func restyle(_ rect: Rect, _ change: (inout Style) -> Void) {
    for y in max(0, rect.y)..<max(0, rect.y, min(height, rect.bottom)) {
      for x in max(0, rect.x)..<max(0, rect.x, min(width, rect.right)) {
        change(&cells[y * width + x].style)
      }
    }
  }

  /// Gives every cell that leaves a colour to the terminal the colour of `base` instead.
  public mutating func applyBase(_ base: Style) {
    guard base.foreground != .terminal || base.background != .terminal else { return }
    for index in cells.indices {
      if cells[index].style.foreground == .terminal {
        cells[index].style.foreground = base.foreground
      }
      if cells[index].style.background == .terminal {
        cells[index].style.background = base.background
      }
    }
  }

  /// The characters of each row, as a reader sees them.
  public var rows: [String] {
    (0..<height).map { y in
      var row = String.UnicodeScalarView()
      for cell in cells[y * width..<(y + 1) * width] where !cell.isContinuation {
        row.append(cell.scalar)
        if let mark = cell.mark { row.append(mark) }
      }
      return String(row)
    }
  }

  private func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    if scalar.value >= 0x20 && scalar.value < 0x7F { return scalar }
    if glyphs == .ascii || CharacterWidth.of(scalar) < 0 { return "?" }
    return scalar
  }

  private mutating func mark(_ scalar: Unicode.Scalar, _ x: Int, _ y: Int) {
    guard x >= 0, x < width, y >= 0, y < height else { return }
    let at = y * width + x
    let base = cells[at].isContinuation ? at - 1 : at
    cells[base].mark = scalar
  }

  /// Before a cell is overwritten: no half of a wide character stays behind.
  private mutating func separate(_ at: Int, _ x: Int) {
    if cells[at].isContinuation, x > 0 {
      cells[at - 1] = Cell(" ", style: cells[at - 1].style)
      cells[at] = Cell(" ", style: cells[at].style)
    } else if x + 1 < width, cells[at + 1].isContinuation {
      cells[at + 1] = Cell(" ", style: cells[at + 1].style)
    }
  }
}
