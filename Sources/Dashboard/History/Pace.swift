import TrainingAPI

/// How fast steps are done, from the times of the last ones; pauses and validations are left out.
struct Pace: Sendable, Equatable {
  private struct Mark: Equatable {
    var step: Int
    var time: Double
  }

  private var marks: [Mark] = []
  /// What was measured before the last interruption.
  private var settled: Double?

  /// A step was done.
  mutating func add(step: Int, time: Double) {
    if let last = marks.last, step <= last.step || time < last.time { marks = [] }
    marks.append(Mark(step: step, time: time))
    if marks.count > 128 { marks.removeFirst(64) }
  }

  /// The next step does not follow directly.
  mutating func interrupt() {
    settled = secondsPerStep
    marks = []
  }

  /// Seconds that a step takes.
  var secondsPerStep: Double? {
    guard let first = marks.first, let last = marks.last, last.step > first.step,
      last.time > first.time, settled == nil || last.step - first.step >= 4
    else { return settled }
    return (last.time - first.time) / Double(last.step - first.step)
  }
}

extension RunHistory {
  /// Seconds that a validation takes: measured, or guessed from the training's speed while none
  /// has ended (a forward pass is about a third of a step).
  var validationSeconds: Double? {
    let measured = epochs.suffix(3).map(\.validationSeconds).filter { $0.isFinite && $0 >= 0 }
    if !measured.isEmpty { return measured.reduce(0, +) / Double(measured.count) }
    guard let plan, let speed = lastStep?.imagesPerSecond, speed.isFinite, speed > 0 else {
      return nil
    }
    return Double(plan.validationSamples) / (3 * speed)
  }

  /// Seconds until all epochs and their validations are done, or nil while that is unknown.
  var remainingSeconds: Double? {
    guard let plan, !hasEnded, let perStep = pace.secondsPerStep else { return nil }
    let steps = max(0, plan.totalSteps - step)
    let validations = max(0, plan.epochs - (epochs.last?.epoch ?? 0))
    return Double(steps) * perStep + Double(validations) * (validationSeconds ?? 0)
  }
}
