import Support
import Testing

@Suite("Protocol Buffers")
struct ProtobufTests {
  /// Bytes from protobuf.dev's page on the encoding, and those that Python's protobuf 6.31 writes for a
  /// double and a float.
  @Test("numbers, text and messages have the bytes of the documentation")
  func bytes() {
    var message = ProtobufMessage()
    message.add(1, 150)
    #expect(message.bytes == [0x08, 0x96, 0x01])
    var text = ProtobufMessage()
    text.add(2, "testing")
    #expect(text.bytes == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    var outer = ProtobufMessage()
    outer.add(3, message)
    #expect(outer.bytes == [0x1A, 0x03, 0x08, 0x96, 0x01])
    var numbers = ProtobufMessage()
    numbers.add(1, -1)
    #expect(numbers.bytes == [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
    var floats = ProtobufMessage()
    floats.add(2, Float(1))
    floats.add(16, 1.0)
    #expect(floats.bytes == [0x15, 0, 0, 0x80, 0x3F, 0x81, 0x01, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    #expect(floats.count == floats.bytes.count)
  }

  @Test("what is made while it is written is the same as what was there before")
  func streamed() {
    var large = ProtobufMessage()
    large.add(9, [UInt8](repeating: 7, count: 300))
    var streamed = ProtobufMessage()
    streamed.add(9, length: 300) { (write) throws(FileError) in
      for _ in 0..<3 {
        let part = [UInt8](repeating: 7, count: 100)
        let outcome = part.withUnsafeBytes { bytes -> Result<Void, FileError> in
          do throws(FileError) { return .success(try write(bytes)) } catch {
            return .failure(error)
          }
        }
        try outcome.get()
      }
    }
    #expect(streamed.count == large.count && streamed.bytes == large.bytes)
    var (first, second) = (ProtobufMessage(), ProtobufMessage())
    first.add(1, "a")
    second.add(1, "a")
    first.add(5, large)
    second.add(5, streamed)
    first.add(7, 1)
    second.add(7, 1)
    #expect(second.count == first.count && second.bytes == first.bytes)
  }
}
