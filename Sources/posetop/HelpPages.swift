import Wording

/// The pages of help.
enum HelpPages {
  /// The topics, in the order of showing.
  static let topics: [(name: String, page: HelpSentence)] = [
    ("runs", .runs), ("commands", .commands), ("rates", .rates), ("memory", .memory),
    ("gpu", .gpu),
    ("losses", .losses), ("augmentation", .augmentation), ("converge", .converge),
    ("predictions", .predictions), ("recipes", .recipes), ("weights", .weights),
    ("export", .exporting), ("exits", .exits),
  ]

  /// Words of a question that stand for a topic, such as those of "it does not converge".
  private static let words: [(word: String, topic: String)] = [
    ("converge", "converge"), ("diverge", "converge"), ("learn nothing", "converge"),
    ("does not learn", "converge"), ("prediction", "predictions"), ("are off", "predictions"),
    ("learning rate", "rates"), ("cuda", "gpu"), ("nvidia", "gpu"), ("on the gpu", "gpu"),
    ("batch", "memory"), ("loss", "losses"),
    ("augment", "augmentation"),
    ("onnx", "export"), ("pretrained", "weights"), ("exit code", "exits"),
  ]

  /// The topic that a word names, or that the words of a question stand for.
  static func topic(_ phrase: String) -> HelpSentence? {
    let named = topics.first { $0.name == phrase }
    if let named { return named.page }
    guard phrase.contains(" ") || words.contains(where: { $0.word == phrase }) else { return nil }
    let meant = words.first { phrase.contains($0.word) }?.topic
    return topics.first { $0.name == meant }?.page
  }

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
