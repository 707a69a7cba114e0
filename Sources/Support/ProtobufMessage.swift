/// A message in Protocol Buffers' wire format, written field by field: what ONNX and TensorBoard are
/// made of.
///
/// Large fields need not be in memory: they are made while the message is written.
/// Source: protobuf.dev, "Encoding".
public struct ProtobufMessage {
  /// Takes the next bytes.
  public typealias Write = (UnsafeRawBufferPointer) throws(FileError) -> Void

  private enum Piece {
    case bytes([UInt8])
    case stream(count: Int, emit: (Write) throws(FileError) -> Void)
  }

  private var pieces: [Piece] = []
  /// Bytes of the message.
  public private(set) var count = 0

  /// An empty message.
  public init() {}

  /// Adds a whole number (`int32`, `int64`, `bool`, an enum).
  public mutating func add(_ field: Int, _ value: Int) {
    var bytes: [UInt8] = []
    Self.varint(UInt64(field) << 3, into: &bytes)
    Self.varint(UInt64(bitPattern: Int64(value)), into: &bytes)
    append(bytes)
  }

  /// Adds a `float`.
  public mutating func add(_ field: Int, _ value: Float) {
    var bytes: [UInt8] = []
    Self.varint(UInt64(field) << 3 | 5, into: &bytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    append(bytes)
  }

  /// Adds a `double`.
  public mutating func add(_ field: Int, _ value: Double) {
    var bytes: [UInt8] = []
    Self.varint(UInt64(field) << 3 | 1, into: &bytes)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    append(bytes)
  }

  /// Adds text.
  public mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }

  /// Adds bytes.
  public mutating func add(_ field: Int, _ value: [UInt8]) {
    append(Self.head(field, value.count) + value)
  }

  /// Adds a message.
  public mutating func add(_ field: Int, _ value: ProtobufMessage) {
    append(Self.head(field, value.count))
    for piece in value.pieces {
      switch piece {
      case .bytes(let bytes): append(bytes)
      case .stream: pieces.append(piece)
      }
    }
    // Its bytes were counted by `append`; what is made later is counted here.
    for case .stream(let length, _) in value.pieces { count += length }
  }

  /// Adds a list of `double` values (packed).
  public mutating func add(_ field: Int, packed values: [Double]) {
    var bytes: [UInt8] = []
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    }
    add(field, bytes)
  }

  /// Adds bytes that are made while the message is written: exactly `length` of them.
  public mutating func add(
    _ field: Int, length: Int, emit: @escaping (Write) throws(FileError) -> Void
  ) {
    append(Self.head(field, length))
    pieces.append(.stream(count: length, emit: emit))
    count += length
  }

  /// Writes the message.
  public func write(to write: Write) throws(FileError) {
    for piece in pieces {
      switch piece {
      case .bytes(let bytes):
        let outcome = bytes.withUnsafeBytes { buffer -> Result<Void, FileError> in
          do throws(FileError) {
            return .success(try write(buffer))
          } catch {
            return .failure(error)
          }
        }
        try outcome.get()
      case .stream(let length, let emit):
        var left = length
        try emit { (bytes) throws(FileError) in
          left -= bytes.count
          try write(bytes)
        }
        precondition(left == 0, "a field has the bytes that it was announced with")
      }
    }
  }

  /// The message's bytes.
  public var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    // Nothing here can fail: the bytes go to memory.
    try? write { (bytes) throws(FileError) in result += Array(bytes) }
    return result
  }

  private mutating func append(_ bytes: [UInt8]) {
    count += bytes.count
    if case .bytes(var last)? = pieces.last {
      pieces.removeLast()
      last += bytes
      pieces.append(.bytes(last))
    } else {
      pieces.append(.bytes(bytes))
    }
  }

  private static func head(_ field: Int, _ length: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    varint(UInt64(field) << 3 | 2, into: &bytes)
    varint(UInt64(length), into: &bytes)
    return bytes
  }

  private static func varint(_ value: UInt64, into bytes: inout [UInt8]) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
