import Wording

/// One command of `posetop`.
struct Command: Sendable {
  /// The word.
  let name: String
  /// The operands as `--help` shows them.
  let operands: String
  /// One line for the list of commands.
  let summary: String
  /// The options, without `--help`.
  var options: [OptionSpec] = []
  /// Whether options end at the first operand.
  var stopsAtOperand = false
  /// Not shown in the list of commands.
  var isHidden = false
  /// Runs it.
  let run: @Sendable (ParsedOptions) throws(UsageError) -> ExitCode

  /// The page of `--help`.
  var help: String {
    var lines = ["posetop \(name) \(operands)".trimmedRight, summary, ""]
    let shown = options.filter { !$0.isHidden } + [OptionSpec("help", "h", nil, "this page")]
    let heads = shown.map { option in
      let short = option.letter.map { "-\($0), " } ?? "    "
      return "  \(short)--\(option.name)\(option.placeholder.map { " \($0)" } ?? "")"
    }
    let width = min(heads.map(\.count).max() ?? 0, 36)
    for (option, head) in zip(shown, heads) {
      let gap = String(repeating: " ", count: max(2, width - head.count + 2))
      lines.append("\(head)\(gap)\(option.help)".trimmedRight)
    }
    return lines.joined(separator: "\n")
  }
}

/// All commands; a new one is one file in `Commands/` and one line here.
enum CommandCatalogue {
  static let all: [Command] = [
    trainCommand, planCommand, benchCommand, attachCommand, tellCommand, resumeCommand, runsCommand,
    evaluateCommand, predictCommand, exportCommand, scoreCommand, checkCommand, figuresCommand,
    doctorCommand, reportCommand,
    helpCommand, keepCommand, completionsCommand, completeCommand, manCommand,
  ]

  static var names: [String] { all.filter { !$0.isHidden }.map(\.name) }
}

extension String {
  /// The text without blanks at its end.
  var trimmedRight: String {
    var result = Substring(self)
    while result.last == " " { result.removeLast() }
    return String(result)
  }

  /// The text with blanks up to a width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
