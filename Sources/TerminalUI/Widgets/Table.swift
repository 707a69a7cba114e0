/// Rows of text in aligned columns.
public struct Table: Sendable {
  /// A column.
  public struct Column: Sendable {
    var title: String
    var width: Int
    var alignsRight: Bool

    /// A column of that width; width 0 takes what is left over.
    public init(_ title: String, width: Int = 0, alignsRight: Bool = false) {
      self.title = title
      self.width = width
      self.alignsRight = alignsRight
    }
  }

  /// What stands in one place, and how it looks.
  public struct Field: Sendable {
    var text: String
    var style: StyleKey

    /// A field.
    public init(_ text: String, _ style: StyleKey = .text) {
      self.text = text
      self.style = style
    }
  }

  /// The columns from the left.
  public var columns: [Column]
  /// The rows from the top.
  public var rows: [[Field]]
  /// Whether the titles of the columns are shown.
  public var hasHeader: Bool

  /// A table.
  public init(columns: [Column], rows: [[Field]], hasHeader: Bool = true) {
    self.columns = columns
    self.rows = rows
    self.hasHeader = hasHeader
  }

  /// Draws as many rows as there is room for.
  public func draw(into surface: inout Surface, in rect: Rect, _ look: Look) {
    let fixed = columns.reduce(0) { $0 + $1.width } + max(0, columns.count - 1)
    var lines = rows
    if hasHeader { lines.insert(columns.map { Field($0.title, .faint) }, at: 0) }
    for (index, line) in lines.prefix(rect.height).enumerated() {
      var x = rect.x
      for (column, field) in zip(columns, line) {
        let wanted = column.width > 0 ? column.width : max(0, rect.width - fixed)
        let width = min(wanted, rect.right - x)
        guard width > 0 else { break }
        let length = min(width, CharacterWidth.of(field.text))
        let start = column.alignsRight ? x + width - length : x
        surface.put(field.text, start, rect.y + index, look[field.style], limit: width)
        x += width + 1
      }
    }
  }
}

/// A line of keys and what they do.
public enum KeyHints {
  /// Draws as many hints as fit, from the left.
  public static func draw(
    _ hints: [(key: String, text: String)], into surface: inout Surface, in rect: Rect, _ look: Look
  ) {
    guard !rect.isEmpty else { return }
    var x = rect.x
    for hint in hints {
      let length = CharacterWidth.of(hint.key) + 1 + CharacterWidth.of(hint.text)
      guard x + length <= rect.right else { continue }
      x += surface.put(hint.key, x, rect.y, look[.key])
      x += surface.put(" \(hint.text)", x, rect.y, look[.hint]) + 2
    }
  }
}
