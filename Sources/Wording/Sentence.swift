/// Something that can be said to the user: a key of the one table, with its arguments.
///
/// Errors and notices travel between processes in this form; `text(in:)` makes the words.
/// Arguments that come from outside (file names, library messages) are made harmless by
/// `UntrustedText` before they get here.
public struct Sentence: Sendable, Hashable {
  /// The area and the case, such as `dataset.folderMissing`.
  public let key: String
  /// What replaces `{0}`, `{1}`, ... in the template.
  public let arguments: [String]

  /// A sentence from its area's table.
  public init<Area: SentenceArea>(_ template: Area, _ arguments: any CustomStringConvertible...) {
    self.key = template.key
    self.arguments = arguments.map { $0.description }
  }

  /// A sentence that came over a channel; an unknown key is shown as its arguments.
  public init(key: String, arguments: [String]) {
    self.key = key
    self.arguments = arguments
  }

  /// The sentence in a language.
  public func text(in language: Language = .english) -> String {
    guard let template = SentenceTable.template(for: key, in: language) else {
      return ([key] + arguments.map { Self.words($0, in: language) }).joined(separator: " ")
    }
    return fill(template, in: language)
  }

  private func fill(_ template: String, in language: Language) -> String {
    var result = ""
    var rest = Substring(template)
    while let open = rest.firstIndex(of: "{") {
      result += rest[..<open]
      guard let close = rest[open...].firstIndex(of: "}"),
        let index = Int(rest[rest.index(after: open)..<close])
      else {
        result += "{"
        rest = rest[rest.index(after: open)...]
        continue
      }
      result += index < arguments.count ? Self.words(arguments[index], in: language) : ""
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }
}

// A sentence as an argument of another one, such as the reason why something failed: it travels as
// text and is said in the reader's language.
extension Sentence: CustomStringConvertible {
  private static let (opening, closing): (Character, Character) = ("⟪", "⟫")

  /// The sentence as an argument: its key and arguments, each with its length before it.
  public var description: String {
    let parts = ([key] + arguments).map { "\($0.unicodeScalars.count):\($0)" }
    return String(Self.opening) + parts.joined() + String(Self.closing)
  }

  /// Reads a sentence that is an argument; nil when the argument is none, or was cut.
  private init?(argument: String) {
    guard argument.first == Self.opening, argument.last == Self.closing else { return nil }
    var rest = argument.dropFirst().dropLast().unicodeScalars[...]
    var parts: [String] = []
    while let colon = rest.firstIndex(of: ":") {
      guard let length = Int(String(rest[..<colon])), length >= 0 else { return nil }
      let start = rest.index(after: colon)
      guard let end = rest.index(start, offsetBy: length, limitedBy: rest.endIndex) else {
        return nil
      }
      parts.append(String(rest[start..<end]))
      rest = rest[end...]
    }
    guard let key = parts.first, rest.isEmpty else { return nil }
    self.init(key: key, arguments: Array(parts.dropFirst()))
  }

  private static func words(_ argument: String, in language: Language) -> String {
    Sentence(argument: argument)?.text(in: language) ?? argument
  }
}

/// A value that can be said in one sentence: every error of every module.
public protocol Sayable: Sendable {
  /// What to tell the user: what, where, and what to do.
  var sentence: Sentence { get }
}

/// The languages of the screen.
public enum Language: String, Sendable, CaseIterable {
  case english = "en"
  /// Simplified Chinese.
  case chinese = "zh"

  /// The language of the environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set
  /// decides; English for all that have no table.
  public init(environment: (String) -> String?) {
    let name = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty }
    self = name?.hasPrefix("zh") == true ? .chinese : .english
  }
}
