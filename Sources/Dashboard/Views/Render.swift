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
    var context = DrawContext(state: self, look: look)
    if width < Self.smallest.width || height < Self.smallest.height {
      CompactView.draw(into: &surface, in: surface.bounds, context)
    } else {
      TabLine.draw(into: &surface, in: surface.bounds.row(0), context)
      let placed = panes
      // With one pane there is nothing to choose.
      if placed.count(where: { $0.pane.hasFrame }) > 1 { context.focus = focus }
      for item in placed {
        item.pane.pane.draw(into: &surface, in: item.rect, context)
        if item.pane == context.focus { mark(item.rect, into: &surface, look) }
      }
      StatusLine.draw(into: &surface, in: surface.bounds.row(height - 2), context)
      drawHints(into: &surface, in: surface.bounds.row(height - 1), context)
    }
    switch overlay {
    case .help(let scroll):
      // The keys of the screen that is shown come first; on that of the training what can be done to it.
      let first: [KeyScope] =
        screen == .train ? [.everywhere, .train] : [screen.scope, .everywhere]
      let scopes = first + KeyScope.ofDashboard.filter { !first.contains($0) }
      HelpOverlay.draw(into: &surface, scroll: scroll, scopes: scopes, context)
    case .quit: QuitOverlay.draw(into: &surface, context)
    case .rate(let editor): RateEditorOverlay.draw(into: &surface, editor, context)
    case .prompt(let prompt): PromptOverlay.draw(into: &surface, prompt, context)
    case nil: break
    }
    surface.applyBase(look.base)
    return surface
  }

  /// The frame of the chosen pane stands out.
  private func mark(_ rect: Rect, into surface: inout Surface, _ look: Look) {
    let (plain, chosen) = (look[.frame], look[.focus])
    for edge in [
      rect.row(0), rect.row(rect.height - 1),
      Rect(x: rect.x, y: rect.y, width: 1, height: rect.height),
      Rect(x: rect.right - 1, y: rect.y, width: 1, height: rect.height),
    ] {
      surface.restyle(edge) { if $0 == plain { $0 = chosen } }
    }
  }

  private func drawHints(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let hints = Keymap.hints(in: scopes).compactMap { binding -> (key: String, text: String)? in
      guard let hint = binding.hint else { return nil }
      if !controlsRun, binding.action?.changesRun == true { return nil }
      // One key of several is enough for a hint.
      let key = binding.label.split(separator: " ").first.map(String.init) ?? binding.label
      let text = binding.action == .togglePause && history.state == .paused ? .hintResume : hint
      return (key, context.say(text))
    }
    var room = Rect(x: rect.x + 1, y: rect.y, width: rect.width - 2, height: rect.height)
    let taken = SavedNote.draw(into: &surface, in: room, context)
    if taken > 0 { room.width -= taken + 2 }
    KeyHints.draw(hints, into: &surface, in: room, context.look)
  }
}

extension Action {
  /// Whether it asks something of the engine.
  var changesRun: Bool {
    switch self {
    case .togglePause, .singleStep, .evaluate, .save, .openRateEditor, .undoRate, .stop,
      .applyRate, .toggleHeatmap, .profile, .rollBack:
      true
    default: false
    }
  }
}
