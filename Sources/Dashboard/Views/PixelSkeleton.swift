import Pose
import Raster
import TerminalUI

// Pictures in the terminal's own pixels: the crop, enlarged, with smooth limbs over it.

extension Skeleton {
  /// Draws limbs and joints; the left side has dashed limbs and round joints, the right side whole
  /// limbs and square joints, so that they are told apart without colours.
  func draw(on canvas: inout Canvas, scale: Double, _ look: Look, isFaint: Bool = false) {
    func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
      ((point.x + 0.5) * scale - 0.5, (point.y + 0.5) * scale - 0.5)
    }
    let width = max(1.5, Double(canvas.height) / 110)
    let alpha: Float = isFaint ? 0.45 : 0.95
    for (from, to) in schema.skeleton {
      guard from < points.count, to < points.count, let a = points[from], let b = points[to]
      else { continue }
      let (start, end) = (place(a), place(b))
      let color = Self.color(look[style(from: from, to: to)]).opacity(alpha)
      let isLeft = style(from: from, to: to) == .limbLeft
      for (first, last) in Self.pieces(start, end, dashed: isLeft, width: width) {
        canvas.draw(
          .line(first.x, first.y, last.x, last.y, width: width + 1.6),
          Raster.Color(0, 0, 0, alpha: alpha * 0.5))
        canvas.draw(.line(first.x, first.y, last.x, last.y, width: width), color)
      }
    }
    for (index, point) in points.enumerated() {
      guard let point else { continue }
      let at = place(point)
      let color = Self.color(look[style(of: index)]).opacity(alpha)
      let radius = width * (isWrong.indices.contains(index) && isWrong[index] ? 1.9 : 1.3)
      let shape: Shape =
        style(from: index, to: index) == .limbRight
        ? .rectangle(x: at.x - radius, y: at.y - radius, width: 2 * radius, height: 2 * radius)
        : .disc(x: at.x, y: at.y, radius: radius)
      canvas.draw(shape.grown(by: 1), Raster.Color(0, 0, 0, alpha: alpha * 0.6))
      canvas.draw(shape, color)
    }
  }

  /// A line as it is, or cut into dashes.
  private static func pieces(
    _ start: (x: Double, y: Double), _ end: (x: Double, y: Double), dashed: Bool, width: Double
  ) -> [((x: Double, y: Double), (x: Double, y: Double))] {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let length = (dx * dx + dy * dy).squareRoot()
    guard dashed, length > 6 * width, length < 1e5 else { return [(start, end)] }
    let count = max(2, Int(length / (4 * width)))
    return (0..<count).map { index in
      let first = Double(index) / Double(count)
      let last = first + 0.6 / Double(count)
      return (
        (start.x + dx * first, start.y + dy * first), (start.x + dx * last, start.y + dy * last)
      )
    }
  }

  private static func color(_ style: Style) -> Raster.Color {
    guard let parts = style.foreground.components else { return Raster.Color(1, 1, 1) }
    return Raster.Color(
      Float(parts.red) / 255, Float(parts.green) / 255, Float(parts.blue) / 255)
  }
}

/// A crop enlarged to the terminal's pixels.
enum EnlargedCrop {
  /// A picture has at most so many pixels: it travels over slow lines.
  private static let pixelLimit = 400_000.0

  /// The scale at which a crop fills a place, for cells of a size.
  ///
  /// - Parameter isExact: whether the terminal shows pixel for pixel, so that the size must fit the
  ///   cells; otherwise it enlarges by itself what is sent smaller.
  static func scale(
    width: Int, height: Int, in rect: Rect, cell: Capabilities.CellSize, isExact: Bool
  ) -> Double {
    let whole = min(
      Double(rect.width * cell.width) / Double(max(1, width)),
      Double(rect.height * cell.height) / Double(max(1, height)))
    let most = (pixelLimit / Double(max(1, width * height))).squareRoot()
    return isExact ? whole : min(whole, 3, most)
  }

  /// The crop at a scale, by the values of the four nearest pixels; darker by `dimming`.
  static func pixels(
    _ crop: ArraySlice<UInt8>, width: Int, height: Int, scale: Double, dimming: Double
  ) -> (width: Int, height: Int, pixels: [UInt8]) {
    let outWidth = max(1, Int((Double(width) * scale).rounded()))
    let outHeight = max(1, Int((Double(height) * scale).rounded()))
    var result = [UInt8](repeating: 0, count: outWidth * outHeight * 3)
    let base = crop.startIndex
    for y in 0..<outHeight {
      let sourceY = min(Double(height - 1), max(0, (Double(y) + 0.5) / scale - 0.5))
      let top = Int(sourceY)
      let bottom = min(height - 1, top + 1)
      let shareY = sourceY - Double(top)
      for x in 0..<outWidth {
        let sourceX = min(Double(width - 1), max(0, (Double(x) + 0.5) / scale - 0.5))
        let left = Int(sourceX)
        let right = min(width - 1, left + 1)
        let shareX = sourceX - Double(left)
        for channel in 0..<3 {
          func value(_ column: Int, _ row: Int) -> Double {
            Double(crop[base + (row * width + column) * 3 + channel])
          }
          let above = value(left, top) * (1 - shareX) + value(right, top) * shareX
          let below = value(left, bottom) * (1 - shareX) + value(right, bottom) * shareX
          let mixed = (above * (1 - shareY) + below * shareY) * dimming
          result[(y * outWidth + x) * 3 + channel] = UInt8(min(255, max(0, mixed)))
        }
      }
    }
    return (outWidth, outHeight, result)
  }
}
