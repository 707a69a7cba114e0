/// How a terminal shows pictures in its own pixels.
public enum PixelProtocol: String, Sendable, CaseIterable {
  /// Kitty's graphics: the terminal places the picture at the cursor.
  case kitty
  /// Kitty's graphics in placeholder characters, which a multiplexer moves around as it does text.
  case kittyCells = "kitty-cells"
  /// Sixel, as the VT340 had it.
  case sixel
}

/// A picture in the terminal's own pixels over some cells.
public struct PixelPicture: Sendable {
  /// The cells that it covers.
  public var rect: Rect
  /// Columns of pixels.
  public var width: Int
  /// Rows of pixels.
  public var height: Int
  /// Rows from the top of R, G, B.
  public var pixels: [UInt8]
  /// Equal for equal pictures, so that one that is shown already is not sent again.
  public var key: UInt64

  /// A picture; `pixels` has `width · height · 3` bytes.
  public init(rect: Rect, width: Int, height: Int, pixels: [UInt8]) {
    precondition(pixels.count == width * height * 3)
    self.rect = rect
    self.width = width
    self.height = height
    self.pixels = pixels
    // FNV-1a over the pixels.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in pixels { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    key = hash
  }
}

extension PixelPicture: Equatable {
  public static func == (left: PixelPicture, right: PixelPicture) -> Bool {
    left.rect == right.rect && left.key == right.key && left.width == right.width
  }
}
