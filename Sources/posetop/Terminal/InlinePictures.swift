import Glibc
import Imaging
import Support
import TerminalNcurses
import TerminalUI

/// Prints pictures among the lines of a terminal, in the best way that it has.
struct InlinePictures {
  private let capabilities: Capabilities
  private let isInTmux: Bool
  /// Columns that a picture may take.
  let columns: Int
  /// Rows that a picture may take.
  let rows: Int
  /// Pictures that were shown: each has a number of its own on the terminal.
  private var shown = 0

  /// What fits one message of an engine as text.
  private static let mostPixels = 230_000

  /// Nil when stdout is no terminal that shows colours.
  init?(_ options: ParsedOptions) {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    let look = ScreenOptions(options)
    guard let probe = TerminalProbe(colors: look.colors, pictures: look.pictures),
      probe.capabilities.hasPictures || probe.capabilities.pixels != nil
    else { return nil }
    capabilities = probe.capabilities
    isInTmux = probe.multiplexer == "tmux"
    columns = max(8, min(probe.columns, 120))
    rows = max(6, min(probe.rows - 3, 50))
  }

  /// The size of a cell, px: half-blocks where the terminal shows no pixels of its own.
  private var cell: (width: Int, height: Int) {
    guard capabilities.pixels != nil else { return (1, 2) }
    return capabilities.cellSize.map { ($0.width, $0.height) } ?? (8, 16)
  }

  /// The largest picture that is shown as it is, px.
  var size: (width: Int, height: Int) { size(columns: columns) }

  /// The same for a picture of so many columns.
  func size(columns: Int) -> (width: Int, height: Int) {
    let (width, height) = (columns * cell.width, rows * cell.height)
    let scale = min(1, (Double(Self.mostPixels) / Double(width * height)).squareRoot())
    return (max(1, Int(Double(width) * scale)), max(1, Int(Double(height) * scale)))
  }

  /// Prints a picture and ends its lines.
  mutating func draw(_ picture: ImageBuffer) {
    guard picture.width > 0, picture.height > 0 else { return }
    shown += 1
    guard let way = capabilities.pixels else {
      guard
        let cells = CellPicture(
          width: picture.width, height: picture.height, pixels: picture.pixels[...])
      else { return }
      let rect = Rect(x: 0, y: 0, width: min(columns, picture.width), height: rows)
      let place = CellPicture.Placement(width: picture.width, height: picture.height, in: rect)
      var surface = Surface(
        width: place.rect.width, height: place.rect.height, glyphs: capabilities.glyphs)
      let inline = CellPicture.Placement(
        width: picture.width, height: picture.height, in: surface.bounds)
      cells.scaled(to: inline, dimming: 1, mode: .halfBlocks, depth: capabilities.depth)
        .draw(into: &surface)
      var writer = EscapeWriter(depth: capabilities.depth)
      writer.writeLines(of: surface)
      return Output.write(writer.bytes)
    }
    Output.write(pixels(picture, way))
  }

  /// The bytes that show a picture in the terminal's own pixels: first its lines, so that the screen
  /// has scrolled before the picture is placed on them.
  private func pixels(_ picture: ImageBuffer, _ way: PixelProtocol) -> [UInt8] {
    let scale = min(
      Double(columns * cell.width) / Double(picture.width),
      Double(rows * cell.height) / Double(picture.height), 1)
    let width = max(1, Int((Double(picture.width) * scale / Double(cell.width)).rounded(.up)))
    let height = max(1, Int((Double(picture.height) * scale / Double(cell.height)).rounded(.up)))
    let shownPicture = PixelPicture(
      rect: Rect(x: 0, y: 0, width: width, height: height), width: picture.width,
      height: picture.height, pixels: picture.pixels)
    let number = 1 + (shown - 1) % 255
    if way == .kittyCells {
      let image = KittyGraphics.show(shownPicture, number: number, inCells: true)
      return (isInTmux ? KittyGraphics.throughTmux(image) : image)
        + placeholders(number, width, height)
    }
    let lines = String(repeating: "\n", count: height) + "\u{1B}[\(height)A\u{1B}7"
    let image =
      way == .kitty
      ? KittyGraphics.show(shownPicture, number: number, inCells: false)
      : Sixel.encode(shownPicture)
    return Array(lines.utf8) + image + Array("\u{1B}8\u{1B}[\(height)B".utf8)
  }

  private func placeholders(_ number: Int, _ width: Int, _ height: Int) -> [UInt8] {
    var text = ""
    for row in 0..<height {
      text += "\u{1B}[38;5;\(number)m"
      for column in 0..<width {
        guard let down = KittyGraphics.mark(row), let right = KittyGraphics.mark(column) else {
          continue
        }
        text.unicodeScalars.append(KittyGraphics.placeholder)
        text.unicodeScalars.append(down)
        text.unicodeScalars.append(right)
      }
      text += "\u{1B}[0m\n"
    }
    return Array(text.utf8)
  }
}
