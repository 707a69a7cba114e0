import Support
import TerminalUI
import TrainingAPI
import Wording

/// The metrics of each epoch that are better when higher.
enum MetricsPane: Pane {
  /// Two are enough for one pair of axes; the first is the one that decides where it is there.
  private static let names = ["AP", "PCK@0.1", "PCK@0.2"]

  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let epochs = context.history.epochs
    let axis = ChartAxis(context.state)
    let styles: [StyleKey] = [.validation, .train]
    let available = names.filter { name in
      epochs.contains { $0.metric(name)?.isFinite == true }
    }.prefix(2)
    var notes: [(text: String, style: StyleKey)] = []
    var series: [ChartSeries] = []
    for (name, style) in zip(available, styles) {
      let points = epochs.map {
        ChartPoint(x: axis.x($0.step), value: $0.metric(name) ?? .nan)
      }
      series.append(ChartSeries(points, line: style == .train ? .solid : .dashed, style: style))
      let last = points.last?.value ?? .nan
      let line =
        style == .train ? context.look.symbols.lines.solid : context.look.symbols.lines.dashed
      notes.append(("\(name) \(line) \(NumberText.fixed(last, 3))", style))
    }
    let inside = Frame(context.say(.paneMetrics), notes: notes, footer: best(context))
      .draw(into: &surface, in: rect, context.look)
    guard !series.isEmpty else {
      context.center(context.say(.waitingForEpoch), into: &surface, in: inside, .faint)
      return
    }
    LineChart(series, horizontal: axis.range, unit: axis.unit, cursor: axis.cursor)
      .draw(into: &surface, in: inside, context.look)
  }

  private static func best(_ context: DrawContext) -> String {
    guard let best = context.history.best, let plan = context.history.plan else { return "" }
    let name = UntrustedText.clean(plan.bestMetric, limit: 20)
    guard let value = best.metric(plan.bestMetric) else {
      return context.say(.bestEpoch, best.epoch)
    }
    return context.say(.bestMetric, name, NumberText.fixed(value, 3), best.epoch)
  }
}
