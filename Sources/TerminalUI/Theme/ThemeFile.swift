import CInih
public import Support
public import Wording

/// What is wrong with a theme.
public enum ThemeError: Error, Sayable, Hashable {
  case file(FileError)
  case notFound(name: String, known: [String])
  case broken(path: String, line: Int)
  case duplicate(path: String, key: String)
  case badValue(path: String, key: String, word: String)
  case circular(path: String, base: String)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .notFound(let name, let known):
      Sentence(ScreenSentence.themeNotFound, name, known.joined(separator: ", "))
    case .broken(let path, let line): Sentence(ScreenSentence.themeBroken, path, line)
    case .duplicate(let path, let key): Sentence(ScreenSentence.themeDuplicate, path, key)
    case .badValue(let path, let key, let word):
      Sentence(ScreenSentence.themeBadValue, path, key, word)
    case .circular(let path, let base): Sentence(ScreenSentence.themeCircular, path, base)
    }
  }
}

/// Reads theme files, btop's too: `key = value` lines, `#` comments at the line's start or after two spaces.
///
/// A value is a colour (`#RRGGBB` or `none`) and then any of `on=#RRGGBB`, `ansi=yellow`,
/// `ansi-on=black`, `attr=bold,underline` and `mono=reverse`, separated by spaces. The key `background` colours
/// what lies behind everything.
public enum ThemeFile {
  static let maximumBytes = 64 << 10
  static let colorNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "bright-black",
    "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta", "bright-cyan",
    "bright-white",
  ]
  static let attributeNames: [(name: String, value: Attributes)] = [
    ("bold", .bold), ("dim", .dim), ("reverse", .reverse), ("underline", .underline), ("none", []),
  ]

  /// A theme and what is worth a line in the log, such as keys that nobody knows.
  public typealias Outcome = (theme: Theme, notices: [Sentence])

  /// Reads a theme's text; what it does not mention looks as in `base`.
  ///
  /// - Parameters:
  ///   - text: the file's content.
  ///   - path: where it came from, for messages.
  ///   - base: finds the theme that the file builds on by its name.
  /// - Returns: the theme, and what is worth a line in the log.
  /// - Throws: what is wrong with the text, or with its base.
  public static func parse(
    _ text: String, path: String, base: (String) throws(ThemeError) -> Theme?
  ) throws(ThemeError) -> Outcome {
    let members = try members(of: text, path: path)
    var theme = Theme.standard
    var notices: [Sentence] = []
    let shownPath = UntrustedText.clean(path, limit: 200)
    if let name = members.first(where: { $0.key == "base" })?.value, name != "default" {
      guard let found = try base(name) else { throw .notFound(name: name, known: ["default"]) }
      theme = found
    }
    theme.name = Path.name(of: path)
    var background: Theme.Entry?
    var foreign: [String: Color] = [:]
    for (key, value) in members {
      if let name = BtopTheme.name(of: key) {
        guard let color = BtopTheme.color(value) else {
          throw .badValue(
            path: shownPath, key: UntrustedText.clean(key, limit: 60),
            word: UntrustedText.clean(value, limit: 60))
        }
        if let color { foreign[name] = color }
        continue
      }
      switch key {
      case "base": break
      case "background": background = try entry(value, key: key, path: shownPath)
      case "name": theme.name = UntrustedText.clean(value, limit: 60)
      default:
        guard let style = StyleKey(rawValue: key) else {
          let known = StyleKey.allCases.map(\.rawValue)
          let shown = UntrustedText.clean(key, limit: 60)
          notices.append(
            NearestWord.find(key, in: known).map {
              Sentence(ScreenSentence.themeUnknownKeyNearest, shownPath, shown, $0)
            } ?? Sentence(ScreenSentence.themeUnknownKey, shownPath, shown))
          continue
        }
        theme.entries[style] = try entry(value, key: key, path: shownPath)
      }
    }
    if !foreign.isEmpty { BtopTheme.apply(foreign, to: &theme) }
    if let background {
      var text = theme.entries[.text] ?? Theme.Entry()
      text.background = background.color
      text.namedBackground = background.named
      theme.entries[.text] = text
    }
    return (theme, notices)
  }

  private static func members(
    of text: String, path: String
  ) throws(ThemeError) -> [(key: String, value: String)] {
    let reader = Reader()
    let line = withExtendedLifetime(reader) {
      ini_parse_string(
        text,
        { context, _, key, value in
          guard let context, let key, let value else { return 0 }
          let reader = Unmanaged<Reader>.fromOpaque(context).takeUnretainedValue()
          reader.members.append((String(cString: key), ThemeFile.uncommented(value)))
          return 1
        }, Unmanaged.passUnretained(reader).toOpaque())
    }
    let shownPath = UntrustedText.clean(path, limit: 200)
    guard line == 0 else { throw .broken(path: shownPath, line: Int(line)) }
    var seen: Set<String> = []
    for member in reader.members where !seen.insert(member.key).inserted {
      throw .duplicate(path: shownPath, key: UntrustedText.clean(member.key, limit: 60))
    }
    return reader.members
  }

  private final class Reader {
    var members: [(key: String, value: String)] = []
  }

  /// The value without what follows `  #`.
  private static func uncommented(_ value: UnsafePointer<CChar>) -> String {
    let text = String(cString: value)
    var spaces = 0
    var result = ""
    for character in text {
      if character == "#", spaces >= 2 { break }
      spaces = character == " " || character == "\t" ? spaces + (character == " " ? 1 : 2) : 0
      result.append(character)
    }
    while result.last == " " || result.last == "\t" { result.removeLast() }
    return result
  }

  private static func entry(
    _ value: String, key: String, path: String
  ) throws(ThemeError) -> Theme.Entry {
    var entry = Theme.Entry()
    for word in value.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      func bad() -> ThemeError {
        .badValue(path: path, key: key, word: UntrustedText.clean(String(word), limit: 60))
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        guard let color = color(word) else { throw bad() }
        entry.color = color == .terminal ? nil : color
        continue
      }
      switch parts[0] {
      case "on":
        guard let color = color(parts[1]) else { throw bad() }
        entry.background = color == .terminal ? nil : color
      case "ansi", "ansi-on":
        let index = colorNames.firstIndex(of: String(parts[1])).map { UInt8($0) }
        guard index != nil || parts[1] == "none" else { throw bad() }
        if parts[0] == "ansi" { entry.named = index } else { entry.namedBackground = index }
      case "attr", "mono":
        var attributes: Attributes = []
        for name in parts[1].split(separator: ",") {
          guard let found = attributeNames.first(where: { $0.name == name }) else { throw bad() }
          attributes.formUnion(found.value)
        }
        if parts[0] == "attr" { entry.attributes = attributes } else { entry.mono = attributes }
      default: throw bad()
      }
    }
    return entry
  }

  private static func color(_ word: Substring) -> Color? {
    if word == "none" { return .terminal }
    guard word.hasPrefix("#"), word.utf8.count == 7, let value = UInt32(word.dropFirst(), radix: 16)
    else { return nil }
    return .rgb(UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255))
  }

  /// The theme as a file, as `themes/default.theme` has it.
  public static func text(of theme: Theme) -> String {
    var text = "name = \(theme.name)\n"
    for key in StyleKey.allCases {
      let entry = theme.entries[key] ?? Theme.Entry()
      var words = [entry.color.map(hexadecimal) ?? "none"]
      if let background = entry.background { words.append("on=\(hexadecimal(background))") }
      if let named = entry.named { words.append("ansi=\(colorNames[Int(named)])") }
      if let named = entry.namedBackground { words.append("ansi-on=\(colorNames[Int(named)])") }
      if !entry.attributes.isEmpty { words.append("attr=\(names(entry.attributes))") }
      if !entry.mono.isEmpty { words.append("mono=\(names(entry.mono))") }
      text += "\(key.rawValue) = \(words.joined(separator: " "))\n"
    }
    return text
  }

  private static func names(_ attributes: Attributes) -> String {
    attributeNames.filter { !$0.value.isEmpty && attributes.contains($0.value) }.map(\.name)
      .joined(separator: ",")
  }

  private static func hexadecimal(_ color: Color) -> String {
    guard let parts = color.components else { return "none" }
    let value = UInt32(parts.red) << 16 | UInt32(parts.green) << 8 | UInt32(parts.blue)
    let digits = String(value, radix: 16, uppercase: true)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }
}
