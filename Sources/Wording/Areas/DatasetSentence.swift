/// Data sets, pictures and loaders.
public enum DatasetSentence: String, SentenceArea {
  public static let area = "dataset"

  case internalFault = "{0}"
}
