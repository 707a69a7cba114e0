public import Wording

/// What can be wrong with a connection between two processes of a run.
public enum LinkError: Error, Sayable, Hashable {
  case frameTooLong(bytes: Int, limit: Int)
  case brokenFrame(reason: String)
  case cannotListen(path: String, reason: String)
  case cannotConnect(run: String, reason: String)
  case foreignPeer(path: String, user: Int)
  case elsewhere(run: String, host: String)
  case noAnswer(run: String)

  public var sentence: Sentence {
    switch self {
    case .frameTooLong(let bytes, let limit):
      Sentence(RunSentence.frameTooLong, bytes, limit)
    case .brokenFrame(let reason): Sentence(RunSentence.brokenFrame, reason)
    case .cannotListen(let path, let reason): Sentence(RunSentence.cannotListen, path, reason)
    case .cannotConnect(let run, let reason): Sentence(RunSentence.cannotConnect, run, reason)
    case .foreignPeer(let path, let user): Sentence(RunSentence.foreignPeer, path, user)
    case .elsewhere(let run, let host): Sentence(RunSentence.runElsewhere, run, host)
    case .noAnswer(let run): Sentence(RunSentence.noAnswer, run)
    }
  }
}
