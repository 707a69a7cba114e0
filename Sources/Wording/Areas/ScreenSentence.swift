/// The dashboard.
public enum ScreenSentence: String, SentenceArea {
  public static let area = "screen"

  case internalFault = "{0}"
}
