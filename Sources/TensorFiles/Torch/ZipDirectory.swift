import Support

/// The members of a zip archive whose bytes are stored as they are, as PyTorch writes it.
///
/// Layout: PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and
/// 4.3.16 (its end). Every number is compared with the file's real size before it is used.
struct ZipDirectory {
  /// Where a member's bytes lie in the file.
  struct Member: Hashable {
    let offset: Int
    let count: Int
  }

  /// The members by name.
  let members: [String: Member]

  /// Most members that are read; PyTorch writes one for each tensor.
  private static let largestCount = 65_534

  /// Reads the directory of an open file.
  init(_ descriptor: Int32, path: String, size: Int) throws(FileError) {
    func broken(_ reason: String) -> FileError { .brokenTensorFile(path: path, reason: reason) }
    func bytes(_ offset: Int, _ count: Int) throws(FileError) -> ByteReader {
      guard offset >= 0, count >= 0, count <= size, offset <= size - count else {
        throw broken("its archive points behind the end of the file")
      }
      var result = [UInt8](repeating: 0, count: count)
      let got = result.withUnsafeMutableBytes {
        FileReading.read(descriptor, into: $0, at: offset)
      }
      guard got == count else { throw .cannotRead(path: path, reason: FileError.reason()) }
      return ByteReader(result)
    }
    let tail = try bytes(max(0, size - 65_557), min(size, 65_557))
    guard
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail.number($0, 4) == 0x0605_4B50
      })
    else { throw broken("its archive has no end; the file is cut off") }
    let count = tail.number(end + 10, 2)
    let (length, start) = (tail.number(end + 12, 4), tail.number(end + 16, 4))
    guard count <= Self.largestCount, length < 0xFFFF_FFFF, start < 0xFFFF_FFFF else {
      throw broken("its archive has more than 65534 members or 4 GiB")
    }
    let directory = try bytes(start, length)
    var members: [String: Member] = [:]
    var at = 0
    for _ in 0..<count {
      guard at + 46 <= directory.count, directory.number(at, 4) == 0x0201_4B50 else {
        throw broken("its archive's directory is damaged")
      }
      let nameLength = directory.number(at + 28, 2)
      let total = 46 + nameLength + directory.number(at + 30, 2) + directory.number(at + 32, 2)
      guard at + total <= directory.count else {
        throw broken("its archive's directory is damaged")
      }
      let raw = directory.text(at + 46, nameLength)
      let name = UntrustedText.clean(raw)
      guard directory.number(at + 10, 2) == 0 else {
        throw broken("its member \(name) is compressed; PyTorch stores members as they are")
      }
      guard !raw.hasPrefix("/"), !raw.contains("\\"), !raw.split(separator: "/").contains("..")
      else { throw broken("its member \(name) has a path as its name") }
      let (packed, unpacked) = (directory.number(at + 20, 4), directory.number(at + 24, 4))
      guard packed == unpacked, packed < 0xFFFF_FFFF else {
        throw broken("its member \(name) has two sizes")
      }
      let local = directory.number(at + 42, 4)
      let header = try bytes(local, 30)
      guard header.number(0, 4) == 0x0403_4B50, header.number(8, 2) == 0 else {
        throw broken("its member \(name) is damaged or compressed")
      }
      let offset = local + 30 + header.number(26, 2) + header.number(28, 2)
      guard offset <= size - packed else { throw broken("its member \(name) is cut off") }
      guard members.updateValue(Member(offset: offset, count: packed), forKey: raw) == nil else {
        throw broken("its member \(name) stands there twice")
      }
      at += total
    }
    self.members = members
  }
}

/// Little-endian numbers in bytes.
struct ByteReader {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The number in `width` bytes (at most 7) at a place; 0 outside.
  func number(_ at: Int, _ width: Int) -> Int {
    guard at >= 0, at + width <= bytes.count else { return 0 }
    return (0..<width).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
  }

  /// UTF-8 text; wrong sequences become replacement characters.
  func text(_ at: Int, _ length: Int) -> String {
    String(decoding: bytes[at..<at + length], as: UTF8.self)
  }
}
