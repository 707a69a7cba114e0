/// Bytes as text (RFC 4648), for pictures in JSON.
public enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  /// The text of some bytes.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var (word, count) = (0, 0)
    func append(_ word: Int, _ digitCount: Int) {
      for place in 0..<4 {
        text.append(place < digitCount ? digits[word >> (18 - 6 * place) & 63] : padding)
      }
    }
    for byte in bytes {
      word = word << 8 | Int(byte)
      count += 1
      if count == 3 {
        append(word, 4)
        (word, count) = (0, 0)
      }
    }
    if count > 0 { append(word << (8 * (3 - count)), count + 1) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a text; nil when it is none of this form.
  public static func decode(_ text: String) -> [UInt8]? {
    var values = [Int](repeating: -1, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = value }
    var utf8 = Array(text.utf8)
    guard utf8.count % 4 == 0 else { return nil }
    var padded = 0
    while padded < 2, utf8.last == padding {
      utf8.removeLast()
      padded += 1
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count / 4 * 3 + 2)
    var (word, bits) = (0, 0)
    for digit in utf8 {
      guard values[Int(digit)] >= 0 else { return nil }
      word = (word << 6 | values[Int(digit)]) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: word >> bits))
      }
    }
    return bytes
  }
}
