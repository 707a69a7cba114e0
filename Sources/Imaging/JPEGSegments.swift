/// The segments of a JPEG file before its first scan; a broken one ends them.
struct JPEGSegments: Sequence, IteratorProtocol {
  private let bytes: [UInt8]
  private var at = 2

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> (marker: UInt8, body: ArraySlice<UInt8>)? {
    while at + 4 <= bytes.count, bytes[at] == 0xFF {
      let marker = bytes[at + 1]
      // Fill bytes, and markers without a length.
      if marker == 0xFF || marker == 0x01 || (0xD0...0xD7).contains(marker) {
        at += marker == 0xFF ? 1 : 2
        continue
      }
      // The picture itself begins, or ends.
      if marker == 0xDA || marker == 0xD9 { return nil }
      let end = at + 2 + (Int(bytes[at + 2]) << 8 | Int(bytes[at + 3]))
      guard end >= at + 4, end <= bytes.count else { return nil }
      defer { at = end }
      return (marker, bytes[(at + 4)..<end])
    }
    return nil
  }
}
