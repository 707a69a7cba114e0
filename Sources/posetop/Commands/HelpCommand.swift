import Support
import Wording

let helpCommand = Command(
  name: "help", operands: "[TOPIC]", summary: "explain a command or a topic",
  run: { (options) throws(UsageError) in
    guard let word = options.operands.first else {
      Output.print(HelpPages.overview)
      return .done
    }
    let phrase = options.operands.joined(separator: " ").lowercased()
    let topic = HelpPages.topic(phrase)
    // By name and not through the catalogue, of which this command is a part.
    let command = helpedCommand(word)
    if topic == nil, command == nil {
      let known = HelpPages.topics.map(\.name) + CommandCatalogue.names
      throw .unknownTopic(word: phrase, nearest: NearestWord.find(phrase, in: known))
    }
    let pages = [topic.map { Sentence($0).text() }, command?.help].compactMap { $0 }
    Output.print(pages.joined(separator: "\n\n"))
    return .done
  })

private func helpedCommand(_ word: String) -> Command? {
  CommandCatalogue.all.first { $0.name == word && !$0.isHidden }
}
