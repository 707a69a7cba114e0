public import Datasets
public import Execution
public import Export
public import Nets
public import RunFiles
public import Support
public import Wording

/// Why a training cannot start or go on.
public enum TrainingError: Error, Sayable {
  case dataset(DatasetError)
  case net(NetError)
  case execution(ExecutionError)
  case graphics(Sentence)
  case file(FileError)
  case run(RunError)
  case export(ExportError)
  case datasetNotGiven
  case precisionUnknown(name: String, device: String)
  case lossNotFinite(step: Int, recoveries: Int, place: String, samples: String)
  case stateUnknown(path: String)
  case logNotCut
  case cannotGoBack(reason: Sentence)
  case nothingFits(path: String, unused: String)
  case memoryTooSmall(needed: Int, available: Int, ways: String)
  case notLearned(fault: Sentence)
  case said(Sentence)
  case modelUnknown(path: String)
  case weightsIncomplete(path: String, model: String, missing: [String])

  public var sentence: Sentence {
    switch self {
    case .dataset(let error): error.sentence
    case .net(let error): error.sentence
    case .execution(let error): error.sentence
    case .graphics(let reason): reason
    case .file(let error): error.sentence
    case .run(let error): error.sentence
    case .export(let error): error.sentence
    case .datasetNotGiven: Sentence(EngineSentence.datasetNotGiven)
    case .precisionUnknown(let name, let device):
      Sentence(EngineSentence.precisionUnknown, name, device)
    case .memoryTooSmall(let needed, let available, let ways):
      Sentence(
        EngineSentence.memoryTooSmall, NumberText.bytes(needed), NumberText.bytes(available), ways)
    case .notLearned(let fault): fault
    case .nothingFits(let path, let unused):
      Sentence(EngineSentence.weightsFitNothing, path, unused)
    case .said(let sentence): sentence
    case .modelUnknown(let path):
      Sentence(EngineSentence.modelUnknown, UntrustedText.clean(path))
    case .weightsIncomplete(let path, let model, let missing):
      Sentence(
        EngineSentence.weightsIncomplete, UntrustedText.clean(path), model, missing.count,
        missing.prefix(4).joined(separator: ", "))
    case .lossNotFinite(let step, let recoveries, let place, let samples):
      Sentence(EngineSentence.lossNotFinite, step, recoveries, place, samples)
    case .stateUnknown(let path): Sentence(EngineSentence.stateUnknown, path)
    case .cannotGoBack(let reason): Sentence(EngineSentence.cannotGoBack, reason)
    case .logNotCut: Sentence(EngineSentence.logNotCut)
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
