public import Datasets
public import Execution
public import Nets
public import RunFiles
public import Support
public import Wording

/// Why a training cannot start or go on.
public enum TrainingError: Error, Sayable {
  case dataset(DatasetError)
  case net(NetError)
  case execution(ExecutionError)
  case file(FileError)
  case run(RunError)
  case datasetNotGiven
  case lossNotFinite(step: Int, samples: String)
  case nothingFits(path: String, unused: String)

  public var sentence: Sentence {
    switch self {
    case .dataset(let error): error.sentence
    case .net(let error): error.sentence
    case .execution(let error): error.sentence
    case .file(let error): error.sentence
    case .run(let error): error.sentence
    case .datasetNotGiven: Sentence(EngineSentence.datasetNotGiven)
    case .nothingFits(let path, let unused):
      Sentence(EngineSentence.weightsFitNothing, path, unused)
    case .lossNotFinite(let step, let samples):
      Sentence(EngineSentence.lossNotFinite, step, samples)
    }
  }
}

/// Runs a body that fails in one module's way, and makes its failure one of the training's.
func wrapping<Value, Failure: Error>(
  _ wrap: (Failure) -> TrainingError, _ body: () throws(Failure) -> Value
) throws(TrainingError) -> Value {
  do throws(Failure) {
    return try body()
  } catch {
    throw wrap(error)
  }
}
