public import Support

/// Element types that are read.
public enum TensorElement: String, Sendable, CaseIterable {
  case float32 = "F32"
  case float64 = "F64"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case uint8 = "U8"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .int64, .float64: 8
    case .uint8: 1
    }
  }
}

/// One tensor in a file: name, type, shape, and where its bytes lie in the file.
public struct TensorEntry: Sendable, Hashable {
  /// The tensor's name.
  public let name: String
  /// Type of the elements.
  public let element: TensorElement
  /// The shape, outermost dimension first.
  public let shape: [Int]
  /// First byte in the file.
  public let offset: Int
  /// Bytes.
  public let count: Int
}

/// A safetensors file that was opened and checked: header, bounds, no holes, no overlaps.
///
/// Layout (huggingface/safetensors, README): 8-byte little-endian length, JSON header, data.
/// Nothing is allocated before the header's claims were compared with the file's real size.
public final class TensorFile {
  /// The file.
  public let path: String
  /// The tensors in the order of their bytes.
  public let entries: [TensorEntry]
  /// The text fields under `__metadata__`.
  public let metadata: [String: String]
  private let descriptor: Int32

  /// Largest header that is read, bytes (the format's own limit).
  public static let maximumHeader = 100_000_000

  /// Opens a file and checks its header.
  public init(path: String) throws(FileError) {
    let (descriptor, size) = try FileReading.open(path)
    do {
      (entries, metadata) = try TensorHeader.read(descriptor, path: path, size: size)
    } catch {
      closeDescriptor(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { closeDescriptor(descriptor) }

  /// The tensor of that name.
  public func entry(_ name: String) -> TensorEntry? { entries.first { $0.name == name } }

  /// Copies a tensor's bytes into a buffer of exactly its size.
  public func read(
    _ entry: TensorEntry, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    precondition(buffer.count == entry.count)
    try check(FileReading.read(descriptor, into: buffer, at: entry.offset), of: entry)
  }

  /// A tensor's bytes.
  public func bytes(_ name: String) throws(FileError) -> [UInt8] {
    guard let entry = entry(name) else { throw .tensorMissing(path: path, name: name) }
    var result = [UInt8](repeating: 0, count: entry.count)
    let count = result.withUnsafeMutableBytes {
      FileReading.read(descriptor, into: $0, at: entry.offset)
    }
    try check(count, of: entry)
    return result
  }

  /// A float32 tensor's values.
  public func floats(_ name: String) throws(FileError) -> [Float] {
    guard let entry = entry(name) else { throw .tensorMissing(path: path, name: name) }
    guard entry.element == .float32 else {
      throw .tensorMismatch(
        path: path, name: name, got: entry.element.rawValue,
        expected: TensorElement.float32.rawValue)
    }
    var result = [Float](repeating: 0, count: entry.count / 4)
    let count = result.withUnsafeMutableBytes {
      FileReading.read(descriptor, into: $0, at: entry.offset)
    }
    try check(count, of: entry)
    return result
  }

  /// Copies values of a float32 tensor from an offset on into a buffer, which it fills.
  public func read(
    _ entry: TensorEntry, from offset: Int, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    precondition(
      entry.element == .float32 && offset >= 0 && (offset + buffer.count) * 4 <= entry.count)
    let count = FileReading.read(
      descriptor, into: UnsafeMutableRawBufferPointer(buffer), at: entry.offset + 4 * offset)
    guard count == 4 * buffer.count else {
      throw .cannotRead(path: path, reason: FileError.reason())
    }
  }

  /// Copies bytes of the file, header included, to the beginning of an array.
  func read(bytesAt offset: Int, count: Int, into array: inout [UInt8]) throws(FileError) {
    let got = array.withUnsafeMutableBytes {
      FileReading.read(descriptor, into: .init(rebasing: $0[..<count]), at: offset)
    }
    guard got == count else { throw .cannotRead(path: path, reason: FileError.reason()) }
  }

  private func check(_ count: Int, of entry: TensorEntry) throws(FileError) {
    if count != entry.count { throw .cannotRead(path: path, reason: FileError.reason()) }
  }
}
