import Support
import TerminalUI
import Wording

/// The line in which a command or a search is typed, above the key hints.
enum PromptOverlay {
  static func draw(into surface: inout Surface, _ prompt: Prompt, _ context: any ScreenContext) {
    let y = max(0, surface.height - 2)
    let row = Rect(x: 0, y: y, width: surface.width, height: 1)
    surface.fill(row)
    let sign = prompt.kind.sign
    let cursor = context.isASCII ? "_" : "▁"
    var text = UntrustedText.clean(prompt.text, limit: Prompt.limit)
    // The end of a long line is what is being typed.
    let room = max(1, surface.width - 3 - CharacterWidth.of(sign))
    while CharacterWidth.of(text) > room { text.unicodeScalars.removeFirst() }
    var x = 1
    x += surface.put(sign, x, y, context.look[.key])
    x += surface.put(text, x, y, context.look[prompt.isSuggestion ? .faint : .staged])
    x += surface.put(cursor, x, y, context.look[.staged])
    guard prompt.kind != .search, y > 0 else { return }
    let note =
      prompt.candidates.isEmpty
      ? (prompt.text.isEmpty && prompt.kind == .command ? context.say(.promptExamples) : "")
      : prompt.candidates.joined(separator: "  ")
    guard !note.isEmpty, x + 3 < surface.width else { return }
    surface.put(
      context.fit(note, surface.width - x - 3), x + 2, y,
      context.look[prompt.candidates.isEmpty ? .faint : .text])
  }
}
