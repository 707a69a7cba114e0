import Support
import Wording

let helpCommand = Command(
  name: "help", operands: "[TOPIC]", summary: "explain a command or a topic",
  run: { (options) throws(UsageError) in
    guard let word = options.operands.first else {
      Output.print(HelpPages.overview)
      return .done
    }
    if let topic = HelpPages.topics.first(where: { $0.name == word }) {
      Output.print(Sentence(topic.page).text())
      return .done
    }
    // By name and not through the catalogue, of which this command is a part.
    if let command = helpedCommand(word) {
      Output.print(command.help)
      return .done
    }
    let known = HelpPages.topics.map(\.name) + CommandCatalogue.names
    throw .unknownTopic(word: word, nearest: NearestWord.find(word, in: known))
  })

private func helpedCommand(_ word: String) -> Command? {
  CommandCatalogue.all.first { $0.name == word && !$0.isHidden }
}
