/// The look of every style key at every depth of colour.
public struct Theme: Sendable, Equatable {
  /// How one key looks.
  public struct Entry: Sendable, Equatable {
    /// Exact colour of the glyph, for 256 colours; nil leaves the terminal's own.
    public var color: Color?
    /// Exact colour behind the glyph.
    public var background: Color?
    /// Named colour of the glyph, for 16 and 8 colours.
    public var named: UInt8?
    /// Named colour behind the glyph.
    public var namedBackground: UInt8?
    /// Attributes where there is colour.
    public var attributes: Attributes = []
    /// Attributes where there is none.
    public var mono: Attributes = []
  }

  /// What the theme is called.
  public var name: String
  var entries: [StyleKey: Entry]

  /// The style of a key at a depth.
  public func style(_ key: StyleKey, depth: ColorDepth) -> Style {
    let entry = entries[key] ?? Theme.standard.entries[key] ?? Entry()
    switch depth {
    case .mono: return Style(.terminal, entry.mono)
    case .colors256, .direct:
      // A theme of the terminal's named colours says no exact ones.
      return Style(
        entry.color ?? entry.named.map { .palette($0) } ?? .terminal,
        on: entry.background ?? entry.namedBackground.map { .palette($0) } ?? .terminal,
        entry.attributes)
    case .colors16, .colors8:
      // What names no colour of the 16 takes the nearest.
      func nearest(_ color: Color?) -> UInt8? { color?.components.map(Palette.nearest16) }
      let background =
        (entry.namedBackground ?? nearest(entry.background)).map { Color.palette($0) } ?? .terminal
      guard let named = entry.named ?? nearest(entry.color) else {
        return Style(.terminal, on: background, entry.attributes)
      }
      // Bright black on 8 colours would be black: fainter text is asked for instead.
      if depth == .colors8, named == 8 {
        return Style(.terminal, on: background, entry.attributes.union(.dim))
      }
      return Style(.palette(named), on: background, entry.attributes)
    }
  }
}

extension Style {
  fileprivate init(_ foreground: Color, _ attributes: Attributes) {
    self.init(foreground, on: .terminal, attributes)
  }
}

/// A theme together with what the terminal can do: what every widget draws with.
public struct Look: Sendable {
  /// What the terminal can do.
  public let capabilities: Capabilities
  /// The characters to draw lines and bars with.
  public let symbols: Symbols
  private let styles: [StyleKey: Style]

  /// A theme on a terminal.
  public init(theme: Theme, capabilities: Capabilities) {
    self.capabilities = capabilities
    symbols = Symbols.of(capabilities.glyphs)
    styles = Dictionary(
      uniqueKeysWithValues: StyleKey.allCases.map {
        ($0, theme.style($0, depth: capabilities.depth))
      })
  }

  /// What the whole screen is drawn on: the theme's own text and background, where it has them.
  public var base: Style { self[.text] }

  /// The style of a key.
  public subscript(key: StyleKey) -> Style { styles[key] ?? Style() }
}
