import CZlib

/// CRC-32 (as zlib and PNG) of each block of a stream of bytes.
public struct BlockChecksums {
  /// Bytes of a block; the last may be shorter.
  public static let blockBytes = 1 << 20

  private var finished: [UInt32] = []
  private var current: UInt = 0
  private var filled = 0

  /// No bytes so far.
  public init() {}

  /// Takes in the next bytes.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while rest.count > 0 {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.blockBytes - filled))
      current = crc32(
        current, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(piece.count))
      filled += piece.count
      if filled == Self.blockBytes { finishBlock() }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
    }
  }

  /// The checksums of all blocks; bytes that follow begin a new block.
  public mutating func finish() -> [UInt32] {
    if filled > 0 { finishBlock() }
    return finished
  }

  /// Blocks of so many bytes.
  public static func blocks(of bytes: Int) -> Int { (bytes + blockBytes - 1) / blockBytes }

  private mutating func finishBlock() {
    finished.append(UInt32(truncatingIfNeeded: current))
    current = 0
    filled = 0
  }
}
