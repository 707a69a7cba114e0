/// The dashboard.
public enum ScreenSentence: String, SentenceArea {
  public static let area = "screen"

  // Themes.
  case themeNotFound = "There is no theme {0}. Known: {1}."
  case themeBroken = "{0}, line {1}: expected `key = value`."
  case themeDuplicate = "{0}: {1} stands twice (an indented line continues the one above it)."
  case themeBadValue =
    "{0}: {1} cannot be {2}: expected #RRGGBB or none, on=, ansi=, ansi-on=, attr= or mono=."
  case themeCircular = "{0} builds on {1}, which builds on it."
  case themeUnknownKey = "{0}: the key {1} is unknown and was ignored."
  case themeUnknownKeyNearest =
    "{0}: the key {1} is unknown and was ignored; did you mean {2}?"
}
