import Support
import Testing

@Suite struct Base64Tests {
  @Test func `the vectors of RFC 4648, and every length there and back`() {
    let vectors = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]
    for (text, wanted) in vectors {
      #expect(Base64.encode(Array(text.utf8)) == wanted)
      #expect(Base64.decode(wanted) == Array(text.utf8))
    }
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 37) }
    for count in 0..<300 {
      #expect(Base64.decode(Base64.encode(bytes[..<count])) == Array(bytes[..<count]))
    }
    for wrong in ["Z", "Zg=", "Zg===", "Z*==", "Zg==Zg=="] {
      #expect(Base64.decode(wrong) == nil, "\(wrong)")
    }
  }
}
