public import Support
public import Wording

/// What can be wrong with a run, its folder or its files.
public enum RunError: Error, Sayable, Hashable {
  case file(FileError)
  case noSuchRun(name: String, folder: String)
  case noRuns(folder: String)
  case ambiguous(name: String, matches: [String])
  case notARun(path: String)
  case alreadyARun(path: String)
  case locked(path: String, holder: String)
  case cannotLock(path: String, reason: String)
  case brokenLog(path: String)
  case unsafeRegistry(path: String, reason: String)
  case noFreeName(folder: String)
  case noWeights(path: String)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .noSuchRun(let name, let folder): Sentence(RunSentence.noSuchRun, name, folder)
    case .noRuns(let folder): Sentence(RunSentence.noRuns, folder)
    case .ambiguous("", let matches):
      Sentence(RunSentence.severalLiveRuns, matches.joined(separator: ", "))
    case .ambiguous(let name, let matches):
      Sentence(RunSentence.ambiguousRun, name, matches.joined(separator: ", "))
    case .notARun(let path): Sentence(RunSentence.notARun, path)
    case .alreadyARun(let path): Sentence(RunSentence.alreadyARun, path)
    case .locked(let path, let holder): Sentence(RunSentence.runLocked, path, holder)
    case .cannotLock(let path, let reason): Sentence(RunSentence.cannotLock, path, reason)
    case .brokenLog(let path): Sentence(RunSentence.brokenLog, path)
    case .unsafeRegistry(let path, let reason):
      Sentence(RunSentence.unsafeRegistry, path, reason)
    case .noWeights(let path): Sentence(RunSentence.noWeights, path)
    case .noFreeName(let folder): Sentence(RunSentence.noFreeName, folder)
    }
  }
}
