/// How a picture is drawn in character cells.
public enum PictureMode: String, Sendable, CaseIterable {
  /// The terminal's own pixels, where it can show pictures.
  case pixels
  /// Two square pixels a cell, one above the other, each in its own colour.
  case halfBlocks = "half"
  /// Four pixels a cell in two colours: sharper edges.
  case quadrants = "quad"
  /// Eight dots a cell in one colour.
  case braille
  /// One character a cell: the brighter, the denser.
  case ramp
  /// No picture: only what is drawn over it.
  case letters

  /// The modes that a terminal can show, the best first.
  public static func available(_ capabilities: Capabilities) -> [PictureMode] {
    let own: [PictureMode] = capabilities.pixels == nil ? [] : [.pixels]
    if capabilities.hasPictures {
      return own + [.halfBlocks, .quadrants, .braille, .ramp, .letters]
    }
    return own
      + (capabilities.glyphs == .unicode ? [.letters, .braille, .ramp] : [.letters, .ramp])
  }
}

/// A picture that is drawn in character cells.
public struct CellPicture: Sendable {
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

  /// The picture at the size of its place: one colour for each part of a cell.
  public struct Scaled: Sendable {
    let place: Placement
    let mode: PictureMode
    /// Parts beside and above one another in a cell.
    let parts: (x: Int, y: Int)
    /// R, G, B of each part, row by row; nil below the picture's end.
    let colors: [SIMD3<Float>?]
    let depth: ColorDepth

    func color(_ x: Int, _ y: Int) -> SIMD3<Float>? {
      colors[y * place.rect.width * parts.x + x]
    }

    /// The parts of a cell from the top left, row by row.
    func parts(of column: Int, _ row: Int) -> [SIMD3<Float>?] {
      (0..<parts.x * parts.y).map {
        color(column * parts.x + $0 % parts.x, row * parts.y + $0 / parts.x)
      }
    }

    /// The mean colour of a cell, for a glyph of some colour that is drawn on it: a little darker behind
    /// light ones, a little lighter behind dark ones.
    public func cellColor(_ column: Int, _ row: Int, behind ink: Color) -> Color {
      guard mode == .halfBlocks || mode == .quadrants else { return .terminal }
      let isDark =
        ink.exact.map {
          Self.brightness(SIMD3(Float($0.red), Float($0.green), Float($0.blue))) < 110
        } ?? false
      return shown(
        Self.mean(parts(of: column, row)).map {
          $0 + (SIMD3(repeating: isDark ? 255 : 0) - $0) * (isDark ? 0.5 : 0.3)
        })
    }

    static func mean(_ colors: [SIMD3<Float>?]) -> SIMD3<Float>? {
      let present = colors.compactMap { $0 }
      guard !present.isEmpty else { return nil }
      return present.reduce(.zero, +) / Float(present.count)
    }

    func shown(_ color: SIMD3<Float>?) -> Color {
      guard let color else { return .terminal }
      let (red, green, blue) = (UInt8(color.x), UInt8(color.y), UInt8(color.z))
      switch depth {
      case .direct: return .rgb(red, green, blue)
      case .colors256: return .palette(Palette.nearestOfPicture(red, green, blue))
      default: return .terminal
      }
    }
  }

  /// The picture at its place, darker by `dimming` (0 black ... 1 as it is).
  public func scaled(
    to place: Placement, dimming: Double, mode: PictureMode = .halfBlocks,
    depth: ColorDepth = .colors256
  ) -> Scaled {
    let parts: (x: Int, y: Int) =
      switch mode {
      case .halfBlocks: (1, 2)
      case .quadrants: (2, 2)
      case .braille: (2, 4)
      case .ramp, .letters, .pixels: (1, 1)
      }
    let (columns, rows) = (place.rect.width * parts.x, place.rect.height * parts.y)
    let factor = Float(min(1, max(0, dimming)))
    // Pixels of the picture for each part.
    let stepX = 1 / (place.scale * Double(parts.x))
    let stepY = 2 / (place.scale * Double(parts.y))
    var colors: [SIMD3<Float>?] = []
    colors.reserveCapacity(columns * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        colors.append(average(column, row, stepX, stepY).map { $0 * factor })
      }
    }
    return Scaled(place: place, mode: mode, parts: parts, colors: colors, depth: depth)
  }

  /// The mean of the pixels under one part of a cell; nil outside of the picture.
  private func average(
    _ column: Int, _ row: Int, _ stepX: Double, _ stepY: Double
  ) -> SIMD3<Float>? {
    let left = min(width - 1, Int(Double(column) * stepX))
    let top = Int(Double(row) * stepY)
    guard top < height else { return nil }
    let right = min(width, max(left + 1, Int(Double(column + 1) * stepX)))
    let bottom = min(height, max(top + 1, Int(Double(row + 1) * stepY)))
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
