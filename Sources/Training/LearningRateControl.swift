import Nets
import TrainingAPI
import Wording

/// The learning rate of each step: the schedule times the edits that were made by hand.
///
/// An edit is a factor from its step on, so the rest of the schedule is scaled with it; undoing one
/// appends its inverse, so the history stays whole and the rate is a function of step and edits.
struct LearningRateControl {
  /// A factor that holds from a step on.
  struct Edit: Sendable, Hashable {
    var step: Int
    var factor: Double
    /// Whether this edit took back an earlier one, or was taken back.
    var isSettled: Bool
  }

  /// What is allowed, as the editor shows it.
  static let allowed = 1e-8...1.0

  let schedule: LearningRateSchedule
  /// All edits so far, oldest first.
  var edits: [Edit] = []

  init(_ schedule: LearningRateSchedule) { self.schedule = schedule }

  /// The rate that a step uses.
  func rate(atStep step: Int) -> Double {
    edits.reduce(schedule.rate(atStep: step)) { $1.step <= step ? $0 * $1.factor : $0 }
  }

  /// Changes the rate from a step on; returns what it was and what it is, or why not.
  mutating func change(
    _ change: LearningRateChange, atStep step: Int
  ) -> Result<(from: Double, to: Double), Refusal> {
    let now = rate(atStep: step)
    let wanted =
      switch change {
      case .value(let value): value
      case .factor(let factor): now * factor
      }
    guard Self.allowed.contains(wanted) else {
      return .failure(
        Refusal(
          Sentence(
            EngineSentence.rateOutOfRange, wanted, Self.allowed.lowerBound,
            Self.allowed.upperBound)))
    }
    guard now > 0 else { return .failure(Refusal(Sentence(EngineSentence.rateIsZero))) }
    edits.append(Edit(step: step, factor: wanted / now, isSettled: false))
    return .success((now, rate(atStep: step)))
  }

  /// Takes back the last edit that still stands.
  mutating func undo(atStep step: Int) -> Result<(from: Double, to: Double), Refusal> {
    guard let last = edits.lastIndex(where: { !$0.isSettled }) else {
      return .failure(Refusal(Sentence(EngineSentence.nothingToUndo)))
    }
    let now = rate(atStep: step)
    edits[last].isSettled = true
    edits.append(Edit(step: step, factor: 1 / edits[last].factor, isSettled: true))
    return .success((now, rate(atStep: step)))
  }

  /// Why a command is not carried out.
  struct Refusal: Error {
    let sentence: Sentence
    init(_ sentence: Sentence) { self.sentence = sentence }
  }
}
