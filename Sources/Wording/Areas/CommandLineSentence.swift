/// The command line.
public enum CommandLineSentence: String, SentenceArea {
  public static let area = "command"

  case internalFault = "{0}"
}
