public import Support
public import Wording

/// Why a model cannot be exported.
public enum ExportError: Error, Sayable, Hashable {
  case file(FileError)
  case opUnknown(name: String, layer: String)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .opUnknown(let name, let layer): Sentence(EngineSentence.exportOpUnknown, name, layer)
    }
  }
}
