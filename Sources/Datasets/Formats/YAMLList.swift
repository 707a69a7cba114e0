import Support

/// The part of YAML that data-set files use: keys with a value, a list or a map of values.
///
/// `key: value`, `key: [a, b]`, `- item` below a key and `name: value` below a key; comments, quotes.
/// Nested deeper, or in other ways, a key counts as absent.
struct YAMLList {
  /// What a key has.
  enum Value: Hashable {
    case text(String)
    case list([Value])
    case map([String: Value])

    var text: String? {
      if case .text(let text) = self { text } else { nil }
    }

    var list: [Value]? {
      switch self {
      case .list(let values): values
      // `0: person` counts as a list in the order of its numbers.
      case .map(let members):
        members.compactMap { key, value in Int(key).map { ($0, value) } }
          .sorted { $0.0 < $1.0 }.map(\.1)
      case .text: nil
      }
    }

    var int: Int? { text.flatMap { Int($0) } }
  }

  private(set) var members: [String: Value] = [:]

  subscript(key: String) -> Value? { members[key] }

  /// Reads a file's text; what it does not understand it leaves out.
  init(_ text: String) {
    var open: (key: String, list: [Value], map: [String: Value])?
    func value(of open: (key: String, list: [Value], map: [String: Value])) -> Value {
      open.list.isEmpty ? .map(open.map) : .list(open.list)
    }
    for line in text.split(whereSeparator: \.isNewline) {
      let content = Self.uncommented(line)
      let trimmed = Self.trimmed(content)
      if trimmed.isEmpty || trimmed == "---" { continue }
      let isIndented = content.first == " " || content.first == "\t"
      if trimmed.hasPrefix("- ") || trimmed == "-" {
        open?.list.append(Self.value(Self.trimmed(trimmed.dropFirst(1))))
        continue
      }
      guard let colon = trimmed.firstIndex(of: ":") else { continue }
      let key = Self.unquoted(Self.trimmed(trimmed[..<colon]))
      let rest = Self.trimmed(trimmed[trimmed.index(after: colon)...])
      if isIndented, open != nil {
        open?.map[key] = Self.value(rest)
        continue
      }
      if let done = open { members[done.key] = value(of: done) }
      open = nil
      if rest.isEmpty { open = (key, [], [:]) } else { members[key] = Self.value(rest) }
    }
    if let done = open { members[done.key] = value(of: done) }
  }

  private static func value(_ text: Substring) -> Value {
    guard text.first == "[" || text.first == "{", text.count >= 2 else {
      return .text(unquoted(text))
    }
    let parts = split(text.dropFirst().dropLast())
    if text.first == "[" { return .list(parts.map { value($0) }) }
    var members: [String: Value] = [:]
    for part in parts {
      guard let colon = part.firstIndex(of: ":") else { continue }
      members[unquoted(trimmed(part[..<colon]))] = value(
        trimmed(part[part.index(after: colon)...]))
    }
    return .map(members)
  }

  /// Splits at the commas that stand in no inner brackets; a depth that no file has ends it.
  private static func split(_ text: Substring) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var depth = 0
    for index in text.indices {
      switch text[index] {
      case "[", "{": depth += 1
      case "]", "}": depth -= 1
      case "," where depth == 0:
        parts.append(trimmed(text[start..<index]))
        start = text.index(after: index)
      default: break
      }
      if depth > 8 { return [] }
    }
    let last = trimmed(text[start...])
    return last.isEmpty ? parts : parts + [last]
  }

  private static func uncommented(_ line: Substring) -> Substring {
    var quote: Character?
    var previous: Character = " "
    for index in line.indices {
      let character = line[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#", previous == " " || previous == "\t" {
        return line[..<index]
      }
      previous = character
    }
    return line
  }

  private static func trimmed(_ text: some StringProtocol) -> Substring {
    var result = Substring(text)
    while let first = result.first, first.isWhitespace { result.removeFirst() }
    while let last = result.last, last.isWhitespace { result.removeLast() }
    return result
  }

  private static func unquoted(_ text: some StringProtocol) -> String {
    let isQuoted =
      text.count >= 2 && text.first == text.last && (text.first == "\"" || text.first == "'")
    return isQuoted ? String(text.dropFirst().dropLast()) : String(text)
  }
}
