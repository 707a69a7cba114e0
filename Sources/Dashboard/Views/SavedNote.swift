import TerminalUI
import Wording

/// What a death now would cost: the last step whose complete state is on disk, and how old it is. It
/// stands on every screen.
enum SavedNote {
  /// Screens narrower than this show it in fewer words.
  static let fullWidth = 60

  /// - Returns: nil before the run has a plan, and where it has ended without a state.
  static func text(
    _ context: DrawContext, isShort: Bool
  ) -> (text: String, style: StyleKey)? {
    let history = context.history
    guard let durable = history.durable else {
      return history.plan == nil || history.hasEnded ? nil : (context.say(.notSaved), .faint)
    }
    if history.hasEnded { return (context.say(.savedEnded, durable.step), .faint) }
    let age = Numbers.age(context.state.now - durable.time)
    return (
      context.say(isShort ? .savedShort : .saved, durable.step, age),
      history.isSavingRefused ? .warning : .faint
    )
  }

  /// Draws it at the right of a line.
  ///
  /// - Returns: the cells that it takes.
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) -> Int {
    guard let (text, style) = text(context, isShort: rect.width < fullWidth) else { return 0 }
    let width = CharacterWidth.of(text)
    guard width <= rect.width else { return 0 }
    surface.put(text, endingAt: rect.right, rect.y, context.look[style])
    return width
  }
}
