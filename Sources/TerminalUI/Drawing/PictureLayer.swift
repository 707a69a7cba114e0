/// The pictures in the terminal's own pixels: which ones it shows, and what must be sent so that it
/// shows others.
public struct PictureLayer: Sendable {
  /// Whether sequences must be handed through tmux.
  public let isInTmux: Bool
  private var shown: [PixelPicture] = []
  private var way: PixelProtocol?

  /// Nothing is shown yet.
  public init(isInTmux: Bool) { self.isInTmux = isInTmux }

  /// Takes away what a new frame no longer shows, before its cells are written.
  ///
  /// - Returns: what to send, and whether the screen must be written anew: sixels go only with the
  ///   cells under them.
  public mutating func begin(
    _ surface: Surface, _ now: PixelProtocol?
  ) -> (bytes: [UInt8], wipesScreen: Bool) {
    defer { way = now }
    var bytes: [UInt8] = []
    var wipes = false
    for (index, picture) in shown.enumerated() {
      let next = index < surface.pictures.count ? surface.pictures[index] : nil
      if next == picture, now == way { continue }
      switch way {
      case .kitty: bytes += KittyGraphics.remove(number: index + 1)
      // Placeholders go with their cells; a new picture of the number replaces the old one.
      case .kittyCells: if next == nil { bytes += wrapped(KittyGraphics.remove(number: index + 1)) }
      // In the same place the new one covers the old one.
      case .sixel: if next?.rect != picture.rect { wipes = true }
      case nil: break
      }
    }
    if wipes { shown = [] }
    return (bytes, wipes)
  }

  /// Shows what is new, after the cells of the frame were written.
  public mutating func finish(_ surface: Surface, _ way: PixelProtocol?) -> [UInt8] {
    defer { shown = surface.pictures }
    guard let way else { return [] }
    var bytes: [UInt8] = []
    for (index, picture) in surface.pictures.enumerated() {
      if index < shown.count, shown[index] == picture { continue }
      switch way {
      case .kittyCells:
        bytes += wrapped(KittyGraphics.show(picture, number: index + 1, inCells: true))
      case .kitty:
        bytes += move(to: picture) + KittyGraphics.show(picture, number: index + 1, inCells: false)
      case .sixel: bytes += move(to: picture) + Sixel.encode(picture)
      }
    }
    // Whoever draws next thinks that the cursor has not moved.
    return bytes.isEmpty ? [] : Array("\u{1B}7".utf8) + bytes + Array("\u{1B}8".utf8)
  }

  /// Takes everything away.
  public mutating func removeAll() -> [UInt8] {
    defer { shown = [] }
    guard way == .kitty || way == .kittyCells else { return [] }
    return shown.indices.flatMap { wrapped(KittyGraphics.remove(number: $0 + 1)) }
  }

  private func wrapped(_ bytes: [UInt8]) -> [UInt8] {
    isInTmux ? KittyGraphics.throughTmux(bytes) : bytes
  }

  private func move(to picture: PixelPicture) -> [UInt8] {
    Array("\u{1B}[\(picture.rect.y + 1);\(picture.rect.x + 1)H".utf8)
  }
}
