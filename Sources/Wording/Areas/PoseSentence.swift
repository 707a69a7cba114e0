/// Keypoint schemas and metrics.
public enum PoseSentence: String, SentenceArea {
  public static let area = "pose"

  case internalFault = "{0}"
}
