import CZlib

/// Bytes made smaller, in zlib's format (RFC 1950).
public enum Deflate {
  /// The compressed bytes at a level of 1 (fast) to 9 (small); nil when there is no memory for them.
  public static func compress(_ bytes: [UInt8], level: Int32 = 6) -> [UInt8]? {
    var length = compressBound(uLong(bytes.count))
    var result = [UInt8](repeating: 0, count: Int(length))
    let code = compress2(&result, &length, bytes, uLong(bytes.count), level)
    guard code == Z_OK else { return nil }
    result.removeLast(result.count - Int(length))
    return result
  }
}
