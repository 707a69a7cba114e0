/// Models, plans, backends and the training loop.
public enum EngineSentence: String, SentenceArea {
  public static let area = "engine"

  case internalFault = "{0}"
}
