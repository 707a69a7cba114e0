import CSimdjson
import Glibc
import Support

/// A whole JSON file in memory, with the room behind it that simdjson's On-Demand parser wants.
final class PaddedFile {
  private let buffer: UnsafeMutableRawBufferPointer
  /// Bytes of the file.
  let count: Int

  /// Bytes of an annotation file that are read: COCO's largest have 300 MB.
  static let maximumBytes = 2 << 30

  /// Bytes that are read at once.
  private static let piece = 8 << 20

  /// A file of so many bytes is large: reading it is worth a word.
  private static let largeBytes = 32 << 20

  /// Reads the file; `onRead` is told how many MB of a large one have been read.
  init(_ path: String, onRead: ReadingProgress? = nil) throws(FileError) {
    let (descriptor, bytes) = try FileReading.open(path)
    defer { FileReading.close(descriptor) }
    guard bytes <= Self.maximumBytes else {
      throw .tooLarge(path: path, bytes: bytes, limit: Self.maximumBytes)
    }
    count = bytes
    buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bytes + posetop_json_padding(), alignment: 64)
    for start in stride(from: 0, to: bytes, by: Self.piece) {
      let end = min(start + Self.piece, bytes)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end])
      guard FileReading.read(descriptor, into: part, at: start) == end - start else {
        throw .cannotRead(path: path, reason: FileError.reason())
      }
      if bytes > Self.largeBytes { onRead?(end >> 20, bytes >> 20) }
    }
    if let base = buffer.baseAddress { memset(base + bytes, 0, buffer.count - bytes) }
  }

  deinit { buffer.deallocate() }

  /// Calls a parser with the bytes, their count and the buffer's size.
  func parse<Result>(_ parser: (UnsafePointer<CChar>?, Int, Int) -> Result) -> Result {
    parser(
      buffer.baseAddress.map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) }, count,
      buffer.count)
  }
}
