import CFreeType

/// Glyphs of the first font that has them.
final class GlyphSource {
  /// A grey picture of a character; offsets from the origin on the baseline, y upwards.
  struct Glyph {
    var width: Int
    var rows: Int
    var left: Int
    var top: Int
    var coverage: [UInt8]
  }

  private let faces: [FT_Face]
  private var cache: [Unicode.Scalar: Glyph?] = [:]

  /// Fonts in the order in which they are asked; those that are absent are left out.
  init(paths: [String], pixels: Int) {
    faces = paths.compactMap { posetop_font_open($0, UInt32(pixels)) }
  }

  var isEmpty: Bool { faces.isEmpty }

  func glyph(_ scalar: Unicode.Scalar) -> Glyph? {
    if let known = cache[scalar] { return known }
    let found = faces.lazy.compactMap { Self.render($0, scalar) }.first
    cache[scalar] = found
    return found
  }

  private static func render(_ face: FT_Face, _ scalar: Unicode.Scalar) -> Glyph? {
    var (width, rows, pitch, left, top): (Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0)
    guard
      let bytes = posetop_font_glyph(
        face, UInt(scalar.value), &width, &rows, &pitch, &left, &top)
    else { return nil }
    var coverage: [UInt8] = []
    for row in 0..<Int(rows) {
      for column in 0..<Int(width) { coverage.append(bytes[row * Int(pitch) + column]) }
    }
    return Glyph(
      width: Int(width), rows: Int(rows), left: Int(left), top: Int(top), coverage: coverage)
  }
}
