import Nets
import Support
import TrainingAPI
import Wording

/// The learning rate of each step: the schedule with the edits that were made by hand.
///
/// The rate is a pure function of the step and the edits; an edit that was taken back stays in the
/// history with the step from which it no longer holds.
struct LearningRateControl {
  /// What is allowed, as the editor shows it.
  static let allowed = 1e-8...1.0

  let schedule: LearningRateSchedule
  /// All edits so far, oldest first.
  var edits: [Edit] = []

  init(_ schedule: LearningRateSchedule) { self.schedule = schedule }

  /// The rate that a step uses.
  func rate(atStep step: Int) -> Double {
    edits.reduce(schedule.rate(atStep: step)) { rate, edit in
      guard edit.holds(atStep: step) else { return rate }
      switch edit.kind {
      case .scale: return rate * edit.value
      case .hold: return edit.value
      case .anew:
        return schedule.restarted(after: edit.step - 1, base: edit.value)
          .rate(atStep: step - edit.step + 1)
      }
    }
  }

  /// Changes the rate from a step on; returns what it was and what it is, or why not.
  mutating func change(
    _ change: LearningRateChange, atStep step: Int
  ) -> Result<(from: Double, to: Double), Refusal> {
    let now = rate(atStep: step)
    let (kind, wanted): (Edit.Kind, Double) =
      switch change {
      case .value(let value): (.scale, value)
      case .factor(let factor): (.scale, now * factor)
      case .hold(let value): (.hold, value)
      case .anew(let value): (.anew, value)
      }
    guard Self.allowed.contains(wanted) else {
      return .failure(
        Refusal(
          Sentence(
            EngineSentence.rateOutOfRange, wanted, Self.allowed.lowerBound,
            Self.allowed.upperBound)))
    }
    guard kind != .scale || now > 0 else {
      return .failure(Refusal(Sentence(EngineSentence.rateIsZero)))
    }
    edits.append(Edit(step: step, kind: kind, value: kind == .scale ? wanted / now : wanted))
    return .success((now, rate(atStep: step)))
  }

  /// Takes back the last edit that still stands.
  mutating func undo(atStep step: Int) -> Result<(from: Double, to: Double), Refusal> {
    guard let last = edits.lastIndex(where: { $0.undoneAt == nil }) else {
      return .failure(Refusal(Sentence(EngineSentence.nothingToUndo)))
    }
    let now = rate(atStep: step)
    edits[last].undoneAt = step
    return .success((now, rate(atStep: step)))
  }

  /// Why a change is not made.
  struct Refusal: Error {
    let sentence: Sentence

    init(_ sentence: Sentence) { self.sentence = sentence }
  }

  /// A change of the rate from a step on.
  struct Edit: Sendable, Hashable {
    enum Kind: String, Sendable {
      /// The rest of the schedule is multiplied by the value.
      case scale
      /// The rate stays at the value.
      case hold
      /// The schedule begins anew with the value as its base, over the steps that are left.
      case anew
    }

    var step: Int
    var kind: Kind
    var value: Double
    /// The step from which it no longer holds, because it was taken back.
    var undoneAt: Int?

    init(step: Int, kind: Kind, value: Double) {
      self.step = step
      self.kind = kind
      self.value = value
    }

    func holds(atStep step: Int) -> Bool {
      self.step <= step && undoneAt.map { step < $0 } ?? true
    }

    var json: JSONValue {
      var object = JSONObject([
        ("step", .integer(Int64(step))), ("kind", .string(kind.rawValue)),
        ("value", .number(value)),
      ])
      if let undoneAt { object["undone_at"] = .integer(Int64(undoneAt)) }
      return .object(object)
    }

    init?(json: JSONValue) {
      guard let step = json["step"]?.int, let value = json["value"]?.double,
        let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:))
      else { return nil }
      self.init(step: step, kind: kind, value: value)
      undoneAt = json["undone_at"]?.int
    }
  }
}
