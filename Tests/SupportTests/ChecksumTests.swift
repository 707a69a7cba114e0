import Testing

@testable import Support

/// Checksums of saved states.
@Suite("Checksums") struct ChecksumTests {
  /// CRC-32 bit by bit, as ISO 3309 defines it.
  private func plain(_ before: UInt32, _ bytes: ArraySlice<UInt8>) -> UInt32 {
    var rest = ~before
    for byte in bytes {
      rest ^= UInt32(byte)
      for _ in 0..<8 { rest = rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~rest
  }

  private let bytes: [UInt8] = {
    let random = CounterRandom(seed: 3, name: "checksums")
    return (0..<700).map { UInt8(truncatingIfNeeded: random.bits($0)) }
  }()

  @Test("the check value of the standard")
  func checkValue() {
    var checksums = BlockChecksums()
    Array("123456789".utf8).withUnsafeBytes { checksums.append($0) }
    #expect(checksums.finish() == [0xCBF4_3926])
  }

  @Test("any length from any place, behind anything, is what the definition says")
  func lengths() {
    bytes.withUnsafeBytes { all in
      for count in 0...560 {
        for start in [0, 1, 7, 64] {
          let before = UInt32(truncatingIfNeeded: count &* 0x9E37_79B9)
          let part = UnsafeRawBufferPointer(rebasing: all[start..<start + count])
          let expected = plain(before, bytes[start..<start + count])
          #expect(BlockChecksums.checksum(before, part) == expected, "\(count) from \(start)")
        }
      }
    }
  }

  @Test("blocks do not depend on the pieces in which the bytes come")
  func pieces() {
    let long = Array(repeating: bytes, count: 3200).flatMap { $0 }
    func checksums(_ piece: Int) -> [UInt32] {
      var result = BlockChecksums()
      long.withUnsafeBytes { all in
        for start in stride(from: 0, to: all.count, by: piece) {
          result.append(.init(rebasing: all[start..<min(start + piece, all.count)]))
        }
      }
      return result.finish()
    }
    let whole = checksums(long.count)
    #expect(whole.count == BlockChecksums.blocks(of: long.count) && whole.count == 3)
    for piece in [1000, 65_537, 1 << 20] { #expect(checksums(piece) == whole, "\(piece)") }
  }
}
