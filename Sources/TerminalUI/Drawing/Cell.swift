/// Attributes of a cell that need no colour.
public struct Attributes: OptionSet, Sendable, Hashable {
  /// One bit for each attribute.
  public let rawValue: UInt8

  /// A set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Brighter or heavier.
  public static let bold = Attributes(rawValue: 1)
  /// Fainter.
  public static let dim = Attributes(rawValue: 2)
  /// Foreground and background exchanged.
  public static let reverse = Attributes(rawValue: 4)
  /// Underlined.
  public static let underline = Attributes(rawValue: 8)
}

/// How a cell looks.
public struct Style: Sendable, Hashable {
  /// Colour of the glyph.
  public var foreground: Color
  /// Colour behind it.
  public var background: Color
  /// Bold, reverse and so on.
  public var attributes: Attributes

  /// A style; the terminal's own colours where nothing is said.
  public init(
    _ foreground: Color = .terminal, on background: Color = .terminal,
    _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// The same style with more attributes.
  public func adding(_ more: Attributes) -> Style {
    Style(foreground, on: background, attributes.union(more))
  }

  /// The same style on another background.
  public func on(_ color: Color) -> Style { Style(foreground, on: color, attributes) }
}

/// One character cell of the screen.
public struct Cell: Sendable, Hashable {
  /// The character; U+0000 in the right half of a wide one.
  public var scalar: Unicode.Scalar
  /// A combining mark on it.
  public var mark: Unicode.Scalar?
  /// A second one, which only placeholders of pictures have.
  public var secondMark: Unicode.Scalar?
  /// How it looks.
  public var style: Style

  /// A cell.
  public init(_ scalar: Unicode.Scalar, mark: Unicode.Scalar? = nil, style: Style = Style()) {
    self.scalar = scalar
    self.mark = mark
    self.style = style
  }

  /// Nothing.
  public static let blank = Cell(" ")

  /// Whether this is the right half of a wide character.
  public var isContinuation: Bool { scalar.value == 0 }
}

/// Which characters a terminal can show.
public enum GlyphSet: Sendable, CaseIterable {
  /// Printable ASCII only: no braille, no box drawing.
  case ascii
  /// Everything that UTF-8 can say.
  case unicode
}

/// What a terminal can do, as far as drawing must know.
public struct Capabilities: Sendable, Hashable {
  /// Which characters it shows.
  public var glyphs: GlyphSet
  /// How many colours it has.
  public var depth: ColorDepth
  /// How it shows pictures in its own pixels; nil where it does not, or has not said so.
  public var pixels: PixelProtocol?
  /// The size of a cell, px; nil where the terminal does not say.
  public var cellSize: CellSize?
  /// Whether the ground is light; nil where the terminal does not say.
  public var isGroundLight: Bool?

  /// The size of a cell in the terminal's own pixels.
  public struct CellSize: Sendable, Hashable {
    /// Width, px.
    public var width: Int
    /// Height, px.
    public var height: Int

    /// A size.
    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// What a terminal can do.
  public init(
    glyphs: GlyphSet, depth: ColorDepth, pixels: PixelProtocol? = nil, cellSize: CellSize? = nil
  ) {
    self.glyphs = glyphs
    self.depth = depth
    self.pixels = pixels
    self.cellSize = cellSize
  }

  /// Whether pictures can be shown in colour.
  public var hasPictures: Bool { glyphs == .unicode && depth >= .colors256 }
}
