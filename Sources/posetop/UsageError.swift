import TrainingAPI
import Wording

/// The command line is wrong.
enum UsageError: Error, Sayable, Hashable {
  case unknownCommand(word: String, nearest: String?)
  case unknownOption(word: String, nearest: String?)
  case valueMissing(option: String)
  case badValue(option: String, value: String, expected: String)
  case operandMissing(command: String, operand: String)
  case tooManyOperands(command: String, word: String)
  case unknownTopic(word: String, nearest: String?)
  case said(Sentence)

  var sentence: Sentence {
    switch self {
    case .unknownCommand(let word, let nearest?):
      Sentence(CommandLineSentence.unknownCommandNearest, word, nearest)
    case .unknownCommand(let word, nil): Sentence(CommandLineSentence.unknownCommand, word)
    case .unknownOption(let word, let nearest?):
      Sentence(CommandLineSentence.unknownOptionNearest, word, nearest)
    case .unknownOption(let word, nil): Sentence(CommandLineSentence.unknownOption, word)
    case .valueMissing(let option): Sentence(CommandLineSentence.valueMissing, option)
    case .badValue(let option, let value, let expected):
      Sentence(CommandLineSentence.badValue, option, value, expected)
    case .operandMissing(let command, let operand):
      Sentence(CommandLineSentence.operandMissing, command, operand)
    case .tooManyOperands(let command, let word):
      Sentence(CommandLineSentence.tooManyOperands, command, word)
    case .unknownTopic(let word, let nearest?):
      Sentence(CommandLineSentence.unknownTopicNearest, word, nearest)
    case .unknownTopic(let word, nil): Sentence(CommandLineSentence.unknownTopic, word)
    case .said(let sentence): sentence
    }
  }
}
