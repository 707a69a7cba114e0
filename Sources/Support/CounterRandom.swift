import Glibc

/// Random numbers without state: each is a function of a seed, a name and an index.
///
/// `bits(i) = mix(key + (i + 1) · 0x9E3779B97F4A7C15)` with SplitMix64's finaliser (Steele, Lea and
/// Flood, OOPSLA 2014) as `mix`, and `key = mix(seed XOR fnv1a64(name))`. A few lines of any language
/// compute the same, so no random state is ever saved and parity scripts need no weight files.
public struct CounterRandom: Sendable {
  let key: UInt64

  /// The stream of that seed and name.
  public init(seed: UInt64, name: String) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    key = Self.mix(seed ^ hash)
  }

  /// The stream of a pair of numbers within this one, such as (epoch, sample).
  public func stream(_ first: Int, _ second: Int = 0) -> CounterRandom {
    let one = Self.mix(key ^ Self.mix(UInt64(bitPattern: Int64(first)) &+ 0xA076_1D64_78BD_642F))
    return CounterRandom(
      key: Self.mix(one ^ Self.mix(UInt64(bitPattern: Int64(second)) &+ 0xE703_7ED1_A0B4_28DB)))
  }

  private init(key: UInt64) { self.key = key }

  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// 64 random bits.
  public func bits(_ index: Int) -> UInt64 {
    Self.mix(key &+ (UInt64(bitPattern: Int64(index)) &+ 1) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// Uniform in 0 ..< 1, with 53 bits.
  public func uniform(_ index: Int) -> Double { Double(bits(index) >> 11) * 0x1p-53 }

  /// Uniform in `range`.
  public func uniform(_ index: Int, in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform(index)
  }

  /// Standard normal by Box and Muller, from the bits at 2·index and 2·index + 1.
  public func normal(_ index: Int) -> Double {
    let radius = (-2 * log(1 - uniform(2 &* index))).squareRoot()
    return radius * cos(2 * .pi * uniform(2 &* index &+ 1))
  }

  /// A permutation of 0 ..< count (Fisher and Yates from the top).
  public func permutation(_ count: Int) -> [Int] {
    var result = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      let other = Int(bits(last) % UInt64(last + 1))
      result.swapAt(last, other)
    }
    return result
  }
}
