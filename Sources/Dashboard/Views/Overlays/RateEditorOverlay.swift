import Support
import TerminalUI
import TrainingAPI
import Wording

/// The strip in which a change of the learning rate is prepared.
enum RateEditorOverlay {
  static func draw(into surface: inout Surface, _ editor: RateEditor, _ context: DrawContext) {
    let history = context.history
    guard surface.height >= 9, surface.width >= 30 else {
      let row = Rect(x: 0, y: surface.height - 1, width: surface.width, height: 1)
      surface.fill(row)
      surface.put(
        context.say(.editorShort, editor.text), 0, row.y,
        context.look[editor.complaint == nil ? .staged : .bad])
      return
    }
    // A curve of what the rate would become, where there is room.
    let preview = surface.height >= 18 && history.plan?.plannedRates.isEmpty == false ? 7 : 0
    let inside = Popup(context.say(.paneRate), note: context.say(.editorKeys))
      .draw(into: &surface, width: 56, height: 7 + preview, context.look)
    if preview > 0 {
      RatePane.curve(
        into: &surface,
        in: Rect(x: inside.x, y: inside.y + 7, width: inside.width, height: preview), context,
        staged: editor.complaint == nil ? editor.value.map { ($0, editor.mode) } : nil)
    }
    func line(_ row: Int, _ label: ScreenSentence, _ text: String, _ style: StyleKey = .text) {
      guard row < inside.height else { return }
      let y = inside.y + row
      let labelWidth = 9
      surface.put(context.say(label), inside.x, y, context.look[.faint], limit: labelWidth)
      surface.put(
        context.fit(text, inside.width - labelWidth), inside.x + labelWidth, y,
        context.look[style])
    }
    let now = history.learningRate
    line(
      0, .editorNow,
      "\(now.map(Numbers.rate) ?? "-")   (\(RatePane.schedule(context)))")
    let cursor = context.isASCII ? "_" : "▁"
    var change = ""
    if let now, now > 0, let value = editor.value, editor.complaint == nil {
      change =
        abs(value / now - 1) < 0.02
        ? "" : "   " + Numbers.factor(value / now, ascii: context.isASCII)
    }
    line(1, .editorNew, "\(editor.text)\(cursor)\(change)", .staged)
    line(2, .editorChange, context.say(.editorFactors))
    let modes = RateMode.allCases.map { mode in
      "\(mode == editor.mode ? "(x)" : "( )") \(context.say(word(mode)))"
    }
    line(3, .editorThen, modes.joined(separator: " "), .text)
    line(4, .editorLast, edits(context))
    line(5, .editorEffect, context.say(.editorEffectText))
    if let complaint = editor.complaint {
      line(6, .editorStaged, context.say(complaint), .bad)
    } else {
      line(6, .editorStaged, context.say(.editorNothingYet), .staged)
    }
  }

  private static func word(_ mode: RateMode) -> ScreenSentence {
    switch mode {
    case .scale: .modeScale
    case .hold: .modeHold
    case .anew: .modeAnew
    }
  }

  /// The last edits: `×.5 @3400  3.00e-4 @0`.
  private static func edits(_ context: DrawContext) -> String {
    let edits = context.history.rateEdits.suffix(3).reversed()
    if edits.isEmpty { return context.say(.edits, 0) }
    return edits.map { "\(Numbers.rate($0.to)) @\($0.step)" }.joined(separator: "  ")
  }
}
