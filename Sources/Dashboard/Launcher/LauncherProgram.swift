public import RunFiles
public import TerminalUI
public import TrainingAPI
public import Wording

/// The launcher without a terminal: keys and answers in, surfaces and wishes out.
///
/// Whoever owns a terminal calls it from one thread and carries out the effects.
public final class LauncherProgram {
  private var state: LauncherState
  private var theme: Theme
  private var look: Look
  private var isDirty = true

  /// A launcher that begins with some settings.
  public init(
    asked: RunRecipe, capabilities: Capabilities, theme: Theme = .standard,
    language: Language = .english
  ) {
    // What cannot be shown is not spoken.
    let language = capabilities.glyphs == .ascii ? .english : language
    state = LauncherState(asked: asked, language: language)
    self.theme = theme
    look = Look(theme: theme, capabilities: capabilities)
  }

  /// The terminal has said more of what it can do.
  ///
  /// - Parameter theme: another one that suits it; nil keeps the one that is shown.
  public func use(_ capabilities: Capabilities, theme: Theme? = nil) {
    if let theme { self.theme = theme }
    let theme = self.theme
    look = Look(theme: theme, capabilities: capabilities)
    isDirty = true
  }

  /// Takes in what happened; returns what must be done about it.
  public func send(_ message: LauncherMessage) -> [LauncherEffect] {
    isDirty = true
    return state.update(message)
  }

  /// The screen, if it has changed since the last call.
  public func frame() -> Surface? {
    guard isDirty else { return nil }
    isDirty = false
    return state.render(look)
  }

  /// Whether something has changed that was not drawn yet.
  public var hasNews: Bool { isDirty }

  /// Looks at this machine.
  public static func host() -> LauncherMessage? { HostReport.now().map { .host($0) } }

  /// What the list says of a run.
  public static func row(of run: RunFolder) -> RunRow { RunRow(run) }
}
