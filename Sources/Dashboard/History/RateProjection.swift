import TrainingAPI

/// What a change of the learning rate means for the steps after it.
enum RateMode: String, Sendable, CaseIterable {
  /// The rest of the schedule is scaled with it.
  case scale
  /// The rate stays there.
  case hold
  /// The schedule begins anew from it, over the steps that are left.
  case anew

  /// The mode that a command's last word names.
  init(command: String) {
    self = command.split(separator: " ").last.flatMap { RateMode(rawValue: String($0)) } ?? .scale
  }

  /// The command that changes the rate to a value in this way.
  func change(to value: Double) -> LearningRateChange {
    switch self {
    case .scale: .value(value)
    case .hold: .hold(value)
    case .anew: .anew(value)
    }
  }
}

/// The learning rate of the steps to come, from what the plan and the edits say.
struct RateProjection {
  private let rates: [Double]
  // Steps in floating point: a log may say any number.
  private let total: Double
  private let mode: RateMode
  private let start: Double
  private let factor: Double

  /// The rate as it will go on, or as it would with a staged change from the next step on; nil where
  /// nothing is known of the schedule.
  init?(_ history: RunHistory, staged: (value: Double, mode: RateMode)? = nil) {
    guard let plan = history.plan, plan.plannedRates.count > 1, !history.hasEnded,
      let now = history.learningRate
    else { return nil }
    rates = plan.plannedRates
    total = Double(plan.totalSteps)
    let step = Double(max(1, history.step))
    if let staged, staged.mode != .scale {
      (mode, start) = (staged.mode, step)
    } else if let last = history.standingEdits.last(where: { $0.mode != .scale }) {
      (mode, start) = (last.mode, Double(last.step))
    } else {
      (mode, start) = (.scale, 0)
    }
    let shape = Self.shape(rates, total, mode, start, step)
    let value = staged?.value ?? now
    guard shape > 0, value.isFinite else { return nil }
    factor = value / shape
  }

  /// The rate at a step.
  func rate(atStep step: Double) -> Double {
    factor * Self.shape(rates, total, mode, start, step)
  }

  /// The schedule at a step, as far as the mode follows it; only its form matters.
  private static func shape(
    _ rates: [Double], _ total: Double, _ mode: RateMode, _ start: Double, _ step: Double
  ) -> Double {
    switch mode {
    case .scale: return planned(rates, total, step - 1)
    case .hold: return 1
    case .anew:
      // Without warm-up, from its highest rate on, over the steps that are left.
      let peak = rates.indices.max { rates[$0] < rates[$1] } ?? 0
      let length = max(1, total - 1)
      let first = length * Double(peak) / Double(rates.count - 1)
      let share = (step - start) / max(1, total - start)
      return planned(rates, total, first + (length - first) * min(1, max(0, share)))
    }
  }

  /// The planned rate after so many steps, between the samples of the plan.
  private static func planned(_ rates: [Double], _ total: Double, _ done: Double) -> Double {
    let length = max(1, total - 1) / Double(rates.count - 1)
    let place = min(Double(rates.count - 1), max(0, done / length))
    let left = min(rates.count - 1, Int(place))
    let right = min(rates.count - 1, left + 1)
    return rates[left] + (rates[right] - rates[left]) * (place - Double(left))
  }
}
