import RunLink
import Support
import Testing

@Suite("Frames")
struct FrameTests {
  private let documents: [JSONValue] = [
    ["event": "step", "loss": 0.25], [:], ["text": "zwölf Boxkämpfer \u{1F94A}\n"], [1, 2, 3],
  ]

  @Test("documents survive every split of the stream")
  func everySplit() throws {
    let stream = documents.flatMap { Frame.encode($0) }
    for cut in 0...stream.count {
      var decoder = FrameDecoder()
      var got: [JSONValue] = []
      for part in [stream[..<cut], stream[cut...]] {
        decoder.append(part)
        while let document = try decoder.next() { got.append(document) }
      }
      #expect(got == documents)
    }
  }

  @Test("documents survive byte by byte")
  func singleBytes() throws {
    var decoder = FrameDecoder()
    var got: [JSONValue] = []
    for byte in documents.flatMap({ Frame.encode($0) }) {
      decoder.append([byte])
      while let document = try decoder.next() { got.append(document) }
    }
    #expect(got == documents)
  }

  @Test("a hostile length is refused before anything is kept for it")
  func hostileLengths() {
    for length: UInt32 in [UInt32(Frame.limit) + 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
      var decoder = FrameDecoder()
      decoder.append((0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
      #expect(throws: LinkError.frameTooLong(bytes: Int(length), limit: Frame.limit)) {
        _ = try decoder.next()
      }
    }
  }

  @Test("a frame that is no JSON is an error and no trap")
  func brokenDocuments() {
    for text in ["", "{", "{\"a\":}", "\u{0}", String(repeating: "[", count: 5000)] {
      var decoder = FrameDecoder()
      let bytes = Array(text.utf8)
      decoder.append((0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes)
      #expect(throws: LinkError.self) { _ = try decoder.next() }
    }
  }

  @Test("a document that is too long is not sent at all")
  func tooLongToSend() {
    #expect(Frame.encode(.string(String(repeating: "x", count: Frame.limit))).isEmpty)
  }
}
