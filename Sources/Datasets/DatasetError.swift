public import Imaging
public import Support
public import Wording

/// Why a data set cannot be used; each case names the path.
public enum DatasetError: Error, Sayable, Hashable {
  case file(FileError)
  case image(ImageError)
  case folderMissing(path: String)
  case formatUnknown(path: String, isFolder: Bool)
  case noKeypointCategory(path: String)
  case picturesMissing(path: String, example: String, folders: [String])
  case noUsableRecord(path: String, records: Int, cause: Sentence?)
  case fractions(path: String)
  case splitTooSmall(path: String, images: Int)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .image(let error): error.sentence
    case .folderMissing(let path):
      Sentence(DatasetSentence.folderMissing, UntrustedText.clean(path))
    case .formatUnknown(let path, let isFolder):
      Sentence(
        isFolder ? DatasetSentence.formatUnknown : DatasetSentence.fileFormatUnknown,
        UntrustedText.clean(path))
    case .noKeypointCategory(let path):
      Sentence(DatasetSentence.noKeypointCategory, UntrustedText.clean(path))
    case .picturesMissing(let path, let example, let folders):
      Sentence(
        DatasetSentence.picturesMissing, UntrustedText.clean(path), UntrustedText.clean(example),
        UntrustedText.clean(folders.joined(separator: ", ")))
    case .noUsableRecord(let path, let records, let cause):
      if let cause {
        Sentence(DatasetSentence.noUsableRecord, UntrustedText.clean(path), records, cause.text())
      } else {
        Sentence(DatasetSentence.noRecord, UntrustedText.clean(path))
      }
    case .fractions(let path): Sentence(DatasetSentence.fractions, UntrustedText.clean(path))
    case .splitTooSmall(let path, let images):
      Sentence(DatasetSentence.splitTooSmall, UntrustedText.clean(path), images)
    }
  }
}
