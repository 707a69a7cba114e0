import Support
import TerminalUI
import TrainingAPI
import Wording

/// The learning rate so far, within the run's whole length.
enum RatePane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    guard !rect.isEmpty else { return }
    let history = context.history
    var notes: [(text: String, style: StyleKey)] = []
    if let rate = history.learningRate { notes = [(Numbers.rate(rate), .rate)] }
    let inside = Frame(context.say(rect.width < 28 ? .paneRateShort : .paneRate), notes: notes)
      .draw(into: &surface, in: rect, context.look)
    guard inside.height >= 2 else { return }
    let canEdit = !history.hasEnded && !context.state.isReadOnly
    let lines = inside.height >= 4 && canEdit ? 2 : 1
    curve(
      into: &surface,
      in: Rect(
        x: inside.x + 1, y: inside.y, width: inside.width - 2, height: inside.height - lines),
      context)
    let y = inside.bottom - lines
    surface.put(
      context.fit(schedule(context), inside.width - 2), inside.x + 1, y, context.look[.text])
    if lines == 2 {
      KeyHints.draw(
        [("u", context.say(.hintUndo)), ("e", context.say(.hintEdit))], into: &surface,
        in: Rect(x: inside.x + 1, y: y + 1, width: inside.width - 2, height: 1), context.look)
    }
  }

  static func curve(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    let last = Double(max(history.plan?.totalSteps ?? 0, history.step, 1))
    LineChart(
      [ChartSeries(history.rate.points { Double($0) }, style: .rate)],
      marks: LossPane.marks(context) { Double($0) }, isLogarithmic: false, horizontal: 0...last
    ).draw(into: &surface, in: rect, context.look)
  }

  /// `cosine, 1 edit`
  static func schedule(_ context: DrawContext) -> String {
    let recipe = context.history.plan?.recipe
    let name = UntrustedText.clean(recipe?["schedule"]?.string ?? "", limit: 30)
    let edits = context.history.rateEdits.count
    let count = edits == 1 ? context.say(.oneEdit) : context.say(.edits, edits)
    return name.isEmpty ? count : "\(name), \(count)"
  }
}
