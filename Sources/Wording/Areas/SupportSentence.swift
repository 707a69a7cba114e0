/// Files, numbers and values.
public enum SupportSentence: String, SentenceArea {
  public static let area = "support"

  case cannotOpen = "{0} cannot be opened: {1}."
  case cannotRead = "{0} cannot be read: {1}."
  case cannotWrite = "{0} cannot be written: {1}. Check the free space and the permissions."
  case notARegularFile = "{0} is not a regular file."
  case tooLarge = "{0} has {1}; at most {2} are read here."
  case brokenJSON = "{0} is not valid JSON: {1}."
  case jsonExpected = "{0}: {1} should be {2}."
  case brokenTensorFile = "{0} is not a readable file of tensors: {1}."
  case tensorMissing = "{0} has no tensor {1}."
  case tensorMismatch = "{0}: tensor {1} is {2}, expected {3}."
}
