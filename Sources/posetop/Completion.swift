import Keeper
import RunFiles
import RunLink
import Support
import TerminalUI
import TrainingAPI

/// What may stand at a place of the command line, for the shells' completion; all of it comes from the
/// catalogue of commands, so that it cannot drift.
struct Completion {
  /// A word, and one line about it.
  struct Candidate: Equatable {
    let word: String
    let help: String
  }

  /// What the shell adds by itself.
  enum Others: String {
    case none, files, folders
  }

  private(set) var candidates: [Candidate] = []
  private(set) var others = Others.none

  /// What is known beyond the catalogue; asked only where it is wanted.
  struct Sources: Sendable {
    var runs: @Sendable () -> [String]
    var themes: @Sendable () -> [String]
    /// The values of a setting, from the engine.
    var choices: @Sendable (String) -> [String]
  }

  /// - Parameter words: those after `posetop`; the last one is being typed, and may be empty.
  init(_ words: [String], _ sources: Sources) {
    let typed = words.last ?? ""
    guard words.count > 1, let name = words.first else {
      add(
        CommandCatalogue.all.filter { !$0.isHidden }.map {
          Candidate(word: $0.name, help: $0.summary)
        }
          + [
            Candidate(word: "--help", help: "all commands"),
            Candidate(word: "--version", help: "the version"),
          ])
      keep(typed)
      return
    }
    guard let command = CommandCatalogue.all.first(where: { $0.name == name }) else { return }
    let options =
      command.options.filter { !$0.isHidden } + [OptionSpec("help", "h", nil, "this page")]
    let before = words.dropFirst().dropLast()
    if let option = Self.waiting(before, options) {
      values(option, sources)
    } else if typed.hasPrefix("-") {
      add(options.map { Candidate(word: "--\($0.name)", help: $0.help) })
    } else {
      operands(command, Array(before), options, sources)
    }
    keep(typed)
  }

  private mutating func add(_ more: [Candidate]) { candidates += more }
  private mutating func add(words: [String]) { add(words.map { Candidate(word: $0, help: "") }) }

  private mutating func keep(_ typed: String) {
    candidates = candidates.filter { $0.word.hasPrefix(typed) }
  }

  /// The option whose value is being typed.
  private static func waiting(
    _ before: ArraySlice<String>, _ options: [OptionSpec]
  ) -> OptionSpec? {
    guard let last = before.last, last.hasPrefix("-"), !last.contains("=") else { return nil }
    return options.first { option in
      guard option.placeholder != nil else { return false }
      return last == "--\(option.name)" || option.letter.map { last == "-\($0)" } == true
    }
  }

  private mutating func values(_ option: OptionSpec, _ sources: Sources) {
    let placeholder = option.placeholder ?? ""
    if option.name == "theme" { add(words: sources.themes()) }
    add(words: sources.choices(option.name))
    if option.name == "recipe" { add(words: BuiltInRecipe.all.map(\.name)) }
    // Words in lower case stand for themselves, the others for something.
    for word in placeholder.split(separator: "|").map(String.init) {
      if word == word.lowercased(), word.first?.isLetter == true || word.first?.isNumber == true {
        if !candidates.contains(where: { $0.word == word }) { add(words: [word]) }
      } else if word == "FOLDER" {
        if others == .none { others = .folders }
      } else if ["FILE", "PATH", "DATASET"].contains(word) {
        others = .files
      }
    }
  }

  /// What the words of `operands` stand for.
  private mutating func operands(
    _ command: Command, _ before: [String], _ options: [OptionSpec], _ sources: Sources
  ) {
    // Values of options are no operands.
    var place = 0
    var skips = false
    for word in before {
      if skips {
        skips = false
      } else if word.hasPrefix("-") {
        skips = Self.waiting([word], options) != nil
      } else {
        place += 1
      }
    }
    let words = command.operands.split(separator: " ").map { word in
      word.filter { $0 != "[" && $0 != "]" && $0 != "…" && $0 != "." }
    }.prefix { !$0.hasPrefix("-") }
    guard let word = place < words.count ? words[place] : words.last, !words.isEmpty else { return }
    // Only what may be repeated goes on.
    let repeats = command.operands.contains("…") || command.operands.contains("...")
    guard place < words.count || repeats else { return }
    for kind in word.split(separator: "|") {
      switch kind {
      case "RUN": add(words: sources.runs())
      case "TOPIC":
        add(words: HelpPages.topics.map(\.name) + CommandCatalogue.names)
      case "COMMAND": add(words: EngineCommand.words)
      case "SHELL": add(words: ShellScripts.names)
      case "FOLDER": others = .folders
      default: others = .files
      }
    }
  }

  /// A candidate a line, behind a tab what it is; last what the shell adds.
  var text: String {
    let lines = candidates.map { $0.help.isEmpty ? $0.word : "\($0.word)\t\($0.help)" }
    return (lines + [":\(others.rawValue)"]).joined(separator: "\n")
  }
}

extension Completion.Sources {
  /// The runs, themes and choices of this machine.
  static let ofThisMachine = Completion.Sources(
    runs: { RunLookup(liveRuns: liveRuns()).knownRuns().map(\.name) },
    themes: { ThemeStore(folder: nil, executable: "/proc/self/exe").names },
    choices: { name in
      guard ["model", "loss", "optimizer", "schedule", "augment", "input"].contains(name),
        let choices = try? EngineJob.run(JobRequest("choices", [:]), onMessage: { _ in })
      else { return [] }
      // The losses are listed by head.
      let lists = (choices.object?.members ?? []).filter {
        $0.key == name || $0.key.hasPrefix("\(name) ")
      }
      return lists.flatMap { ($0.value.array ?? []).compactMap(\.string) }
    })
}
