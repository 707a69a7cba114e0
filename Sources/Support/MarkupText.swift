/// Text in HTML and SVG.
public enum MarkupText {
  /// The text with nothing left that a page could take for markup, or a terminal for a command.
  public static func escaped(_ text: String) -> String {
    var result = ""
    for character in UntrustedText.clean(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
