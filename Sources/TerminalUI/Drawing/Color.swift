/// A colour of a cell: the terminal's own, an exact one, or an entry of the terminal's palette.
public struct Color: Sendable, Hashable {
  /// 0x00RRGGBB, 0x0100_00NN for an entry of the palette, or the terminal's own.
  let code: UInt32

  private init(code: UInt32) { self.code = code }

  /// The colour that the terminal uses by itself.
  public static let terminal = Color(code: 0xFF00_0000)

  /// An exact colour.
  public static func rgb(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Color {
    Color(code: UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue))
  }

  /// An entry of the palette; the first 16 are the terminal's named colours.
  public static func palette(_ index: UInt8) -> Color { Color(code: 0x0100_0000 | UInt32(index)) }

  /// The parts, if it is an exact colour.
  public var components: (red: UInt8, green: UInt8, blue: UInt8)? {
    guard code < 0x0100_0000 else { return nil }
    return (UInt8(code >> 16 & 255), UInt8(code >> 8 & 255), UInt8(code & 255))
  }

  /// The parts of an exact colour, or of an entry of xterm's palette; nil for the terminal's own.
  public var exact: (red: UInt8, green: UInt8, blue: UInt8)? {
    if code == Color.terminal.code { return nil }
    return components ?? Palette.components(of: UInt8(code & 255))
  }

  /// The entry of a palette of that depth to print with, or nil for the terminal's own colour.
  public func paletteIndex(depth: ColorDepth) -> UInt8? {
    if code == Color.terminal.code { return nil }
    let entry = code >= 0x0100_0000 ? UInt8(code & 255) : nil
    switch depth {
    case .mono: return nil
    case .colors256, .direct: return entry ?? Palette.nearest256(components ?? (0, 0, 0))
    case .colors16:
      if let entry, entry < 16 { return entry }
      return Palette.nearest16(components ?? Palette.components(of: entry ?? 0))
    case .colors8:
      if let entry, entry < 16 { return entry & 7 }
      return Palette.nearest16(components ?? Palette.components(of: entry ?? 0)) & 7
    }
  }
}

/// How many colours the terminal has.
public enum ColorDepth: Int, Sendable, CaseIterable, Comparable {
  case mono = 0
  case colors8 = 8
  case colors16 = 16
  case colors256 = 256
  /// 24 bits a cell: any colour.
  case direct = 16_777_216

  public static func < (left: ColorDepth, right: ColorDepth) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The 256 entries of xterm's palette: 16 named, a 6×6×6 cube, 24 greys.
enum Palette {
  private static let levels: [Int] = [0, 95, 135, 175, 215, 255]
  private static let named: [(Int, Int, Int)] = [
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205),
    (229, 229, 229), (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255),
    (255, 0, 255), (0, 255, 255), (255, 255, 255),
  ]

  static func components(of index: UInt8) -> (red: UInt8, green: UInt8, blue: UInt8) {
    switch index {
    case 0..<16:
      let (red, green, blue) = named[Int(index)]
      return (UInt8(red), UInt8(green), UInt8(blue))
    case 16..<232:
      let cube = Int(index) - 16
      return (
        UInt8(levels[cube / 36]), UInt8(levels[cube / 6 % 6]), UInt8(levels[cube % 6])
      )
    default:
      let grey = UInt8(8 + 10 * (Int(index) - 232))
      return (grey, grey, grey)
    }
  }

  /// The nearest entry of cube and greys. A grey wins only for colours that are grey: between
  /// terminals the ramp differs more than the cube, and tinted colours must not lose their tint.
  static func nearest256(_ color: (red: UInt8, green: UInt8, blue: UInt8)) -> UInt8 {
    let parts = [Int(color.red), Int(color.green), Int(color.blue)]
    let steps = parts.map(nearestLevel)
    let cube = UInt8(16 + 36 * steps[0] + 6 * steps[1] + steps[2])
    let low = min(parts[0], parts[1], parts[2])
    let high = max(parts[0], parts[1], parts[2])
    guard high - low <= 12 else { return cube }
    let mean = (parts[0] + parts[1] + parts[2]) / 3
    let ramp = min(23, max(0, (mean - 3) / 10))
    let rampError = abs(8 + 10 * ramp - mean)
    let cubeError = zip(parts, steps).map { abs($0 - levels[$1]) }.max() ?? 0
    return rampError < cubeError ? UInt8(232 + ramp) : cube
  }

  /// The entry for a colour of a photograph, by a table of 16 levels a channel.
  ///
  /// Brightness counts most: the cube has nothing between black and its second level, so dark
  /// colours that keep their tint would lose all shape; the greys have 24 levels.
  static func nearestOfPicture(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    pictureTable[Int(red >> 4) << 8 | Int(green >> 4) << 4 | Int(blue >> 4)]
  }

  private static let pictureTable: [UInt8] = {
    let entries = (16...255).map { index -> SIMD3<Float> in
      let parts = components(of: UInt8(index))
      return SIMD3(Float(parts.red), Float(parts.green), Float(parts.blue))
    }
    let weights = SIMD3<Float>(0.3, 0.59, 0.11)
    return (0..<4096).map { code in
      let color =
        SIMD3(Float(code >> 8), Float(code >> 4 & 15), Float(code & 15)) * 16 + SIMD3(repeating: 8)
      var best = 0
      var bestDistance = Float.infinity
      for (index, entry) in entries.enumerated() {
        let difference = entry - color
        let brightness = (difference * weights).sum()
        let tint = difference - SIMD3(repeating: brightness)
        let distance = 4 * brightness * brightness + 0.5 * (tint * tint).sum()
        if distance < bestDistance { (best, bestDistance) = (index, distance) }
      }
      return UInt8(16 + best)
    }
  }()

  private static func nearestLevel(_ value: Int) -> Int {
    value < 48 ? 0 : value < 115 ? 1 : min(5, (value - 35) / 40)
  }

  static func nearest16(_ color: (red: UInt8, green: UInt8, blue: UInt8)) -> UInt8 {
    var best = 0
    var bestDistance = Int.max
    for (index, entry) in named.enumerated() {
      let red = entry.0 - Int(color.red)
      let green = entry.1 - Int(color.green)
      let blue = entry.2 - Int(color.blue)
      let distance = 3 * red * red + 4 * green * green + 2 * blue * blue
      if distance < bestDistance { (best, bestDistance) = (index, distance) }
    }
    return UInt8(best)
  }
}
