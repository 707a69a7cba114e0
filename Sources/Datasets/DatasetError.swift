public import Imaging
public import Support
public import Wording

/// Why a data set cannot be used; each case names the path.
public enum DatasetError: Error, Sayable, Hashable {
  case file(FileError)
  case image(ImageError)
  case folderMissing(path: String)
  case formatUnknown(path: String, isFolder: Bool)
  case unexpectedJSON(path: String, place: String, expected: String, got: String)
  case noKeypointCategory(path: String)
  case picturesMissing(path: String, example: String, folders: [String])
  case noUsableRecord(path: String, records: Int, cause: Sentence?)
  case splitTooSmall(path: String, images: Int)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .image(let error): error.sentence
    case .folderMissing(let path): Sentence(DatasetSentence.folderMissing, path)
    case .formatUnknown(let path, let isFolder):
      Sentence(
        isFolder ? DatasetSentence.formatUnknown : DatasetSentence.fileFormatUnknown, path)
    case .unexpectedJSON(let path, let place, let expected, let got):
      Sentence(DatasetSentence.jsonExpected, path, place, expected, got)
    case .noKeypointCategory(let path): Sentence(DatasetSentence.noKeypointCategory, path)
    case .picturesMissing(let path, let example, let folders):
      Sentence(
        DatasetSentence.picturesMissing, path, example, folders.joined(separator: ", "))
    case .noUsableRecord(let path, let records, let cause):
      if let cause {
        Sentence(DatasetSentence.noUsableRecord, path, records, cause.text())
      } else {
        Sentence(DatasetSentence.noRecord, path)
      }
    case .splitTooSmall(let path, let images):
      Sentence(DatasetSentence.splitTooSmall, path, images)
    }
  }
}
