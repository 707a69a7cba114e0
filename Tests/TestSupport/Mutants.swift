import Glibc
import Support

/// The harness itself does not work here, such as on a full disk.
enum MutantsError: Error { case cannotWrite(path: String) }

/// How often a reader took a mutant and how often it refused one: both must happen.
public struct MutantTally: Sendable, Hashable {
  /// Mutants that were read.
  public private(set) var taken = 0
  /// Mutants that were refused.
  public private(set) var refused = 0

  /// Nothing yet.
  public init() {}

  /// Counts one mutant.
  public mutating func count(isTaken: Bool) {
    if isTaken { taken += 1 } else { refused += 1 }
  }

  /// Whether some were read and some were refused.
  public var isMixed: Bool { taken > 0 && refused > 0 }
}

/// Damaged copies of whole files, for the tests of everything that reads what comes from outside.
///
/// The copies are functions of the seeds and a number alone, so a failure can be repeated.
public struct Mutants {
  /// Copies for each reader: 2,000, and 20,000 when `POSETOP_LONG_TESTS` is 1.
  public static let count =
    getenv("POSETOP_LONG_TESTS").map { String(cString: $0) } == "1" ? 20_000 : 2_000

  private let seeds: [[UInt8]]
  private let random: CounterRandom

  /// Mutants of some whole files; `name` chooses another series.
  public init(_ seeds: [[UInt8]], name: String) {
    precondition(seeds.contains { !$0.isEmpty })
    self.seeds = seeds
    random = CounterRandom(seed: 1, name: "mutants of \(name)")
  }

  /// Mutants of a text file.
  public init(_ text: String, name: String) { self.init([Array(text.utf8)], name: name) }

  /// Calls `body` with every beginning of every seed of at most 4096 bytes, and then with `count`
  /// damaged copies.
  public func forEach(_ body: ([UInt8]) throws -> Void) rethrows {
    for seed in seeds where seed.count <= 4096 {
      for length in 0..<seed.count { try body(Array(seed[..<length])) }
    }
    for number in 0..<Self.count { try body(mutant(number)) }
  }

  /// The same with each copy in a file, for readers that take a path.
  public func forEach(at path: String, _ body: () throws -> Void) throws {
    try forEach { bytes in
      guard let file = fopen(path, "wb") else { throw MutantsError.cannotWrite(path: path) }
      let written = fwrite(bytes, 1, bytes.count, file)
      guard fclose(file) == 0, written == bytes.count else {
        throw MutantsError.cannotWrite(path: path)
      }
      try body()
    }
  }

  /// One damaged copy.
  public func mutant(_ number: Int) -> [UInt8] {
    let dice = random.stream(number)
    var bytes = seeds[number % seeds.count]
    let changes = 1 + Int(dice.bits(0) % 4)
    for change in 0..<changes { damage(&bytes, dice.stream(change, 1)) }
    return bytes
  }

  private func damage(_ bytes: inout [UInt8], _ dice: CounterRandom) {
    guard !bytes.isEmpty else { return }
    let place = Int(dice.bits(1) % UInt64(bytes.count))
    switch dice.bits(0) % 6 {
    case 0: bytes[place] ^= 1 << UInt8(dice.bits(2) % 8)
    case 1: bytes[place] = UInt8(truncatingIfNeeded: dice.bits(2))
    case 2: overwrite(&bytes, place, dice)
    case 3: replaceNumber(&bytes, place, dice)
    case 4: splice(&bytes, place, dice)
    default: bytes.removeLast(bytes.count - place)
    }
  }

  /// Integers at which lengths and counts overflow or change their sign.
  private static let boundaries: [UInt64] = [
    0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
    0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
  ]

  /// A boundary integer of 1, 2, 4 or 8 bytes in either order.
  private func overwrite(_ bytes: inout [UInt8], _ place: Int, _ dice: CounterRandom) {
    let value = Self.boundaries[Int(dice.bits(2) % UInt64(Self.boundaries.count))]
    let width = 1 << Int(dice.bits(3) % 4)
    let isBig = dice.bits(4) & 1 == 1
    for index in 0..<width where place + index < bytes.count {
      let shift = 8 * (isBig ? width - 1 - index : index)
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(shift))
    }
  }

  /// What stands in place of a number of a text.
  private static let numbers = [
    "0", "-1", "1", "2147483648", "-9223372036854775808", "9223372036854775807",
    "18446744073709551616", "1e308", "-1e308", "1e-320", "1e999", "NaN", "null", "\"\"", "[]", "{}",
    "0.5", "true", "-0.0", "99999999999999999999999999",
  ]

  /// Replaces the next number of a text.
  private func replaceNumber(_ bytes: inout [UInt8], _ place: Int, _ dice: CounterRandom) {
    let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
    guard let first = bytes[place...].firstIndex(where: isDigit) else { return }
    let last = bytes[first...].firstIndex { !isDigit($0) } ?? bytes.count
    let text = Self.numbers[Int(dice.bits(2) % UInt64(Self.numbers.count))]
    bytes.replaceSubrange(first..<last, with: Array(text.utf8))
  }

  /// Puts a piece of a seed in, over, or in place of what is there; or takes a piece out.
  private func splice(_ bytes: inout [UInt8], _ place: Int, _ dice: CounterRandom) {
    let other = seeds[Int(dice.bits(2) % UInt64(seeds.count))]
    let length = Int(dice.bits(3) % 64)
    let end = min(bytes.count, place + length)
    guard !other.isEmpty, dice.bits(4) % 4 != 0 else {
      bytes.removeSubrange(place..<end)
      return
    }
    let start = Int(dice.bits(5) % UInt64(other.count))
    let piece = other[start..<min(other.count, start + length)]
    let isInserted = dice.bits(6) & 1 == 1
    bytes.replaceSubrange(place..<(isInserted ? place : end), with: piece)
  }
}
