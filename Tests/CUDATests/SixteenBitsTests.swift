import Testing

@testable import BackendCUDA

@Suite struct SixteenBitsTests {
  private static let words = (0...UInt16.max)

  @Test func `every half is the processor's Float16 and comes back`() {
    for word in Self.words {
      let value = SixteenBits.float(half: word)
      let expected = Float(Float16(bitPattern: word))
      if expected.isNaN {
        #expect(value.isNaN)
        #expect(SixteenBits.float(half: SixteenBits.half(value)).isNaN)
      } else if value.bitPattern != expected.bitPattern || SixteenBits.half(value) != word {
        Issue.record("\(word): \(value), \(expected)")
      }
    }
  }

  @Test func `a Float becomes the nearest half, ties to even`() {
    for word in 0...UInt16(0x7bff) {
      let low = SixteenBits.float(half: word)
      // The step beyond the largest is where infinity begins.
      let high = word == 0x7bff ? 65_536 : SixteenBits.float(half: word + 1)
      let middle = low + (high - low) / 2
      for value in [middle, middle.nextUp, middle.nextDown, low.nextUp, -middle, -middle.nextUp] {
        let expected = Float16(value).bitPattern
        let found = SixteenBits.half(value)
        if found != expected { Issue.record("\(value): \(found), expected \(expected)") }
      }
    }
    #expect(SixteenBits.half(65_519.996) == 0x7bff)
    #expect(SixteenBits.half(65_520) == 0x7c00)
    #expect(SixteenBits.half(-.infinity) == 0xfc00)
    #expect(SixteenBits.half(.greatestFiniteMagnitude) == 0x7c00)
    #expect(SixteenBits.half(.leastNonzeroMagnitude) == 0)
  }

  @Test func `every bfloat16 is the upper half of a Float and comes back`() {
    for word in Self.words {
      let value = SixteenBits.float(bfloat16: word)
      if value.isNaN {
        #expect(SixteenBits.float(bfloat16: SixteenBits.bfloat16(value)).isNaN)
      } else if value.bitPattern != UInt32(word) << 16 || SixteenBits.bfloat16(value) != word {
        Issue.record("\(word): \(value)")
      }
    }
  }

  @Test func `a Float becomes the nearest bfloat16, ties to even`() {
    for word in 0..<UInt16(0x7f80) {
      let middle = Float(bitPattern: UInt32(word) << 16 | 0x8000)
      let even = word % 2 == 0 ? word : word + 1
      for (value, expected) in [
        (middle, even), (middle.nextUp, word + 1), (middle.nextDown, word),
        (-middle, even | 0x8000),
      ] where SixteenBits.bfloat16(value) != expected {
        Issue.record("\(value): \(SixteenBits.bfloat16(value)), expected \(expected)")
      }
    }
    // All bits of a mantissa that says that this is no number lie in the lower half.
    let hidden = Float(bitPattern: 0x7f80_0001)
    #expect(SixteenBits.float(bfloat16: SixteenBits.bfloat16(hidden)).isNaN)
  }
}
