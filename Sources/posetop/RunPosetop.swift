import Support
import TrainingAPI
import Wording

/// Runs the command that the arguments name; the program's body.
func runPosetop(_ arguments: [String]) -> Int32 {
  let words = Array(arguments.dropFirst())
  do throws(UsageError) {
    return try dispatch(words).rawValue
  } catch {
    Output.sayError(error.sentence)
    return ExitCode.usage.rawValue
  }
}

private func dispatch(_ words: [String]) throws(UsageError) -> ExitCode {
  guard let word = words.first else {
    // Without a terminal there is nobody to choose.
    if Output.isTerminal {
      return try launch(asked: RunRecipe(), try ParsedOptions([], trainCommand.options))
    }
    Output.print(HelpPages.overview)
    return .usage
  }
  switch word {
  case "--help", "-h":
    Output.print(HelpPages.overview)
    return .done
  case "--version", "-V":
    Output.print("posetop \(posetopVersion)")
    return .done
  default: break
  }
  guard let command = CommandCatalogue.all.first(where: { $0.name == word }) else {
    if word.hasPrefix("-") {
      throw .unknownOption(
        word: word,
        nearest: NearestWord.find(word, in: ["--help", "--version"]))
    }
    throw .unknownCommand(
      word: word, nearest: NearestWord.find(word, in: CommandCatalogue.names))
  }
  let options = try ParsedOptions(
    Array(words.dropFirst()), command.options, stopsAtOperand: command.stopsAtOperand)
  if options.has("help") {
    Output.print(command.help)
    return .done
  }
  return try command.run(options)
}
