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

  /// The picture at the size of its place: one colour for each half-block.
  public struct Scaled: Sendable {
    fileprivate let place: Placement
    /// R, G, B of each half-block, row by row; nil below the picture's end.
    fileprivate let colors: [SIMD3<Float>?]

    fileprivate func color(_ column: Int, _ row: Int) -> SIMD3<Float>? {
      colors[row * place.rect.width + column]
    }

    /// The mean colour of a cell, for a glyph that is drawn on it.
    public func cellColor(_ column: Int, _ row: Int) -> Color {
      let upper = color(column, 2 * row)
      let lower = color(column, 2 * row + 1)
      return shown(upper.map { ($0 + (lower ?? $0)) / 2 })
    }

    /// Draws the picture.
    public func draw(into surface: inout Surface) {
      for row in 0..<place.rect.height {
        for column in 0..<place.rect.width {
          let upper = shown(color(column, 2 * row))
          let lower = shown(color(column, 2 * row + 1))
          surface.set(
            place.rect.x + column, place.rect.y + row, "▀", Style(upper, on: lower))
        }
      }
    }

    private func shown(_ color: SIMD3<Float>?) -> Color {
      guard let color else { return .terminal }
      return .palette(Palette.nearestOfPicture(UInt8(color.x), UInt8(color.y), UInt8(color.z)))
    }
  }

  /// The picture at its place, darker by `dimming` (0 black ... 1 as it is).
  public func scaled(to place: Placement, dimming: Double) -> Scaled {
    var colors: [SIMD3<Float>?] = []
    colors.reserveCapacity(2 * place.rect.height * place.rect.width)
    for row in 0..<2 * place.rect.height {
      for column in 0..<place.rect.width {
        colors.append(average(column, row, place).map { $0 * Float(min(1, max(0, dimming))) })
      }
    }
    return Scaled(place: place, colors: colors)
  }

  /// The mean of the pixels under one half-block; nil outside of the picture.
  private func average(_ column: Int, _ row: Int, _ place: Placement) -> SIMD3<Float>? {
    let step = 1 / place.scale
    let left = min(width - 1, Int(Double(column) * step))
    let top = Int(Double(row) * step)
    guard top < height else { return nil }
    let right = min(width, max(left + 1, Int(Double(column + 1) * step)))
    let bottom = min(height, max(top + 1, Int(Double(row + 1) * step)))
    var sum = SIMD3<Float>.zero
    for y in top..<bottom {
      for x in left..<right {
        let at = pixels.startIndex + (y * width + x) * 3
        sum += SIMD3(Float(pixels[at]), Float(pixels[at + 1]), Float(pixels[at + 2]))
      }
    }
    return sum / Float((right - left) * (bottom - top))
  }
}
