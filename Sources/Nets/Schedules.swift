import Glibc

/// A schedule: one file under `Schedules/` and one line in the catalogue.
public struct ScheduleDefinition: Sendable {
  /// Name on the command line.
  public let name: String
  /// Factor of the base rate at a share 0...1 of the steps after the warm-up.
  public let factor: @Sendable (_ share: Double) -> Double
}

/// The learning rate as a pure function of the step.
public struct LearningRateSchedule: Sendable {
  /// The rate that the recipe asks for.
  public var base: Double
  /// Steps of linear warm-up from a thousandth of the rate.
  public var warmup: Int
  /// Steps of the run.
  public var total: Int
  /// The shape after the warm-up.
  public var definition: ScheduleDefinition

  /// A schedule.
  public init(base: Double, warmup: Int, total: Int, definition: ScheduleDefinition) {
    self.base = base
    self.warmup = warmup
    self.total = total
    self.definition = definition
  }

  /// The rate that optimiser step `step` (from 1) uses, before any edit.
  public func rate(atStep step: Int) -> Double {
    let done = Double(step - 1)
    if step <= warmup {
      return base * (0.001 + 0.999 * done / Double(warmup))
    }
    let length = max(1, total - warmup)
    return base * definition.factor(min(1, (done - Double(warmup)) / Double(length)))
  }
}
