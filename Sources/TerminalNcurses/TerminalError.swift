public import Wording

/// Why the terminal cannot show a full screen.
public enum TerminalError: Error, Sayable, Hashable {
  case noTerminal(reason: String)
  case noDescription(term: String)
  case tooSimple(term: String)
  case noSignals(reason: String)

  public var sentence: Sentence {
    switch self {
    case .noTerminal(let reason): Sentence(ScreenSentence.terminalMissing, reason)
    case .noDescription(let term): Sentence(ScreenSentence.terminalUnknown, term)
    case .tooSimple(let term): Sentence(ScreenSentence.terminalTooSimple, term)
    case .noSignals(let reason): Sentence(ScreenSentence.terminalSignals, reason)
    }
  }
}
