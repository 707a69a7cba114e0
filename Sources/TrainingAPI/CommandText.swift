import Support
public import Wording

/// A command's words are wrong.
public enum CommandError: Error, Sayable, Hashable {
  case empty
  case unknown(word: String, nearest: String?)
  case argumentExpected(command: String, expected: String)
  case nothingExpected(command: String)
  case badLearningRate(text: String)

  public var sentence: Sentence {
    switch self {
    case .empty: Sentence(RunSentence.commandEmpty)
    case .unknown(let word, let nearest?):
      Sentence(RunSentence.commandUnknownNearest, word, nearest)
    case .unknown(let word, nil): Sentence(RunSentence.commandUnknown, word)
    case .argumentExpected(let command, let expected):
      Sentence(RunSentence.commandArgument, command, expected)
    case .nothingExpected(let command): Sentence(RunSentence.commandAlone, command)
    case .badLearningRate(let text): Sentence(RunSentence.commandBadRate, text)
    }
  }
}

extension EngineCommand {
  /// The first words of all commands, for completion and for naming the nearest one.
  public static let words = [
    "lr", "pause", "resume", "step", "stop", "save", "evaluate", "undo",
  ]

  /// The command in words, such as `lr 0.0001`.
  public var text: String {
    switch self {
    case .pause: "pause"
    case .resume: "resume"
    case .step: "step"
    case .stop: "stop"
    case .save: "save"
    case .evaluate: "evaluate"
    case .learningRate(.value(let value)): "lr \(value)"
    case .learningRate(.factor(let factor)): "lr x\(factor)"
    case .undoLearningRate: "undo"
    }
  }

  /// Reads a command from its words, such as `["lr", "3e-4"]` or `["lr", "x0.5"]`.
  public init(words: [String]) throws(CommandError) {
    guard let word = words.first else { throw .empty }
    let arguments = words.dropFirst()
    switch word {
    case "pause": self = .pause
    case "resume": self = .resume
    case "step": self = .step
    case "stop": self = .stop
    case "save": self = .save
    case "evaluate", "eval": self = .evaluate
    case "undo": self = .undoLearningRate
    case "lr":
      guard let text = arguments.first else {
        throw .argumentExpected(command: "lr", expected: "3e-4, x0.5")
      }
      let isFactor = text.hasPrefix("x")
      guard let value = Double(isFactor ? String(text.dropFirst()) : text), value.isFinite,
        value > 0
      else { throw .badLearningRate(text: text) }
      self = .learningRate(isFactor ? .factor(value) : .value(value))
    default:
      throw .unknown(word: word, nearest: NearestWord.find(word, in: Self.words))
    }
    if word == "lr" {
      if arguments.count > 1 { throw .badLearningRate(text: arguments.joined(separator: " ")) }
    } else if !arguments.isEmpty {
      throw .nothingExpected(command: word)
    }
  }
}
