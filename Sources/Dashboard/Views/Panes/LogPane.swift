import Support
import TerminalUI
import Wording

/// The whole log, or the engine's own output, from the newest line upwards.
enum LogPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let state = context.state
    let view = state.logView
    var notes: [(text: String, style: StyleKey)] = []
    if !view.search.isEmpty {
      notes.append(("/\(UntrustedText.clean(view.search, limit: 60))", .staged))
    }
    let count = state.logCount
    notes.append((context.say(.logLines, count), .faint))
    let inside = Frame(
      context.say(view.showsOutput ? .paneOutput : .paneLog), notes: notes
    ).draw(into: &surface, in: rect, context.look).inset(1, 0)
    guard count > 0 else {
      context.center(context.say(.logEmpty), into: &surface, in: inside, .faint)
      return
    }
    let last = max(0, count - 1 - view.offset)
    let first = max(0, last - inside.height + 1)
    for (row, index) in (first...last).prefix(inside.height).enumerated() {
      let y = inside.y + row
      if view.showsOutput {
        surface.put(
          context.fit(view.output[index], inside.width), inside.x, y, context.look[.text])
      } else {
        EventsPane.draw(
          context.history.log[index], into: &surface, x: inside.x, y: y, limit: inside.width,
          context)
      }
      guard !view.search.isEmpty,
        state.logText(index).lowercased().contains(view.search.lowercased())
      else { continue }
      surface.restyle(Rect(x: inside.x, y: y, width: inside.width, height: 1)) { style in
        style = context.look[.staged]
      }
    }
  }
}
