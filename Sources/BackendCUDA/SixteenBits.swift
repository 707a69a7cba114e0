/// Values of 16 bits as the GPU's maps hold them.
enum SixteenBits {
  /// The nearest bfloat16, ties to even.
  static func bfloat16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }

  static func float(bfloat16 word: UInt16) -> Float { Float(bitPattern: UInt32(word) << 16) }

  /// The nearest IEEE half, ties to even.
  static func half(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.magnitude
    if value.isNaN { return sign | 0x7e00 }
    if magnitude >= 65_520 { return sign | 0x7c00 }
    if magnitude < 0x1p-14 {
      // Subnormal: a whole number of 2^-24.
      return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    let bits = magnitude.bitPattern &- (112 << 23)
    return sign | UInt16(truncatingIfNeeded: (bits &+ 0xfff &+ (bits >> 13 & 1)) >> 13)
  }

  static func float(half word: UInt16) -> Float {
    let sign: Float = word & 0x8000 == 0 ? 1 : -1
    let exponent = Int(word >> 10 & 31)
    let fraction = Float(word & 0x3ff)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return Float(
        bitPattern: UInt32(word & 0x8000) << 16 | UInt32(exponent + 112) << 23
          | UInt32(word & 0x3ff) << 13)
    }
  }
}
