import Support
import TerminalUI
import TrainingAPI
import Wording

/// The learning rate so far, within the run's whole length.
enum RatePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    var notes: [(text: String, style: StyleKey)] = []
    if let rate = history.learningRate { notes = [(Numbers.rate(rate), .rate)] }
    let inside = Frame(context.say(rect.width < 28 ? .paneRateShort : .paneRate), notes: notes)
      .draw(into: &surface, in: rect, context.look)
    guard inside.height >= 2 else { return }
    let canEdit = context.state.controlsRun && history.plan != nil
    let lines = inside.height >= 4 && canEdit ? 2 : 1
    curve(
      into: &surface,
      in: Rect(
        x: inside.x + 1, y: inside.y, width: inside.width - 2, height: inside.height - lines),
      context)
    guard history.plan != nil else { return }
    let y = inside.bottom - lines
    surface.put(
      context.fit(schedule(context), inside.width - 2), inside.x + 1, y, context.look[.text])
    if lines == 2 {
      KeyHints.draw(
        [("u", context.say(.hintUndo)), ("e", context.say(.hintEdit))], into: &surface,
        in: Rect(x: inside.x + 1, y: y + 1, width: inside.width - 2, height: 1), context.look)
    }
  }

  /// The rate so far, and how it will go on; with a change that is staged, also how it would.
  static func curve(
    into surface: inout Surface, in rect: Rect, _ context: DrawContext,
    staged: (value: Double, mode: RateMode)? = nil
  ) {
    let history = context.history
    let last = max(history.plan?.totalSteps ?? 0, history.step, 1)
    var series = [ChartSeries(history.rate.points { Double($0) }, style: .rate)]
    if let projection = RateProjection(history) {
      series.insert(
        ChartSeries(points(projection, from: history.step, to: last), line: .ranges, style: .track),
        at: 0)
    }
    if let staged, let projection = RateProjection(history, staged: staged) {
      series.append(
        ChartSeries(
          points(projection, from: history.step, to: last), line: .solid, style: .staged))
    }
    let curves = Curves(context.state, isASCII: context.isASCII)
    let marks = context.state.chart.axis == .steps ? curves.edits : []
    LineChart(
      series, marks: marks, horizontal: 0...Double(last),
      cursor: context.state.chart.cursor.map { Double($0) }
    )
    .draw(into: &surface, in: rect, context.look)
  }

  private static func points(
    _ projection: RateProjection, from step: Int, to last: Int
  ) -> [ChartPoint] {
    let (first, last) = (Double(max(1, step)), Double(last))
    guard last > first else { return [] }
    return (0...96).map { index in
      let at = first + (last - first) * Double(index) / 96
      return ChartPoint(x: at, value: projection.rate(atStep: at))
    }
  }

  /// `cosine, 1 edit`; without an edit only the schedule.
  static func schedule(_ context: DrawContext) -> String {
    let recipe = context.history.plan?.recipe
    let name = UntrustedText.clean(recipe?["schedule"]?.string ?? "", limit: 30)
    let edits = context.history.rateEdits.count
    if edits == 0, !name.isEmpty { return name }
    let count = edits == 1 ? context.say(.oneEdit) : context.say(.edits, edits)
    return name.isEmpty ? count : "\(name), \(count)"
  }
}
