import Support
import TrainingAPI
import Wording

/// A change of the learning rate that is being prepared: nothing happens before it is sent.
struct RateEditor: Sendable, Equatable {
  /// What may be asked for.
  static let allowed = 1e-8...1.0
  static let textLimit = 12

  /// The text as it stands in the field.
  private(set) var text: String
  /// What becomes of the rest of the schedule.
  private(set) var mode = RateMode.scale
  /// Whether the text was typed, so that the next digit continues it.
  private(set) var isTyped = false
  /// What the rate in force is multiplied by while nothing was typed: half stays half although the
  /// schedule moves on.
  private var factor: Double?
  /// The staged value while it was made by factors, so that they do not add up rounding errors.
  private var staged: Double?

  /// Begins with the rate that is in force.
  init(rate: Double?) {
    let rate = rate ?? 1e-3
    staged = rate
    factor = 1
    text = Numbers.rate(rate)
  }

  /// The rate in force is another one now.
  mutating func follow(_ rate: Double?) {
    guard let rate, rate > 0, let factor else { return }
    let next = min(Self.allowed.upperBound, max(Self.allowed.lowerBound, rate * factor))
    staged = next
    text = Numbers.rate(next)
  }

  /// The staged rate, or nil when the text is no number.
  var value: Double? {
    staged ?? Double(text).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
  }

  /// What is wrong with the staged rate; nil when it can be sent.
  var complaint: Sentence? {
    guard let value else { return Sentence(ScreenSentence.editorNoNumber) }
    guard Self.allowed.contains(value) else {
      return Sentence(
        ScreenSentence.editorRange, Numbers.rate(Self.allowed.lowerBound),
        NumberText.significant(Self.allowed.upperBound, 3))
    }
    return nil
  }

  /// Multiplies the staged rate, within what is allowed.
  mutating func multiply(by factor: Double) {
    guard let value else { return }
    let next = min(Self.allowed.upperBound, max(Self.allowed.lowerBound, value * factor))
    // At the limits a factor says no longer what is staged.
    self.factor = next == value * factor ? self.factor.map { $0 * factor } : nil
    staged = next
    text = Numbers.rate(next)
    isTyped = false
  }

  /// Types a character; the first one replaces what stood there. True when it was taken.
  mutating func type(_ scalar: Unicode.Scalar) -> Bool {
    guard Self.isTypable(scalar, after: isTyped ? text : "") else { return false }
    if !isTyped { text = "" }
    isTyped = true
    staged = nil
    factor = nil
    if text.utf8.count < Self.textLimit { text.unicodeScalars.append(scalar) }
    return true
  }

  /// Chooses what becomes of the rest of the schedule.
  mutating func nextMode() {
    let all = RateMode.allCases
    mode = all[((all.firstIndex(of: mode) ?? 0) + 1) % all.count]
  }

  /// The command that is staged; nil while it cannot be sent.
  var change: LearningRateChange? {
    guard complaint == nil, let value else { return nil }
    if mode == .scale, let factor { return .factor(factor) }
    return mode.change(to: value)
  }

  /// Removes the last character.
  mutating func erase() {
    isTyped = true
    staged = nil
    factor = nil
    if !text.isEmpty { text.removeLast() }
  }

  /// A sign belongs to the number only after an `e`; elsewhere `-` and `+` halve and double.
  private static func isTypable(_ scalar: Unicode.Scalar, after text: String) -> Bool {
    switch scalar {
    case "0"..."9", ".": true
    case "e", "E": !text.isEmpty
    case "-", "+": text.last == "e" || text.last == "E"
    default: false
    }
  }

  static func == (left: RateEditor, right: RateEditor) -> Bool {
    left.text == right.text && left.mode == right.mode && left.isTyped == right.isTyped
      && left.value == right.value && left.factor == right.factor
  }
}
