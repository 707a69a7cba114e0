/// A picture that is drawn with two square pixels a cell, one above the other.
public struct HalfBlockImage: Sendable {
  /// Columns of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  private let pixels: ArraySlice<UInt8>

  /// A picture; `pixels` holds rows from the top of R, G, B.
  public init?(width: Int, height: Int, pixels: ArraySlice<UInt8>) {
    guard width > 0, height > 0, pixels.count == width * height * 3 else { return nil }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Where a picture lies on the screen, and how its pixels map to dots.
  public struct Placement: Sendable {
    /// The cells that it covers.
    public let rect: Rect
    /// Half-blocks for each pixel of the picture.
    public let scale: Double

    /// The largest place in `rect` that keeps the aspect, in the middle of it.
    public init(width: Int, height: Int, in rect: Rect) {
      let scale = min(
        Double(rect.width) / Double(max(1, width)),
        Double(2 * rect.height) / Double(max(1, height)))
      let columns = min(rect.width, max(1, Int((Double(width) * scale).rounded())))
      let rows = min(rect.height, max(1, Int((Double(height) * scale / 2).rounded(.up))))
      self.rect = rect.centered(width: columns, height: rows)
      self.scale = scale
    }

    /// The dot of a canvas over `rect` in which a point of the picture lies, unless it is far off.
    public func dot(_ x: Double, _ y: Double, of canvas: DotCanvas) -> (x: Int, y: Int)? {
      // Pixel centre i is at i, so its left edge is at i - 0.5.
      let column = (x + 0.5) * scale * Double(canvas.dots.x)
      let row = (y + 0.5) * scale / 2 * Double(canvas.dots.y)
      guard column.isFinite, row.isFinite, abs(column) < 1e5, abs(row) < 1e5 else { return nil }
      return (Int(column.rounded(.down)), Int(row.rounded(.down)))
    }
  }

  /// Draws the picture, darker by `dimming` (0 black ... 1 as it is).
  public func draw(into surface: inout Surface, at place: Placement, dimming: Double) {
    for row in 0..<place.rect.height {
      for column in 0..<place.rect.width {
        let upper = average(column, 2 * row, place, dimming)
        let lower = average(column, 2 * row + 1, place, dimming)
        surface.set(
          place.rect.x + column, place.rect.y + row, "▀",
          Style(color(upper) ?? .terminal, on: color(lower) ?? .terminal))
      }
    }
  }

  /// The mean colour of a cell, for a glyph that is drawn on it.
  public func cellColor(_ column: Int, _ row: Int, _ place: Placement, dimming: Double) -> Color {
    let upper = average(column, 2 * row, place, dimming)
    let lower = average(column, 2 * row + 1, place, dimming)
    guard let upper, let lower else { return color(upper ?? lower) ?? .terminal }
    return color(zip(upper, lower).map { ($0 + $1) / 2 }) ?? .terminal
  }

  private func color(_ parts: [Double]?) -> Color? {
    guard let parts else { return nil }
    return .rgb(UInt8(parts[0]), UInt8(parts[1]), UInt8(parts[2]))
  }

  /// The mean of the pixels under one half-block; nil outside of the picture.
  private func average(
    _ column: Int, _ row: Int, _ place: Placement, _ dimming: Double
  ) -> [Double]? {
    let step = 1 / place.scale
    let left = min(width - 1, Int(Double(column) * step))
    let top = Int(Double(row) * step)
    guard top < height else { return nil }
    let right = min(width, max(left + 1, Int(Double(column + 1) * step)))
    let bottom = min(height, max(top + 1, Int(Double(row + 1) * step)))
    var sums = [0.0, 0.0, 0.0]
    for y in top..<bottom {
      for x in left..<right {
        let at = pixels.startIndex + (y * width + x) * 3
        for part in 0..<3 { sums[part] += Double(pixels[at + part]) }
      }
    }
    let factor = min(1, max(0, dimming)) / Double((right - left) * (bottom - top))
    return sums.map { min(255, $0 * factor) }
  }
}
