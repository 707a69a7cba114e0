public import Support

/// Frames: the length of a JSON document as a 32-bit little-endian number, then the document.
public enum Frame {
  /// The longest document that is sent or taken.
  public static let limit = 1 << 20

  /// A document as a frame; empty when it is too long to be taken by the other side.
  public static func encode(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0]
    value.append(to: &bytes)
    let length = bytes.count - 4
    guard length <= limit else { return [] }
    for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
    return bytes
  }
}

/// Takes bytes in any pieces and gives documents.
public struct FrameDecoder {
  private var buffer: [UInt8] = []
  private var start = 0

  /// A decoder at the beginning of a stream.
  public init() {}

  /// Adds bytes as they came.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole document, or nil when more bytes are needed.
  ///
  /// After an error the stream has lost its rhythm: close it.
  public mutating func next() throws(LinkError) -> JSONValue? {
    guard buffer.count - start >= 4 else { return nil }
    var length = 0
    for index in 0..<4 { length |= Int(buffer[start + index]) << (8 * index) }
    guard length <= Frame.limit else {
      throw .frameTooLong(bytes: length, limit: Frame.limit)
    }
    guard buffer.count - start - 4 >= length else { return nil }
    let document = buffer[(start + 4)..<(start + 4 + length)]
    start += 4 + length
    do {
      return try JSONValue(parsing: document)
    } catch {
      throw .brokenFrame(reason: error.reason)
    }
  }
}
