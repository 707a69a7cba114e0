import TerminalUI
import Wording

/// All keys, from the one table.
enum HelpOverlay {
  /// Explains the keys of some scopes, in that order.
  static func draw(
    into surface: inout Surface, scroll: Int, scopes: [KeyScope], _ context: any ScreenContext
  ) {
    let lines = lines(scopes, context)
    let labelWidth = lines.map { CharacterWidth.of($0.label) }.max() ?? 0
    let textWidth = lines.map { CharacterWidth.of($0.text) }.max() ?? 0
    // Two columns of keys where that lets everything be seen at once.
    let column = labelWidth + 2 + textWidth
    let available = max(1, surface.height - 4)
    let wantsTwo = lines.count > available && surface.width >= 2 * column + 8
    let perColumn = wantsTwo ? (lines.count + 1) / 2 : lines.count
    let height = min(perColumn, available)
    let first = min(scroll, max(0, perColumn - height))
    let note = perColumn > height ? context.say(.helpMore) : context.say(.helpLeave)
    let inside = Popup(context.say(.helpTitle), note: note).draw(
      into: &surface, width: wantsTwo ? 2 * column + 3 : column, height: height, context.look)
    for (index, line) in lines.enumerated() {
      let row = index % perColumn - first
      guard row >= 0, row < inside.height else { continue }
      let x = inside.x + index / perColumn * (column + 3)
      let limit = max(0, inside.right - x)
      if line.isTitle {
        surface.put(line.text, x, inside.y + row, context.look[.focus], limit: limit)
      } else {
        surface.put(line.label, x, inside.y + row, context.look[.key], limit: limit)
        surface.put(
          line.text, x + labelWidth + 2, inside.y + row, context.look[.text],
          limit: max(0, limit - labelWidth - 2))
      }
    }
  }

  /// A title and its keys for each scope, with a blank line between them; keys that do the same thing
  /// one way and the other stand in one line.
  private static func lines(
    _ scopes: [KeyScope], _ context: any ScreenContext
  ) -> [(label: String, text: String, isTitle: Bool)] {
    var lines: [(label: String, text: String, isTitle: Bool)] = []
    for scope in scopes {
      let bindings = Keymap.bindings.filter { $0.scope == scope }
      if bindings.isEmpty { continue }
      if !lines.isEmpty { lines.append((label: "", text: "", isTitle: true)) }
      lines.append((label: "", text: context.say(key: scope.title), isTitle: true))
      var last: KeySentence?
      for binding in bindings {
        if binding.help == last {
          lines[lines.count - 1].label += " \(binding.label)"
        } else {
          lines.append((label: binding.label, text: context.say(binding.help), isTitle: false))
        }
        last = binding.help
      }
    }
    return lines
  }
}
