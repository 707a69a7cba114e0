import Wording

/// The pages of help.
enum HelpPages {
  /// The topics, in the order of showing.
  static let topics: [(name: String, page: HelpSentence)] = [
    ("runs", .runs), ("commands", .commands), ("rates", .rates), ("recipes", .recipes),
    ("augmentation", .augmentation),
    ("weights", .weights),
    ("memory", .memory),
    ("exits", .exits),
  ]

  /// The list of commands and topics.
  static var overview: String {
    let commands = CommandCatalogue.all.filter { !$0.isHidden }
    let heads = commands.map { "posetop \($0.name) \($0.operands)".trimmedRight }
    let width = heads.map(\.count).max() ?? 0
    let lines = zip(commands, heads).map { command, head in
      "  \(head.padded(to: width + 2))\(command.summary)"
    }
    return Sentence(
      HelpSentence.overview, lines.joined(separator: "\n"),
      "  " + topics.map(\.name).joined(separator: ", ")
    ).text()
  }
}
