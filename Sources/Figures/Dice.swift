import Support

/// Random choices in a row; the same row for the same stream.
struct Dice {
  private let random: CounterRandom
  private var index = 0

  init(_ random: CounterRandom) { self.random = random }

  mutating func uniform(_ low: Double = 0, _ high: Double = 1) -> Double {
    index += 1
    return low + (high - low) * random.uniform(index)
  }

  /// Normal around `mean`, cut off at twice the deviation.
  mutating func normal(_ mean: Double, _ deviation: Double) -> Double {
    index += 1
    return mean + deviation * min(max(random.normal(index), -2), 2)
  }

  mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  mutating func whole(_ range: ClosedRange<Int>) -> Int {
    index += 1
    return range.lowerBound + Int(random.bits(index) % UInt64(range.count))
  }

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[whole(0...(values.count - 1))]
  }

  /// An index, each with its weight.
  mutating func weighted(_ weights: [Double]) -> Int {
    var rest = uniform(0, weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.count - 1
  }
}
