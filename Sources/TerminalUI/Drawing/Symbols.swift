/// The characters that lines, bars and marks are made of.
public struct Symbols: Sendable {
  /// A horizontal line of a frame.
  public let horizontal: Unicode.Scalar
  /// A vertical line of a frame.
  public let vertical: Unicode.Scalar
  /// Corners of a frame: top left, top right, bottom left, bottom right.
  public let corners: [Unicode.Scalar]
  /// Where a tick leaves the vertical axis to the left.
  public let tickLeft: Unicode.Scalar
  /// Where a tick crosses the horizontal axis.
  public let tickDown: Unicode.Scalar
  /// A faint vertical line through a plot.
  public let guide: Unicode.Scalar
  /// Bars that are filled by 1/n to n/n; the last is a full cell.
  public let bars: [Unicode.Scalar]
  /// Slim bars for tables, whose rows stay apart.
  public let slimBars: [Unicode.Scalar]
  /// What an empty cell of a bar holds.
  public let track: Unicode.Scalar
  /// A mark on an axis.
  public let marker: Unicode.Scalar
  /// A mark on an axis where something was saved.
  public let saved: Unicode.Scalar
  /// A mark on an axis for the best.
  public let best: Unicode.Scalar
  /// What stands between parts of a line.
  public let separator: Unicode.Scalar
  /// What precedes the chosen row.
  public let pointer: Unicode.Scalar
  /// What stands for text that was cut off.
  public let ellipsis: Unicode.Scalar
  /// What stands before the name of a curve: solid and dashed.
  public let lines: (solid: String, dashed: String)
  /// Between a value before and after.
  public let arrow: String

  /// The characters of a glyph set.
  public static func of(_ glyphs: GlyphSet) -> Symbols {
    switch glyphs {
    case .unicode: unicode
    case .ascii: ascii
    }
  }

  private static let unicode = Symbols(
    horizontal: "─", vertical: "│", corners: ["┌", "┐", "└", "┘"], tickLeft: "┤", tickDown: "┴",
    guide: "┊", bars: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"], slimBars: ["╸", "━"], track: "─",
    marker: "▲",
    saved: "╵", best: "◆",
    separator: "·", pointer: "▸", ellipsis: "…", lines: ("━━", "╍╍"), arrow: "→")
  private static let ascii = Symbols(
    horizontal: "-", vertical: "|", corners: ["+", "+", "+", "+"], tickLeft: "+", tickDown: "+",
    guide: "!", bars: ["=", "#"], slimBars: ["-", "="], track: ".", marker: "^", saved: "'",
    best: "*", separator: "|", pointer: ">",
    ellipsis: "~", lines: ("--", "o-"), arrow: "->")
}
