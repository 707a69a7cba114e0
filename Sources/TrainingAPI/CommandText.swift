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
    "lr", "pause", "resume", "step", "stop", "save", "evaluate", "undo", "rollback", "freeze",
    "unfreeze", "augment", "weight", "profile",
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
    case .learningRate(let change): "lr \(change.text)"
    case .rollBack(nil): "rollback"
    case .rollBack(let change?): "rollback \(change.text)"
    case .undoLearningRate: "undo"
    case .freeze("none"): "unfreeze"
    case .freeze(let layers): "freeze \(layers)"
    case .augment(.preset(let name)): "augment \(name)"
    case .augment(.strength(let factor)): "augment x\(factor)"
    case .keypointWeight(let name, let weight): "weight \(name) \(weight)"
    case .heatmap(let sample): "heatmap \(sample)"
    case .profile: "profile"
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
    case "rollback":
      self = .rollBack(
        arguments.isEmpty ? nil : try LearningRateChange(words: Array(arguments)))
    case "lr":
      guard !arguments.isEmpty else {
        throw .argumentExpected(command: "lr", expected: "3e-4, x0.5, 3e-4 hold, 3e-4 anew")
      }
      self = .learningRate(try LearningRateChange(words: Array(arguments)))
    case "unfreeze": self = .freeze("none")
    case "profile": self = .profile
    case "freeze", "augment", "weight", "heatmap":
      self = try Self.edit(word, Array(arguments))
      return
    default:
      throw .unknown(word: word, nearest: NearestWord.find(word, in: Self.words))
    }
    if word != "lr", word != "rollback", !arguments.isEmpty {
      throw .nothingExpected(command: word)
    }
  }

  /// The largest weight of a keypoint, and the largest strength of an augmentation.
  private static let (largestWeight, largestStrength) = (100.0, 4.0)

  /// What changes the training beyond its rate, and what looks into it.
  private static func edit(
    _ word: String, _ arguments: [String]
  ) throws(CommandError) -> EngineCommand {
    func wanted(_ expected: String) -> CommandError {
      .argumentExpected(command: word, expected: expected)
    }
    switch word {
    case "freeze":
      guard arguments.count == 1 else { throw wanted("stages:2, all, conv1,layer1") }
      return .freeze(arguments[0])
    case "augment":
      guard arguments.count == 1 else { throw wanted("none, light, standard, x1.5") }
      let isStrength = arguments[0].hasPrefix("x")
      guard let factor = Double(arguments[0].dropFirst(isStrength ? 1 : 0)) else {
        if isStrength { throw wanted("x0.5, x1, x2") }
        return .augment(.preset(arguments[0]))
      }
      guard factor >= 0, factor <= largestStrength else { throw wanted("x0.5, x1, x2") }
      return .augment(.strength(factor))
    case "weight":
      guard arguments.count == 2, let weight = Double(arguments[1]), weight >= 0,
        weight <= largestWeight
      else { throw wanted("left_wrist 2, wrist 1.5, all 1") }
      return .keypointWeight(name: arguments[0], weight: weight)
    default:
      guard arguments.count == 1, let sample = Int(arguments[0]), sample >= 0 else {
        throw wanted("12")
      }
      return .heatmap(sample: sample)
    }
  }
}

extension LearningRateChange {
  /// What may stand behind a rate: what becomes of the rest of the schedule.
  public static let modes = ["scale", "hold", "anew"]

  /// The change in words: `0.0001`, `0.0001 hold`, `0.0001 anew`, or `x0.5` for a factor.
  public var text: String {
    switch self {
    case .value(let value): "\(value)"
    case .factor(let factor): "x\(factor)"
    case .hold(let value): "\(value) hold"
    case .anew(let value): "\(value) anew"
    }
  }

  /// Reads a positive number with a mode behind it (`scale` is what none means), or a positive factor
  /// behind an `x`.
  public init(words: [String]) throws(CommandError) {
    let text = words.joined(separator: " ")
    guard let first = words.first, words.count <= 2 else { throw .badLearningRate(text: text) }
    let isFactor = first.hasPrefix("x")
    guard let value = Double(isFactor ? String(first.dropFirst()) : first), value.isFinite,
      value > 0
    else { throw .badLearningRate(text: text) }
    switch (isFactor, words.count > 1 ? words[1] : "scale") {
    case (true, "scale"): self = .factor(value)
    case (false, "scale"): self = .value(value)
    case (false, "hold"): self = .hold(value)
    case (false, "anew"): self = .anew(value)
    default: throw .badLearningRate(text: text)
    }
  }
}
