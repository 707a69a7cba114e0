/// Run folders, the keeper, attaching and commands.
public enum RunSentence: String, SentenceArea {
  public static let area = "run"

  case commandEmpty = "No command was given: say what to do, such as lr 1e-4, pause or stop."
  case commandUnknown = "There is no command {0}."
  case commandUnknownNearest = "There is no command {0}; did you mean {1}?"
  case commandArgument = "The command {0} wants {1} after it."
  case commandBadRate = "{0} is no learning rate: give a positive number (3e-4) or a factor (x0.5)."
  case recipeUnknown = "There is no setting {0}."
  case recipeUnknownNearest = "There is no setting {0}; did you mean {1}?"
  case recipeBadValue = "{0} cannot be {1}: it must be {2}."
  case recipeNotAnObject = "A recipe must be a JSON object with the option names as keys."
}
