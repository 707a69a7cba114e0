/// How many colours a terminal has, from its description and the environment.
public enum ColorDetection {
  /// Terminals that show exact colours, whatever their descriptions say.
  private static let exact = [
    "xterm-kitty", "xterm-ghostty", "ghostty", "wezterm", "alacritty", "foot", "contour",
  ]

  /// The depth to draw with.
  ///
  /// - Parameters:
  ///   - asked: what the user asked for; nil leaves the choice here.
  ///   - described: colours in the terminal's description.
  ///   - term: the name under which the terminal was opened.
  ///   - knowsSequences: whether ANSI's sequences are understood.
  ///   - environment: reads a variable; nil for one that is not set.
  public static func depth(
    asked: ColorDepth?, described: Int, term: String, knowsSequences: Bool,
    environment: (String) -> String?
  ) -> ColorDepth {
    let byDescription: ColorDepth =
      described >= 256
      ? .colors256 : described >= 16 ? .colors16 : described >= 8 ? .colors8 : .mono
    if let asked {
      // More than the description knows can only be written by hand.
      return asked == .direct
        ? (knowsSequences ? .direct : byDescription) : min(asked, byDescription)
    }
    if environment("NO_COLOR") != nil { return .mono }
    guard knowsSequences, described >= 256 else { return byDescription }
    // GNU screen hands the variable on from the terminal around it and shows no exact colour.
    if term.hasPrefix("screen"), environment("TMUX") == nil { return byDescription }
    let says = environment("COLORTERM") ?? ""
    let name = environment("TERM") ?? ""
    let isExact =
      says == "truecolor" || says == "24bit" || name.hasSuffix("-direct")
      || exact.contains { name.hasPrefix($0) }
    return isExact ? .direct : byDescription
  }
}
