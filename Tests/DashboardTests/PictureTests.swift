import TerminalUI
import Testing

@testable import TerminalUI

@Suite("Pictures in cells")
struct PictureTests {
  private func picture(_ width: Int, _ height: Int, _ color: (UInt8, UInt8, UInt8)) throws
    -> CellPicture
  {
    let pixels = (0..<width * height).flatMap { _ in [color.0, color.1, color.2] }
    return try #require(CellPicture(width: width, height: height, pixels: pixels[...]))
  }

  @Test("A picture keeps its aspect where cells are twice as high as wide")
  func aspect() {
    let place = CellPicture.Placement(
      width: 96, height: 128, in: Rect(x: 0, y: 0, width: 80, height: 20))
    #expect(place.rect == Rect(x: 25, y: 0, width: 30, height: 20))
    let low = CellPicture.Placement(
      width: 200, height: 100, in: Rect(x: 0, y: 0, width: 40, height: 40))
    #expect(low.rect.width == 40 && low.rect.height == 10)
  }

  @Test("The colours of a picture are those of the nearest entries, dimmed as asked")
  func colors() throws {
    for (color, dimming, expected) in [
      ((255, 255, 255), 1.0, 231), ((0, 0, 0), 1.0, 16), ((255, 0, 0), 1.0, 196),
      ((128, 128, 128), 1.0, 244), ((255, 255, 255), 0.5, 244),
    ] as [((UInt8, UInt8, UInt8), Double, UInt8)] {
      var surface = Surface(width: 4, height: 2, glyphs: .unicode)
      let image = try picture(8, 8, color)
      let place = CellPicture.Placement(width: 8, height: 8, in: surface.bounds)
      image.scaled(to: place, dimming: dimming).draw(into: &surface)
      let shown = surface[1, 0].style
      let index = try #require(shown.foreground.paletteIndex(depth: .colors256))
      let parts = Palette.components(of: index)
      let wanted = Palette.components(of: expected)
      // Two entries may be equally near: the brightness is what counts.
      #expect(abs(Int(parts.green) - Int(wanted.green)) <= 12, "\(color): \(index)")
      #expect(shown.background == shown.foreground)
    }
  }

  @Test("An odd number of rows leaves the last half-block to the terminal")
  func odd() throws {
    var surface = Surface(width: 3, height: 2, glyphs: .unicode)
    let image = try picture(3, 3, (200, 200, 200))
    let place = CellPicture.Placement(width: 3, height: 3, in: surface.bounds)
    image.scaled(to: place, dimming: 1).draw(into: &surface)
    #expect(surface[0, 1].style.background == .terminal)
    #expect(surface[0, 1].style.foreground != .terminal)
  }

  @Test("A point of the picture lands on the dot that covers it")
  func dots() {
    let place = CellPicture.Placement(
      width: 8, height: 8, in: Rect(x: 0, y: 0, width: 8, height: 4))
    let canvas = DotCanvas(columns: 8, rows: 4, glyphs: .unicode)
    #expect(place.dot(0, 0, of: canvas)?.x == 1 && place.dot(0, 0, of: canvas)?.y == 1)
    #expect(place.dot(7, 7, of: canvas)?.x == 15 && place.dot(7, 7, of: canvas)?.y == 15)
    #expect(place.dot(.nan, 0, of: canvas) == nil && place.dot(1e30, 0, of: canvas) == nil)
  }

  @Test("Broken pictures are none")
  func broken() {
    #expect(CellPicture(width: 2, height: 2, pixels: [1, 2, 3]) == nil)
    #expect(CellPicture(width: 0, height: 0, pixels: []) == nil)
  }
}
