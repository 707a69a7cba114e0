public import Support
public import Wording

/// Why a picture could not be read or written; each case names the file.
public enum ImageError: Error, Sayable, Hashable {
  case file(FileError)
  case unknownFormat(path: String)
  case sizeOutOfRange(path: String, width: Int, height: Int)
  case broken(path: String, format: String, reason: String)
  case cannotEncode(format: String, reason: String)
  case setAside(path: String)

  public var sentence: Sentence {
    switch self {
    case .file(let error): error.sentence
    case .unknownFormat(let path):
      Sentence(DatasetSentence.imageUnknownFormat, UntrustedText.clean(path))
    case .sizeOutOfRange(let path, let width, let height):
      Sentence(
        DatasetSentence.imageSizeOutOfRange, UntrustedText.clean(path), width, height,
        ImageDecoder.maximumSide,
        ImageDecoder.maximumPixels / 1_000_000)
    case .broken(let path, let format, let reason):
      Sentence(
        DatasetSentence.imageBroken, UntrustedText.clean(path), format, UntrustedText.clean(reason))
    case .setAside(let path):
      Sentence(DatasetSentence.imageSetAside, UntrustedText.clean(path))
    case .cannotEncode(let format, let reason):
      Sentence(DatasetSentence.imageCannotEncode, format, UntrustedText.clean(reason))
    }
  }
}
