import Imaging
import Raster
import TerminalUI

/// A surface as a picture, as a terminal would show it: lines, blocks and braille are drawn by the
/// rasteriser, so that they meet; letters come from fonts.
struct SurfacePicture {
  static let cell = (width: 10, height: 20)
  static let fontPixels = 16
  private static let baseline = 15.0

  let regular: GlyphSource
  let bold: GlyphSource
  /// The terminal's own colours.
  var ink = Raster.Color(0.82, 0.83, 0.85)
  var paper = Raster.Color(0.07, 0.08, 0.10)

  func draw(_ surface: Surface) -> ImageBuffer {
    var canvas = Canvas(
      width: surface.width * Self.cell.width, height: surface.height * Self.cell.height, paper)
    for y in 0..<surface.height {
      for x in 0..<surface.width {
        let cell = surface[x, y]
        guard !cell.isContinuation else { continue }
        let width = CharacterWidth.of(cell.scalar) == 2 ? 2 : 1
        draw(cell, x: x, y: y, width: width, on: &canvas)
      }
    }
    return ImageBuffer(width: canvas.width, height: canvas.height, pixels: canvas.bytes)
  }

  private func color(_ color: TerminalUI.Color, _ other: Raster.Color) -> Raster.Color {
    guard let parts = color.exact else { return other }
    return Raster.Color(
      Float(parts.red) / 255, Float(parts.green) / 255, Float(parts.blue) / 255)
  }

  private func draw(_ cell: Cell, x: Int, y: Int, width: Int, on canvas: inout Canvas) {
    var front = color(cell.style.foreground, ink)
    var back = color(cell.style.background, paper)
    if cell.style.attributes.contains(.reverse) { swap(&front, &back) }
    if cell.style.attributes.contains(.dim) { front = front.mixed(back, 0.45) }
    let (left, top) = (Double(x * Self.cell.width), Double(y * Self.cell.height))
    func fill(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ color: Raster.Color) {
      canvas.draw(
        .rectangle(
          x: left + x0 - 0.5, y: top + y0 - 0.5, width: x1 - x0, height: y1 - y0), color)
    }
    let (w, h) = (Double(Self.cell.width * width), Double(Self.cell.height))
    fill(0, 0, w, h, back)
    if cell.style.attributes.contains(.underline) { fill(0, h - 3, w, h - 2, front) }
    let value = cell.scalar.value
    switch value {
    case 0x20: break
    case 0x2800...0x28FF:
      for bit in 0..<8 where (value - 0x2800) >> bit & 1 == 1 {
        let column = bit < 6 ? bit / 3 : Int(bit) - 6
        let row = bit < 6 ? Int(bit) % 3 : 3
        canvas.draw(
          .disc(x: left + 2 + 5 * Double(column), y: top + 2 + 5 * Double(row), radius: 1.6), front)
      }
    case 0x2580: fill(0, 0, w, h / 2, front)
    case 0x2581...0x2588: fill(0, h * (1 - Double(value - 0x2580) / 8), w, h, front)
    case 0x2589...0x258F: fill(0, 0, w * Double(0x2590 - value) / 8, h, front)
    case 0x2590: fill(w / 2, 0, w, h, front)
    case 0x2591...0x2593: fill(0, 0, w, h, back.mixed(front, Float(value - 0x2590) * 0.25))
    case 0x2595: fill(w * 7 / 8, 0, w, h, front)
    case 0x2596...0x259F:
      // Upper left 1, upper right 2, lower left 4, lower right 8.
      let quarters = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14][Int(value - 0x2596)]
      for quarter in 0..<4 where quarters >> quarter & 1 == 1 {
        let (qx, qy) = (Double(quarter % 2) * w / 2, Double(quarter / 2) * h / 2)
        fill(qx, qy, qx + w / 2, qy + h / 2, front)
      }
    default:
      if let arms = Self.lines[cell.scalar] {
        let thick = [0x2501, 0x254D, 0x2578].contains(value) ? 3.0 : 1.2
        let (cx, cy) = (w / 2, h / 2)
        if arms & 1 != 0 { fill(0, cy - thick / 2, cx + thick / 2, cy + thick / 2, front) }
        if arms & 2 != 0 { fill(cx - thick / 2, cy - thick / 2, w, cy + thick / 2, front) }
        if arms & 4 != 0 { fill(cx - thick / 2, 0, cx + thick / 2, cy + thick / 2, front) }
        if arms & 8 != 0 { fill(cx - thick / 2, cy - thick / 2, cx + thick / 2, h, front) }
        // Dashed lines have a gap.
        if value == 0x254D { fill(cx - 1.5, 0, cx + 1.5, h, back) }
        if value == 0x250A { for gap in [4.0, 10, 16] { fill(0, gap, w, gap + 2, back) } }
      } else {
        draw(cell.scalar, bold: cell.style.attributes.contains(.bold), front, left, top, &canvas)
      }
    }
  }

  /// Arms of line drawing characters: left 1, right 2, up 4, down 8.
  private static let lines: [Unicode.Scalar: Int] = [
    "─": 3, "━": 3, "╍": 3, "│": 12, "┊": 12, "┌": 10, "┐": 9, "└": 6, "┘": 5, "├": 14, "┤": 13,
    "┬": 11, "┴": 7, "┼": 15, "╸": 1, "╵": 4, "╭": 10, "╮": 9, "╰": 6, "╯": 5,
  ]

  private func draw(
    _ scalar: Unicode.Scalar, bold isBold: Bool, _ color: Raster.Color, _ left: Double,
    _ top: Double, _ canvas: inout Canvas
  ) {
    guard let glyph = (isBold ? bold : regular).glyph(scalar) ?? regular.glyph(scalar) else {
      return
    }
    for row in 0..<glyph.rows {
      for column in 0..<glyph.width {
        let coverage = glyph.coverage[row * glyph.width + column]
        guard coverage > 0 else { continue }
        let (x, y) = (
          left + Double(glyph.left + column), top + Self.baseline - Double(glyph.top) + Double(row)
        )
        canvas.draw(
          .rectangle(x: x - 0.5, y: y - 0.5, width: 1, height: 1),
          color.opacity(Float(coverage) / 255))
      }
    }
  }
}
