/// Pictures as sixels: six rows of pixels at a time, colour by colour.
///
/// Source: DEC's VT330/VT340 programmer reference, chapter 14.
public enum Sixel {
  /// Steps of each colour; 6 · 6 · 6 = 216 colours are within the 256 that terminals have.
  private static let steps = 6

  /// The sequence that shows a picture at the cursor.
  public static func encode(_ picture: PixelPicture) -> [UInt8] {
    let (width, height) = (picture.width, picture.height)
    let colors = quantised(picture)
    // Pixels that are not drawn keep what was there; there are none. The size first.
    var bytes = Array("\u{1B}P0;1;0q\"1;1;\(width);\(height)".utf8)
    for color in Set(colors).sorted() {
      let (red, green, blue) = (
        Int(color) / (steps * steps), Int(color) / steps % steps, Int(color) % steps
      )
      func percent(_ step: Int) -> Int { (step * 100 + (steps - 1) / 2) / (steps - 1) }
      bytes += Array("#\(color);2;\(percent(red));\(percent(green));\(percent(blue))".utf8)
    }
    var band = 0
    while band < height {
      bytes += row(colors, width, band..<min(band + 6, height))
      bytes.append(UInt8(ascii: "-"))
      band += 6
    }
    return bytes + Array("\u{1B}\\".utf8)
  }

  /// The colour of each pixel: the nearest step, after an ordered pattern of small offsets that makes
  /// areas of a mean colour.
  private static func quantised(_ picture: PixelPicture) -> [UInt8] {
    let pattern: [Int] = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
    var colors = [UInt8](repeating: 0, count: picture.width * picture.height)
    for y in 0..<picture.height {
      for x in 0..<picture.width {
        let at = y * picture.width + x
        let offset = pattern[y % 4 * 4 + x % 4]
        var color = 0
        for channel in 0..<3 {
          let value = Int(picture.pixels[3 * at + channel]) * (steps - 1) * 16
          // 255 · 16 units are one step; the pattern adds 0...15/16 of one.
          color = color * steps + min(steps - 1, (value + offset * 255) / (255 * 16))
        }
        colors[at] = UInt8(color)
      }
    }
    return colors
  }

  /// Six rows: for each of their colours the pixels that have it.
  private static func row(_ colors: [UInt8], _ width: Int, _ rows: Range<Int>) -> [UInt8] {
    var masks: [UInt8: [UInt8]] = [:]
    for y in rows {
      for x in 0..<width {
        masks[colors[y * width + x], default: [UInt8](repeating: 0, count: width)][x] |=
          1 << UInt8(y - rows.lowerBound)
      }
    }
    var bytes: [UInt8] = []
    for (index, (color, mask)) in masks.sorted(by: { $0.key < $1.key }).enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: "$")) }
      bytes += Array("#\(color)".utf8)
      var x = 0
      while x < width {
        var length = 1
        while x + length < width, mask[x + length] == mask[x] { length += 1 }
        let sixel = mask[x] + 63
        if length > 3 {
          bytes += Array("!\(length)".utf8)
          bytes.append(sixel)
        } else {
          for _ in 0..<length { bytes.append(sixel) }
        }
        x += length
      }
    }
    return bytes
  }
}
