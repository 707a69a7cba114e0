import Glibc
public import Wording

/// What went wrong with a file; each case carries the path and the reason.
public enum FileError: Error, Sayable, Hashable {
  case cannotOpen(path: String, reason: String)
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)
  case notARegularFile(path: String)
  case tooLarge(path: String, bytes: Int, limit: Int)
  case brokenJSON(path: String, reason: String)
  case unexpectedJSON(path: String, place: String, expected: String)
  case brokenTensorFile(path: String, reason: String)
  case tensorMissing(path: String, name: String)
  case tensorMismatch(path: String, name: String, got: String, expected: String)

  public var sentence: Sentence {
    switch self {
    case .cannotOpen(let path, let reason): Sentence(SupportSentence.cannotOpen, path, reason)
    case .cannotRead(let path, let reason): Sentence(SupportSentence.cannotRead, path, reason)
    case .cannotWrite(let path, let reason): Sentence(SupportSentence.cannotWrite, path, reason)
    case .notARegularFile(let path): Sentence(SupportSentence.notARegularFile, path)
    case .tooLarge(let path, let bytes, let limit):
      Sentence(
        SupportSentence.tooLarge, path, NumberText.bytes(bytes), NumberText.bytes(limit))
    case .brokenJSON(let path, let reason):
      Sentence(
        SupportSentence.brokenJSON, path, reason.hasSuffix(".") ? String(reason.dropLast()) : reason
      )
    case .unexpectedJSON(let path, let place, let expected):
      Sentence(SupportSentence.jsonExpected, path, place, expected)
    case .brokenTensorFile(let path, let reason):
      Sentence(SupportSentence.brokenTensorFile, path, reason)
    case .tensorMissing(let path, let name): Sentence(SupportSentence.tensorMissing, path, name)
    case .tensorMismatch(let path, let name, let got, let expected):
      Sentence(SupportSentence.tensorMismatch, path, name, got, expected)
    }
  }

  /// The words of the current `errno`.
  public static func reason() -> String { String(cString: strerror(errno)) }
}
