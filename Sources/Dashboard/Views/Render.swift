public import TerminalUI
import TrainingAPI
import Wording

extension DashboardState {
  /// Below this there is one line, or a few.
  static let smallest = (width: 40, height: 10)

  /// Draws the whole screen. Every size has a picture; nothing is ever refused.
  public func render(_ look: Look) -> Surface {
    var surface = Surface(width: width, height: height, glyphs: look.capabilities.glyphs)
    guard width > 0, height > 0 else { return surface }
    let context = DrawContext(state: self, look: look)
    if width < Self.smallest.width || height < Self.smallest.height {
      CompactView.draw(into: &surface, in: surface.bounds, context)
    } else {
      TabLine.draw(into: &surface, in: surface.bounds.row(0), context)
      let body = Rect(x: 0, y: 1, width: width, height: height - 3)
      screen.view.draw(into: &surface, in: body, context)
      StatusLine.draw(into: &surface, in: surface.bounds.row(height - 2), context)
      drawHints(into: &surface, in: surface.bounds.row(height - 1), context)
    }
    switch overlay {
    case .help(let scroll): HelpOverlay.draw(into: &surface, scroll: scroll, context)
    case .quit: QuitOverlay.draw(into: &surface, context)
    case .rate(let editor): RateEditorOverlay.draw(into: &surface, editor, context)
    case nil: break
    }
    return surface
  }

  private func drawHints(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let hints = Keymap.hints(in: scopes).compactMap { binding -> (key: String, text: String)? in
      guard let hint = binding.hint else { return nil }
      if isReadOnly || history.hasEnded, binding.action?.changesRun == true { return nil }
      // One key of several is enough for a hint.
      let key = binding.label.split(separator: " ").first.map(String.init) ?? binding.label
      let text = binding.action == .togglePause && history.state == .paused ? .hintResume : hint
      return (key, context.say(text))
    }
    KeyHints.draw(
      hints, into: &surface,
      in: Rect(x: rect.x + 1, y: rect.y, width: rect.width - 2, height: rect.height), context.look)
  }
}

extension Action {
  /// Whether it asks something of the engine.
  var changesRun: Bool {
    switch self {
    case .togglePause, .save, .openRateEditor, .undoRate, .stop, .applyRate: true
    default: false
    }
  }
}
