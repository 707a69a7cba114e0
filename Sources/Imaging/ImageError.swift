public import Support
public import Wording

/// Why a picture could not be read or written; each case names the file.
public enum ImageError: Error, Sayable, Hashable {
  case file(FileError)
  case unknownFormat(path: String)
  case sizeOutOfRange(path: String, width: Int, height: Int)
  case broken(path: String, format: String, reason: String)
  case cannotEncode(format: String, reason: String)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .unknownFormat(let path): Sentence(DatasetSentence.imageUnknownFormat, path)
    case .sizeOutOfRange(let path, let width, let height):
      Sentence(
        DatasetSentence.imageSizeOutOfRange, path, width, height, ImageDecoder.maximumSide,
        ImageDecoder.maximumPixels / 1_000_000)
    case .broken(let path, let format, let reason):
      Sentence(DatasetSentence.imageBroken, path, format, reason)
    case .cannotEncode(let format, let reason):
      Sentence(DatasetSentence.imageCannotEncode, format, reason)
    }
  }
}
