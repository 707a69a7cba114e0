import Support
import TrainingAPI

/// A line that is being typed: a command, what to look for, a path, or a setting's value.
struct Prompt: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case command, search, path
    case setting(String)

    /// What stands before the line.
    var sign: String {
      switch self {
      case .command: ":"
      case .search: "/"
      case .path: "> "
      case .setting(let name): "\(name) = "
      }
    }
  }
  static let limit = 200

  let kind: Kind
  private(set) var text: String
  /// Whether the text is only a suggestion: the first character that is typed takes its place.
  private(set) var isSuggestion = false
  /// Place in the history of commands; nil while a new one is typed.
  private var place: Int?
  /// What was typed before an older command was shown.
  private var draft = ""
  /// The words that would complete the text, shown after Tab.
  private(set) var candidates: [String] = []

  init(_ kind: Kind, text: String = "", isSuggestion: Bool = false) {
    self.kind = kind
    self.text = text
    self.isSuggestion = isSuggestion
  }

  mutating func type(_ scalar: Unicode.Scalar) {
    candidates = []
    guard text.unicodeScalars.count < Self.limit, scalar.value >= 0x20 else { return }
    if isSuggestion { clear() }
    text.unicodeScalars.append(scalar)
  }

  mutating func erase() {
    candidates = []
    isSuggestion = false
    if !text.isEmpty { text.removeLast() }
  }

  mutating func eraseWord() {
    candidates = []
    isSuggestion = false
    while text.last == " " { text.removeLast() }
    while let last = text.last, last != " " { text.removeLast() }
  }

  mutating func clear() {
    candidates = []
    isSuggestion = false
    text = ""
  }

  /// Shows an older command (-1) or a newer one (1).
  mutating func recall(_ direction: Int, in history: [String]) {
    guard !history.isEmpty else { return }
    if place == nil { draft = text }
    let next = (place ?? history.count) + direction
    if next >= history.count {
      place = nil
      text = draft
    } else {
      place = max(0, next)
      text = history[max(0, next)]
    }
  }

  /// Completes the whole line as far as it is clear; otherwise shows what there is.
  mutating func completeWhole(_ lines: [String]) {
    guard let first = lines.first else { return }
    let common = lines.dropFirst().reduce(first) { prefix, line in
      String(zip(prefix, line).prefix { $0 == $1 }.map(\.0))
    }
    candidates = lines.count > 1 && common.count <= text.count ? lines : []
    if common.count > text.count { text = common }
  }

  /// Completes the last word as far as it is clear; otherwise shows what there is.
  mutating func complete(_ words: (_ before: [String]) -> [String]) {
    var parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    let last = parts.popLast() ?? ""
    let fitting = words(parts.filter { !$0.isEmpty }).filter { $0.hasPrefix(last) }
    guard let first = fitting.first else { return }
    let common = fitting.dropFirst().reduce(first) { prefix, word in
      String(zip(prefix, word).prefix { $0 == $1 }.map(\.0))
    }
    if common.count > last.count || fitting.count == 1 {
      text = (parts + [common]).joined(separator: " ") + (fitting.count == 1 ? " " : "")
      candidates = []
    } else {
      candidates = fitting
    }
  }
}

/// What the command line knows beyond the engine's commands.
enum ScreenCommand: Sendable, Equatable {
  case theme(String)
  case goTo(Int)
  case export(path: String)
  case set(name: String, value: String)
  case metric(String)
  case show(ScreenID)
  case help, quit, detach, zoom

  static let words = [
    "theme", "goto", "export", "set", "metric", "show", "help", "quit", "detach", "zoom",
  ]
  static let settings: [(name: String, values: [String])] = [
    ("smooth", ["0", "0.6", "0.9", "0.98"]), ("scale", ["log", "linear"]),
    ("axis", ["steps", "epochs", "time"]), ("clip", ["on", "off"]),
    ("picture", ["half", "quad", "braille", "ramp", "letters"]), ("sync", ["on", "off"]),
    ("lang", ["en", "zh"]),
  ]

  /// Reads a command of the screen; nil when the first word is none of its own.
  ///
  /// - Throws: what is wrong after the first word.
  init?(words: [String]) throws(CommandError) {
    guard let word = words.first, Self.words.contains(word) else { return nil }
    func argument(_ expected: String) throws(CommandError) -> String {
      guard words.count > 1 else {
        throw .argumentExpected(command: word, expected: expected)
      }
      return words[1]
    }
    switch word {
    case "theme": self = .theme(try argument("nord"))
    case "goto":
      let text = try argument("1200")
      guard let step = Int(text), step >= 0 else {
        throw .argumentExpected(command: word, expected: "1200")
      }
      self = .goTo(step)
    case "export": self = .export(path: try argument("loss.svg, loss.csv, loss.txt"))
    case "metric": self = .metric(words.dropFirst().joined(separator: " "))
    case "show":
      let text = try argument("train, samples, log")
      let names = ScreenID.allCases.map(\.word)
      guard let screen = ScreenID.allCases.first(where: { $0.word.hasPrefix(text) }) else {
        throw .unknown(word: text, nearest: NearestWord.find(text, in: names))
      }
      self = .show(screen)
    case "set":
      let parts = try argument("smooth=0.9").split(separator: "=", maxSplits: 1).map(String.init)
      let names = Self.settings.map(\.name)
      guard let setting = Self.settings.first(where: { $0.name == parts[0] }) else {
        throw .unknown(word: parts[0], nearest: NearestWord.find(parts[0], in: names))
      }
      guard parts.count == 2, setting.values.contains(parts[1]) else {
        throw .argumentExpected(
          command: "set \(setting.name)=", expected: setting.values.joined(separator: ", "))
      }
      self = .set(name: setting.name, value: parts[1])
    case "help": self = .help
    case "quit": self = .quit
    case "detach": self = .detach
    default: self = .zoom
    }
  }
}

extension DashboardState {
  /// The words that may come next on the command line.
  func completions(after words: [String]) -> [String] {
    guard let first = words.first else {
      return (ScreenCommand.words + EngineCommand.words).sorted()
    }
    guard words.count == 1 else { return [] }
    switch first {
    case "theme": return themeNames
    case "metric": return metricNames
    case "show": return ScreenID.allCases.map(\.word)
    case "set":
      return ScreenCommand.settings.flatMap { setting in
        setting.values.map { "\(setting.name)=\($0)" }
      }
    case "export": return ["\(chart.metric).svg", "\(chart.metric).csv", "\(chart.metric).txt"]
    default: return []
    }
  }
}
