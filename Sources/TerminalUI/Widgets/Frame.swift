/// A frame with a title on its upper edge, and room for notes there and on the lower edge.
public struct Frame: Sendable {
  /// Words on the left of the upper edge.
  public var title: String
  /// Pieces on the right of the upper edge, each in its own style.
  public var notes: [(text: String, style: StyleKey)]
  /// Words on the right of the lower edge.
  public var footer: String
  /// How the lines look.
  public var style: StyleKey

  /// A frame.
  public init(
    _ title: String = "", notes: [(text: String, style: StyleKey)] = [], footer: String = "",
    style: StyleKey = .frame
  ) {
    self.title = title
    self.notes = notes
    self.footer = footer
    self.style = style
  }

  /// Draws it; returns the room inside.
  @discardableResult
  public func draw(into surface: inout Surface, in rect: Rect, _ look: Look) -> Rect {
    guard rect.width >= 2, rect.height >= 2 else { return rect.inset(1, 1) }
    let line = look[style]
    let symbols = look.symbols
    let (right, bottom) = (rect.right - 1, rect.bottom - 1)
    for x in rect.x...right {
      surface.set(x, rect.y, symbols.horizontal, line)
      surface.set(x, bottom, symbols.horizontal, line)
    }
    for y in rect.y...bottom {
      surface.set(rect.x, y, symbols.vertical, line)
      surface.set(right, y, symbols.vertical, line)
    }
    surface.set(rect.x, rect.y, symbols.corners[0], line)
    surface.set(right, rect.y, symbols.corners[1], line)
    surface.set(rect.x, bottom, symbols.corners[2], line)
    surface.set(right, bottom, symbols.corners[3], line)
    var left = rect.x + 2
    if !title.isEmpty {
      left += surface.put(
        " \(title) ", left, rect.y, look[.title], limit: max(0, right - 1 - left))
    }
    drawNotes(into: &surface, from: left, to: right - 1, rect.y, look)
    if !footer.isEmpty {
      let text = " \(footer) "
      if CharacterWidth.of(text) <= rect.width - 4 {
        surface.put(text, endingAt: right - 1, bottom, look[.faint])
      }
    }
    return rect.inset(1, 1)
  }

  /// The notes from the right; the first that do not fit are left out.
  private func drawNotes(
    into surface: inout Surface, from left: Int, to right: Int, _ y: Int, _ look: Look
  ) {
    guard !notes.isEmpty else { return }
    let gap = 2
    var shown = notes[...]
    func length() -> Int {
      shown.reduce(0) { $0 + CharacterWidth.of($1.text) } + gap * (shown.count - 1) + 2
    }
    while !shown.isEmpty, length() > right - left { shown.removeFirst() }
    guard !shown.isEmpty else { return }
    var x = right - length()
    surface.fill(Rect(x: x, y: y, width: length(), height: 1))
    x += 1
    for note in shown { x += surface.put(note.text, x, y, look[note.style]) + gap }
  }
}

/// A frame in the middle of the screen with lines of text, over everything else.
public struct Popup: Sendable {
  /// Words on the left of the upper edge.
  public var title: String
  /// Words on the right of the upper edge.
  public var note: String

  /// A popup.
  public init(_ title: String, note: String = "") {
    self.title = title
    self.note = note
  }

  /// Clears room for so many cells of content in the middle and draws the frame; returns the room.
  public func draw(
    into surface: inout Surface, width: Int, height: Int, _ look: Look
  ) -> Rect {
    let rect = surface.bounds.centered(width: width + 4, height: height + 2)
    surface.fill(rect)
    let inside = Frame(title, notes: note.isEmpty ? [] : [(note, .faint)], style: .popup)
      .draw(into: &surface, in: rect, look)
    return inside.inset(1, 0)
  }
}
