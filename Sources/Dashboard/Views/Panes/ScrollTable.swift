import TerminalUI

/// A table in a frame of which one row is chosen, and which moves under it.
struct ScrollTable {
  var columns: [Table.Column]
  var rows: [[Table.Field]]
  var list: ListState

  /// Draws the rows around the chosen one, and a mark where there are more.
  func draw(into surface: inout Surface, in rect: Rect, _ look: Look) {
    guard rect.height > 1 else { return }
    let height = rect.height - 1
    let first = list.first(of: rows.count, height: height)
    let shown = rows.dropFirst(first).prefix(height)
    let inner = Rect(x: rect.x + 1, y: rect.y, width: rect.width - 2, height: rect.height)
    Table(columns: columns, rows: Array(shown)).draw(into: &surface, in: inner, look)
    let selected = min(list.selected, rows.count - 1) - first
    if selected >= 0, selected < shown.count {
      let row = Rect(x: rect.x, y: rect.y + 1 + selected, width: rect.width, height: 1)
      surface.set(rect.x, row.y, look.symbols.pointer, look[.selection])
      surface.restyle(row) { style in
        if style == look[.text] { style = look[.selection] }
      }
    }
    guard rows.count > height else { return }
    // Where the window lies in the whole.
    let length = max(1, height * height / rows.count)
    let place = first * (height - length) / max(1, rows.count - height)
    for y in 0..<height {
      let isThumb = y >= place && y < place + length
      surface.set(
        rect.right - 1, rect.y + 1 + y,
        isThumb ? look.symbols.bars[look.symbols.bars.count - 1] : look.symbols.guide,
        look[isThumb ? .frame : .track])
    }
  }
}
