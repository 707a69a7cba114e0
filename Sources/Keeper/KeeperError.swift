public import RunFiles
public import RunLink
import Support
public import Wording

/// Why a run could not be started or kept.
public enum KeeperError: Error, Sayable, Hashable {
  case run(RunError)
  case link(LinkError)
  case cannotStart(path: String, reason: String)
  case engineMissing(folder: String)
  case keeperSilent(run: String, lastLine: String?)
  case refused(Sentence)
  case engineCrashed(job: String, ending: String, last: String)

  public var sentence: Sentence {
    switch self {
    case .run(let error): error.sentence
    case .link(let error): error.sentence
    case .cannotStart(let path, let reason): Sentence(RunSentence.cannotStart, path, reason)
    case .engineMissing(let folder): Sentence(RunSentence.engineMissing, folder)
    case .keeperSilent(let run, let lastLine?):
      Sentence(RunSentence.keeperSilentLine, run, lastLine)
    case .keeperSilent(let run, nil): Sentence(RunSentence.keeperSilent, run)
    case .refused(let sentence): sentence
    case .engineCrashed(let job, let ending, let last):
      last.isEmpty
        ? Sentence(RunSentence.engineCrashed, job, ending)
        : Sentence(RunSentence.engineCrashedAt, job, ending, UntrustedText.clean(last))
    }
  }
}
