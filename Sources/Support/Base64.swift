/// Bytes as printable characters (RFC 4648, with padding).
public enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The characters that stand for some bytes.
  public static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var held: UInt32 = 0
    var count = 0
    for byte in bytes {
      held = held << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        for shift in [18, 12, 6, 0] as [UInt32] { result.append(digits[Int(held >> shift & 63)]) }
        held = 0
        count = 0
      }
    }
    if count > 0 {
      held <<= UInt32(8 * (3 - count))
      for place in 0..<4 {
        let digit = digits[Int(held >> UInt32(18 - 6 * place) & 63)]
        result.append(place <= count ? digit : UInt8(ascii: "="))
      }
    }
    return result
  }
}
