import CPosix
import CZlib

/// CRC-32 (as zlib and PNG) of each block of a stream of bytes.
public struct BlockChecksums {
  /// Bytes of a block; the last may be shorter.
  public static let blockBytes = 1 << 20

  private var finished: [UInt32] = []
  private var current: UInt32 = 0
  private var filled = 0

  /// No bytes so far.
  public init() {}

  /// Takes in the next bytes.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while rest.count > 0 {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.blockBytes - filled))
      current = Self.checksum(current, piece)
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

  private static let folds = posetop_folds_checksums() != 0

  /// The CRC-32 of bytes behind those whose CRC-32 is `before`: by carry-less products where the
  /// processor has them, a third of zlib's time, and the rest by zlib.
  static func checksum(_ before: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return before }
    let folded = folds && bytes.count >= 64 ? bytes.count & ~15 : 0
    let middle = folded > 0 ? posetop_fold_checksum(before, start, folded) : before
    guard folded < bytes.count else { return middle }
    return UInt32(
      truncatingIfNeeded: crc32(UInt(middle), start + folded, UInt32(bytes.count - folded)))
  }

  private mutating func finishBlock() {
    finished.append(current)
    current = 0
    filled = 0
  }
}
