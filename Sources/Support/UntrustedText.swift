/// Makes text from outside harmless before it reaches a screen, a log or a file name that is shown.
///
/// File names, JSON names, messages of libraries and of socket peers may hold escape sequences,
/// right-to-left overrides or invisible characters. What comes out has none of them: each is
/// replaced by a visible mark, line breaks and tabs by a space.
public enum UntrustedText {
  /// What stands for a character that was taken out.
  public static let replacement: Unicode.Scalar = "\u{FFFD}"
  /// Combining marks that may follow one another; more would climb over the neighbouring lines.
  static let maximumMarks = 2

  /// Whether a terminal may obey, hide or reorder by a character instead of showing it.
  static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) { return true }
    if scalar.value < 0x300 { return scalar.value == 0xAD }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return true
    default: return scalar.properties.isDefaultIgnorableCodePoint
    }
  }

  /// The text without anything that moves the cursor, hides or reorders; cut to `limit` scalars.
  public static func clean(_ text: String, limit: Int = 4096) -> String {
    var result = String.UnicodeScalarView()
    var marks = 0
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if index >= limit {
        result.append("\u{2026}")
        break
      }
      let kept = harmless(scalar)
      if isMark(kept) {
        marks += 1
        // A mark needs a letter to stand on, or it would join what is printed before the text.
        if marks > maximumMarks || result.isEmpty { continue }
      } else {
        marks = 0
      }
      result.append(kept)
    }
    return String(result)
  }

  /// Text from bytes; what is no UTF-8 becomes the replacement mark.
  public static func clean(bytes: some Collection<UInt8>, limit: Int = 4096) -> String {
    // A scalar has at most 4 bytes, so nothing within the limit is lost by this cut.
    clean(String(decoding: Array(bytes.prefix(4 * (limit + 1))), as: UTF8.self), limit: limit)
  }

  static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x300 { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return true
    default: return false
    }
  }

  private static func harmless(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x20...0x7E: return scalar
    case 0x09, 0x0A, 0x0D: return " "
    case 0..<0x20, 0x7F...0x9F: return replacement
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return replacement
    case .spaceSeparator: return " "
    default: break
    }
    // Fillers and variation selectors have a width that terminals disagree about.
    return scalar.properties.isDefaultIgnorableCodePoint ? replacement : scalar
  }
}
