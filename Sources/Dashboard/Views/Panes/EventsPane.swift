import Support
import TerminalUI
import TrainingAPI
import Wording

/// The newest lines of the log.
enum EventsPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let inside = Frame(context.say(.paneLog)).draw(into: &surface, in: rect, context.look)
    let lines = context.history.log.suffix(inside.height)
    for (row, line) in lines.enumerated() {
      draw(
        line, into: &surface, x: inside.x + 1, y: inside.y + row, limit: inside.width - 2, context)
    }
  }

  /// Draws one line: time, tag, words; returns the cells that it took.
  @discardableResult
  static func draw(
    _ line: LogLine, into surface: inout Surface, x: Int, y: Int, limit: Int,
    _ context: DrawContext
  ) -> Int {
    guard limit > 0 else { return 0 }
    let time = Numbers.clock(line.time, offset: context.state.clockOffset)
    var used = surface.put(time, x, y, context.look[.faint], limit: limit) + 1
    used += surface.put(
      context.say(line.tag), x + used, y, context.look[line.style], limit: max(0, limit - used))
    used += 1
    let text = context.fit(context.say(line.sentence), max(0, limit - used))
    used += surface.put(text, x + used, y, context.look[.text])
    return min(used, limit)
  }
}
