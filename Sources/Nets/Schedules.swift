/// A schedule: one file under `Schedules/` and one line in the catalogue.
public struct ScheduleDefinition: Sendable {
  /// Name on the command line.
  public let name: String
  /// Factor of the base rate after the warm-up, a pure function of where the run is.
  public let factor: @Sendable (_ progress: ScheduleProgress) -> Double
  /// Whether the rate also falls by what the validations say (`PlateauWatch`).
  public var followsValidation = false
}

/// Where a run is, as schedules see it.
public struct ScheduleProgress: Sendable, Hashable {
  /// Share 0...1 of the steps after the warm-up.
  public var share: Double
  /// Whole epochs done.
  public var epochsDone: Int
  /// Epochs of the run.
  public var epochs: Int
}

/// The learning rate as a pure function of the step.
public struct LearningRateSchedule: Sendable {
  /// The rate that the recipe asks for.
  public var base: Double
  /// Steps of linear warm-up from a thousandth of the rate.
  public var warmup: Int
  /// Steps of the run.
  public var total: Int
  /// Steps of an epoch.
  public var stepsPerEpoch: Int
  /// The shape after the warm-up.
  public var definition: ScheduleDefinition

  /// A schedule.
  public init(
    base: Double, warmup: Int, total: Int, stepsPerEpoch: Int, definition: ScheduleDefinition
  ) {
    self.base = base
    self.warmup = warmup
    self.total = total
    self.stepsPerEpoch = max(1, stepsPerEpoch)
    self.definition = definition
  }

  /// The same shape over the steps that are left after `done` of them, with another base and without
  /// a warm-up.
  public func restarted(after done: Int, base: Double) -> LearningRateSchedule {
    LearningRateSchedule(
      base: base, warmup: 0, total: max(1, total - done), stepsPerEpoch: stepsPerEpoch,
      definition: definition)
  }

  /// The rate that optimiser step `step` (from 1) uses, before any edit.
  ///
  /// The warm-up's factor is multiplied with the schedule's, as mmengine chains the two:
  /// `0.001 + 0.999 · i / (warmup - 1)` at step i + 1.
  public func rate(atStep step: Int) -> Double {
    let done = step - 1
    let length = max(1, total - warmup)
    let progress = ScheduleProgress(
      share: min(1, max(0, Double(done - warmup) / Double(length))),
      epochsDone: done / stepsPerEpoch,
      epochs: (total + stepsPerEpoch - 1) / stepsPerEpoch)
    let rate = base * definition.factor(progress)
    if done >= warmup { return rate }
    return rate * (0.001 + 0.999 * Double(done) / Double(max(1, warmup - 1)))
  }
}
