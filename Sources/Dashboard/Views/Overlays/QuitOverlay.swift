import TerminalUI
import Wording

/// The menu before leaving: nothing is ever ended by accident.
enum QuitOverlay {
  static func draw(into surface: inout Surface, _ context: DrawContext) {
    let bindings = Keymap.bindings.filter { $0.scope == .quitMenu }
    let lines = bindings.map { binding in
      let key = binding.label.split(separator: " ").first.map(String.init) ?? binding.label
      return (key: key, text: context.say(binding.help))
    }
    if surface.height < lines.count + 2 || surface.width < 24 {
      // No room for a menu: the keys alone.
      let row = Rect(x: 0, y: surface.height - 1, width: surface.width, height: 1)
      surface.fill(row)
      surface.put(context.say(.quitShort), 0, row.y, context.look[.staged])
      return
    }
    let width = lines.map { 6 + CharacterWidth.of($0.text) }.max() ?? 0
    let inside = Popup(context.say(.quitTitle))
      .draw(into: &surface, width: width, height: lines.count, context.look)
    for (row, line) in lines.enumerated() {
      surface.put(line.key, inside.x, inside.y + row, context.look[.key], limit: inside.width)
      surface.put(
        line.text, inside.x + 6, inside.y + row, context.look[.text],
        limit: max(0, inside.width - 6))
    }
  }
}
