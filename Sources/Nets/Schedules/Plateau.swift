extension ScheduleDefinition {
  /// The same rate until the validation loss stops falling, then a tenth (`PlateauWatch`).
  static let plateau = ScheduleDefinition(
    name: "plateau", factor: { _ in 1 }, followsValidation: true)
}

/// Reduces the rate when a value stops falling: PyTorch's `ReduceLROnPlateau` with its defaults.
///
/// Better means `value < best · (1 - 1e-4)`; after more than 10 values that are not better the rate
/// is cut to a tenth, unless the change would be 1e-8 or less.
public struct PlateauWatch: Sendable, Hashable {
  /// What a cut multiplies the rate with.
  public static let factor = 0.1
  /// Values that may fail to be better in a row.
  public static let patience = 10
  /// How much lower a better value is, as a share of the best.
  public static let threshold = 1e-4
  /// Smallest change of a rate that is made.
  public static let smallestChange = 1e-8

  /// The lowest value so far.
  public var best = Double.infinity
  /// Values since then that were not better.
  public var badCount = 0

  /// A watch that has seen nothing.
  public init() {}

  /// Takes a validation's value; returns whether the rate is to be cut now.
  public mutating func observe(_ value: Double, rate: Double) -> Bool {
    // As in PyTorch a value that is no number is never better.
    if value < best * (1 - Self.threshold) {
      best = value
      badCount = 0
    } else {
      badCount += 1
    }
    guard badCount > Self.patience else { return false }
    badCount = 0
    return rate - rate * Self.factor > Self.smallestChange
  }
}
