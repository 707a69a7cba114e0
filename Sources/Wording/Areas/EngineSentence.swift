/// Models, plans, backends and the training loop.
public enum EngineSentence: String, SentenceArea {
  public static let area = "engine"

  case outOfMemory =
    "The memory does not suffice: {0} are wanted at once. Take a smaller --batch or --input."
  case lossDoesNotFit =
    "The loss {0} does not fit the model {1}: heatmap models want a heatmap loss."
  case inputNotDivisible =
    "The input {0} does not fit this model: both extents must be multiples of {1}."
  case unknownChoice = "There is no {0} {1}."
  case unknownChoiceNearest = "There is no {0} {1}; did you mean {2}?"
}
