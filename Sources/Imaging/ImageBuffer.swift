/// An 8-bit RGB picture in memory, rows from the top without padding.
public struct ImageBuffer: Sendable, Hashable {
  /// Width, px.
  public private(set) var width: Int
  /// Height, px.
  public private(set) var height: Int
  /// [height, width, 3]: red, green, blue.
  public var pixels: [UInt8]

  /// A picture of one colour.
  public init(width: Int, height: Int, red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0) {
    precondition(width >= 0 && height >= 0)
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: red, count: width * height * 3)
    if green != red || blue != red {
      for index in stride(from: 0, to: pixels.count, by: 3) {
        pixels[index + 1] = green
        pixels[index + 2] = blue
      }
    }
  }

  /// A picture from its pixels; `pixels` must have `width * height * 3` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width >= 0 && height >= 0 && pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Gives the picture another size, with undefined contents; keeps its memory where that suffices.
  mutating func reshape(width: Int, height: Int) {
    let count = width * height * 3
    if pixels.count > count {
      pixels.removeLast(pixels.count - count)
    } else if pixels.capacity < count {
      pixels = [UInt8](repeating: 0, count: count)
    } else {
      pixels.append(contentsOf: repeatElement(0, count: count - pixels.count))
    }
    self.width = width
    self.height = height
  }

  /// The colour of a pixel inside the picture.
  public func color(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    let index = (y * width + x) * 3
    return (pixels[index], pixels[index + 1], pixels[index + 2])
  }

  /// Part of the picture; the rectangle must lie inside.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> ImageBuffer {
    precondition(x >= 0 && y >= 0 && width >= 0 && height >= 0)
    precondition(x + width <= self.width && y + height <= self.height)
    var part: [UInt8] = []
    part.reserveCapacity(width * height * 3)
    for row in y..<(y + height) {
      let start = (row * self.width + x) * 3
      part.append(contentsOf: pixels[start..<(start + width * 3)])
    }
    return ImageBuffer(width: width, height: height, pixels: part)
  }

  /// The picture reduced by a whole factor: each pixel is the mean of `factor`² (fewer at the right
  /// and bottom edge), rounded to nearest.
  public func reduced(by factor: Int) -> ImageBuffer {
    guard factor > 1, width > 0, height > 0 else { return self }
    let (newWidth, newHeight) = ((width + factor - 1) / factor, (height + factor - 1) / factor)
    var result = ImageBuffer(width: newWidth, height: newHeight)
    for y in 0..<newHeight {
      let rows = (y * factor)..<min((y + 1) * factor, height)
      for x in 0..<newWidth {
        let columns = (x * factor)..<min((x + 1) * factor, width)
        var sum = (0, 0, 0)
        for row in rows {
          for column in columns {
            let index = (row * width + column) * 3
            sum.0 += Int(pixels[index])
            sum.1 += Int(pixels[index + 1])
            sum.2 += Int(pixels[index + 2])
          }
        }
        let count = rows.count * columns.count
        let index = (y * newWidth + x) * 3
        result.pixels[index] = UInt8((sum.0 + count / 2) / count)
        result.pixels[index + 1] = UInt8((sum.1 + count / 2) / count)
        result.pixels[index + 2] = UInt8((sum.2 + count / 2) / count)
      }
    }
    return result
  }
}

/// Width and height of a picture, px.
public struct ImageSize: Sendable, Hashable {
  /// Width, px.
  public let width: Int
  /// Height, px.
  public let height: Int

  /// A size.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }
}
