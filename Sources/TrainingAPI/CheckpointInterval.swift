/// How often a complete state is saved: every so many steps, or every so many seconds.
public enum CheckpointInterval: Sendable, Hashable {
  case steps(Int)
  case seconds(Double)

  /// Reads `200` (steps), `90s`, `5m` or `2h`.
  public init?(_ text: String) {
    if let steps = Int(text), (1...1_000_000_000).contains(steps) {
      self = .steps(steps)
      return
    }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[$0] }), let value = Double(text.dropLast()),
      value.isFinite, value > 0, value * unit <= 1e7
    else { return nil }
    self = .seconds(value * unit)
  }
}
