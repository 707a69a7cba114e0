public import Imaging
public import Support
public import Wording

/// Why a drawn data set could not be written.
public enum FigureError: Error, Sayable, Hashable {
  case file(FileError)
  case image(ImageError)
  case folderNotEmpty(path: String)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .image(let error): error.sentence
    case .folderNotEmpty(let path): Sentence(DatasetSentence.figuresFolderNotEmpty, path)
    }
  }
}
