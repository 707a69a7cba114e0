import Support
import Wording

/// One thing that `posetop doctor` looks at: one file in this folder and one line in `DoctorChecks`.
struct DoctorCheck: Sendable {
  /// Its key in the JSON document, and its head in the text.
  let name: String
  /// Looks.
  let run: @Sendable () -> DoctorSection
}

/// All checks in the order of the report.
enum DoctorChecks {
  static let all = [
    processorCheck, memoryCheck, engineCheck, terminalCheck, graphicsCheck, diskCheck, sessionCheck,
  ]
}

/// What a check found.
struct DoctorSection: Sendable {
  /// Something that stands in the way, or may.
  struct Trouble: Sendable {
    let isError: Bool
    /// A short name that stays.
    let code: String
    let message: Sentence
    let cure: Sentence
  }

  /// What there is: a label, and what is said of it.
  private(set) var lines: [(label: String, text: String)] = []
  /// The same for programs.
  var json = JSONObject()
  private(set) var troubles: [Trouble] = []

  /// Adds a line.
  mutating func line(_ label: String, _ text: String) {
    lines.append((label, UntrustedText.clean(text)))
  }

  mutating func warn(
    _ code: String, _ message: Sentence, _ cure: MachineSentence, _ argument: String = ""
  ) {
    warn(code, message, cure: Sentence(cure, argument))
  }

  mutating func warn(_ code: String, _ message: Sentence, cure: Sentence) {
    troubles.append(Trouble(isError: false, code: code, message: message, cure: cure))
  }

  mutating func fail(_ code: String, _ message: Sentence, _ cure: MachineSentence) {
    troubles.append(
      Trouble(isError: true, code: code, message: message, cure: Sentence(cure)))
  }
}
