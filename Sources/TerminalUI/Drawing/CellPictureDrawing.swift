// How a scaled picture becomes characters, mode by mode.

extension CellPicture.Scaled {
  /// Draws the picture; `faint` is the style of characters where the cells have no colours.
  public func draw(into surface: inout Surface, faint: Style = Style()) {
    for row in 0..<place.rect.height {
      for column in 0..<place.rect.width {
        let parts = parts(of: column, row)
        guard let (scalar, style) = glyph(parts, column, row, faint) else { continue }
        surface.set(place.rect.x + column, place.rect.y + row, scalar, style)
      }
    }
  }

  private func glyph(
    _ parts: [SIMD3<Float>?], _ column: Int, _ row: Int, _ faint: Style
  ) -> (Unicode.Scalar, Style)? {
    switch mode {
    case .halfBlocks: return ("▀", Style(shown(parts[0]), on: shown(parts[1])))
    case .quadrants: return quadrant(parts)
    case .braille: return braille(parts, column, row, faint)
    case .ramp: return ramp(parts[0], faint)
    case .letters, .pixels: return nil
    }
  }

  private static let quadrants: [Unicode.Scalar] = [
    " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
  ]

  /// Of all ways to divide four pixels into two colours the one with the smallest error.
  private func quadrant(_ parts: [SIMD3<Float>?]) -> (Unicode.Scalar, Style) {
    guard parts.allSatisfy({ $0 != nil }) else {
      return (
        "▀", Style(shown(Self.mean(Array(parts[..<2]))), on: shown(Self.mean(Array(parts[2...]))))
      )
    }
    let colors = parts.compactMap { $0 }
    var best = (pattern: 0, error: Float.infinity, ink: SIMD3<Float>.zero, paper: SIMD3<Float>.zero)
    // A pattern and its complement are the same division.
    for pattern in 0..<8 {
      var sums = (ink: SIMD3<Float>.zero, paper: SIMD3<Float>.zero)
      var counts = (ink: Float(0), paper: Float(0))
      for (index, color) in colors.enumerated() {
        if pattern >> index & 1 == 1 {
          sums.ink += color
          counts.ink += 1
        } else {
          sums.paper += color
          counts.paper += 1
        }
      }
      let ink = counts.ink > 0 ? sums.ink / counts.ink : .zero
      let paper = sums.paper / max(counts.paper, 1)
      var error = Float(0)
      for (index, color) in colors.enumerated() {
        let difference = color - (pattern >> index & 1 == 1 ? ink : paper)
        error += (difference * difference).sum()
      }
      if error < best.error { best = (pattern, error, ink, paper) }
    }
    return (Self.quadrants[best.pattern], Style(shown(best.ink), on: shown(best.paper)))
  }

  /// Dots where the picture is brighter than an ordered pattern of thresholds.
  private func braille(
    _ parts: [SIMD3<Float>?], _ column: Int, _ row: Int, _ faint: Style
  ) -> (Unicode.Scalar, Style)? {
    var pattern: UInt32 = 0
    for (index, part) in parts.enumerated() {
      guard let part else { continue }
      let (x, y) = (index % 2, index / 2)
      let threshold = Self.thresholds[(row * 4 + y) % 4 * 4 + (column * 2 + x) % 4]
      guard Self.brightness(part) > threshold else { continue }
      pattern |= y == 3 ? (x == 0 ? 0x40 : 0x80) : 1 << UInt32(3 * x + y)
    }
    guard pattern != 0, let scalar = Unicode.Scalar(0x2800 + pattern) else { return nil }
    guard depth >= .colors256 else { return (scalar, faint) }
    return (scalar, Style(shown(Self.mean(parts))))
  }

  /// Bayer's 4×4 thresholds over the range of brightness.
  private static let thresholds: [Float] = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
    .map { 24 + Float($0) * 12.5 }

  private static let ramp: [Unicode.Scalar] = Array(" .,:;-=+*oxOX#%@".unicodeScalars)

  private func ramp(_ part: SIMD3<Float>?, _ faint: Style) -> (Unicode.Scalar, Style)? {
    guard let part else { return nil }
    let level = Int(Self.brightness(part) / 256 * Float(Self.ramp.count))
    let scalar = Self.ramp[min(Self.ramp.count - 1, max(0, level))]
    return (scalar, depth >= .colors256 ? Style(shown(part)) : faint)
  }

  static func brightness(_ color: SIMD3<Float>) -> Float {
    (color * SIMD3(0.3, 0.59, 0.11)).sum()
  }
}
