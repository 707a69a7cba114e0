/// How a picture's EXIF data says that it is to be turned, 1...8; 1 is as stored.
public struct ImageOrientation: Sendable, Hashable {
  /// EXIF's number.
  public let number: Int

  /// As stored.
  public static let stored = ImageOrientation(number: 1)

  /// Whether width and height change places.
  public var swapsSides: Bool { number >= 5 }

  init(number: Int) { self.number = (1...8).contains(number) ? number : 1 }

  /// The orientation in a JPEG or PNG file's bytes; as stored where there is none, or a broken one.
  init(of bytes: [UInt8]) {
    let tiff =
      bytes.starts(with: [0xFF, 0xD8]) ? Self.jpegTIFF(bytes) : Self.pngTIFF(bytes)
    self.init(number: tiff.flatMap(Self.number) ?? 1)
  }

  /// The body of the first APP1 segment with EXIF data.
  private static func jpegTIFF(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    JPEGSegments(bytes)
      .first { $0.marker == 0xE1 && $0.body.starts(with: [0x45, 0x78, 0x69, 0x66, 0, 0]) }?
      .body.dropFirst(6)
  }

  private static func pngTIFF(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var at = 8
    while at + 12 <= bytes.count {
      let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - at - 12 else { return nil }
      if bytes[(at + 4)..<(at + 8)].elementsEqual("eXIf".utf8) {
        return bytes[(at + 8)..<(at + 8 + length)]
      }
      at += 12 + length
    }
    return nil
  }

  /// The value of tag 0x0112 in the first directory of a TIFF block.
  private static func number(_ block: ArraySlice<UInt8>) -> Int? {
    let tiff = Array(block)
    guard tiff.count >= 8 else { return nil }
    let isLittle = tiff[0] == 0x49
    func value(_ at: Int, _ count: Int) -> Int {
      var result = 0
      for index in 0..<count {
        let place = isLittle ? count - 1 - index : index
        result = result << 8 | Int(tiff[at + place])
      }
      return result
    }
    guard tiff[0] == tiff[1], tiff[0] == 0x49 || tiff[0] == 0x4D, value(2, 2) == 42 else {
      return nil
    }
    let directory = value(4, 4)
    guard directory + 2 <= tiff.count else { return nil }
    for entry in 0..<value(directory, 2) {
      let at = directory + 2 + 12 * entry
      guard at + 12 <= tiff.count else { return nil }
      if value(at, 2) == 0x0112, value(at + 2, 2) == 3 { return value(at + 8, 2) }
    }
    return nil
  }
}

/// What a picture file says of itself before its pixels are read.
public struct ImageHeader: Sendable, Hashable {
  /// The size of the stored pixels.
  public let stored: ImageSize
  /// How they are to be turned.
  public let orientation: ImageOrientation

  /// Whether the picture is used turned: always when EXIF says so, unless the annotations `declared`
  /// the size that only the stored pixels have.
  public func isTurned(declared: ImageSize? = nil) -> Bool {
    if orientation == .stored { return false }
    return !(orientation.swapsSides && declared == stored && stored.width != stored.height)
  }

  /// The picture's size as it is used.
  public func size(declared: ImageSize? = nil) -> ImageSize {
    isTurned(declared: declared) && orientation.swapsSides
      ? ImageSize(width: stored.height, height: stored.width) : stored
  }
}

extension ImageBuffer {
  /// The picture turned as EXIF asks.
  func turned(_ orientation: ImageOrientation) -> ImageBuffer {
    if orientation == .stored { return self }
    var result = ImageBuffer(
      width: orientation.swapsSides ? height : width,
      height: orientation.swapsSides ? width : height)
    for y in 0..<result.height {
      for x in 0..<result.width {
        // Where the pixel of the shown picture is stored.
        let (column, row) =
          switch orientation.number {
          case 2: (width - 1 - x, y)
          case 3: (width - 1 - x, height - 1 - y)
          case 4: (x, height - 1 - y)
          case 5: (y, x)
          case 6: (y, height - 1 - x)
          case 7: (width - 1 - y, height - 1 - x)
          case 8: (width - 1 - y, x)
          default: (x, y)
          }
        let (from, to) = ((row * width + column) * 3, (y * result.width + x) * 3)
        for channel in 0..<3 { result.pixels[to + channel] = pixels[from + channel] }
      }
    }
    return result
  }
}
