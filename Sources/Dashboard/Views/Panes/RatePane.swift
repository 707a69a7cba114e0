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

  /// The rate so far, and before it was trained what the schedule plans.
  static func curve(
    into surface: inout Surface, in rect: Rect, _ context: DrawContext, staged: Double? = nil
  ) {
    let history = context.history
    let last = Double(max(history.plan?.totalSteps ?? 0, history.step, 1))
    var series = [ChartSeries(history.rate.points { Double($0) }, style: .rate)]
    let planned = planned(history, factor: 1)
    if !planned.isEmpty { series.insert(ChartSeries(planned, line: .ranges, style: .track), at: 0) }
    if let staged, let now = history.learningRate, now > 0 {
      series.append(
        ChartSeries(self.planned(history, factor: staged / now), line: .solid, style: .staged))
    }
    let curves = Curves(context.state, isASCII: context.isASCII)
    let marks = context.state.chart.axis == .steps ? curves.edits : []
    LineChart(
      series, marks: marks, horizontal: 0...last,
      cursor: context.state.chart.cursor.map { Double($0) }
    )
    .draw(into: &surface, in: rect, context.look)
  }

  /// What the schedule will ask for from now on, times the edits so far and a factor.
  private static func planned(_ history: RunHistory, factor: Double) -> [ChartPoint] {
    guard let plan = history.plan, plan.plannedRates.count > 1, !history.hasEnded else { return [] }
    let rates = plan.plannedRates
    let length = Double(max(1, plan.totalSteps - 1)) / Double(rates.count - 1)
    func scheduled(_ step: Int) -> Double {
      let place = min(Double(rates.count - 1), max(0, Double(step - 1) / length))
      let left = Int(place)
      let right = min(rates.count - 1, left + 1)
      return rates[left] + (rates[right] - rates[left]) * (place - Double(left))
    }
    let now = max(1, history.step)
    guard let rate = history.learningRate, scheduled(now) > 0 else { return [] }
    let scale = rate / scheduled(now) * factor
    return [ChartPoint(x: Double(now), value: scheduled(now) * scale)]
      + rates.indices.compactMap { index in
        let step = 1 + Double(index) * length
        return step > Double(now) ? ChartPoint(x: step, value: rates[index] * scale) : nil
      }
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
