import Support

/// What a machine costs per hour, with its currency sign where it stood: `$2.50`, `1.20 €`, `3`.
public struct HourlyPrice: Sendable, Hashable {
  /// The sign, with the blank beside it where there was one; empty for none.
  public let sign: String
  /// Whether the sign stands before the number.
  public let isBefore: Bool
  /// Money per hour.
  public let perHour: Double

  /// Reads a price; nil when there is no positive number in it.
  public init?(_ text: String) {
    let isNumeric = { (character: Character) in
      character.isASCII && (character.isNumber || character == "." || character == ",")
    }
    guard let first = text.firstIndex(where: isNumeric), let last = text.lastIndex(where: isNumeric)
    else { return nil }
    let number = text[first...last].map { $0 == "," ? "." : String($0) }.joined()
    let (before, after) = (text[..<first], text[text.index(after: last)...])
    guard let value = Double(number), value > 0, value < 1e6, before.isEmpty || after.isEmpty,
      before.count + after.count <= 4, !before.contains("-"), !after.contains("-")
    else { return nil }
    perHour = value
    isBefore = !before.isEmpty
    sign = UntrustedText.clean(String(isBefore ? before : after), limit: 8)
  }

  /// What some seconds cost.
  public func money(seconds: Double) -> Double { perHour * max(0, seconds) / 3600 }

  /// An amount with the sign: `$12.30`.
  public func text(_ amount: Double) -> String {
    let digits = NumberText.fixed(amount, abs(amount) < 1000 ? 2 : 0)
    return isBefore ? sign + digits : digits + sign
  }
}

/// Counts the seconds in which a run had its machine: from the first event to the last, without the
/// gaps before it was resumed.
public struct RentClock: Sendable, Hashable {
  /// Seconds so far.
  public private(set) var seconds = 0.0
  private var last: Double?

  /// No time has passed.
  public init() {}

  /// Takes in the next event of a log.
  public mutating func take(_ logged: LoggedEvent) {
    defer { last = max(last ?? logged.time, logged.time) }
    guard let last, logged.time > last, logged.time.isFinite else { return }
    switch logged.event {
    case .planned, .resumed: break
    default: seconds += logged.time - last
    }
  }
}
