import Support
import TerminalUI
import TrainingAPI
import Wording

/// The loss of training and validation over the whole run.
enum LossPane {
  /// What the axis covers when it shows only the newest steps.
  private static let newestSteps = 500.0

  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    let inside = Frame(context.say(.paneLoss), notes: notes(context), footer: footer(context))
      .draw(into: &surface, in: rect, context.look)
    guard !history.loss.isEmpty else {
      waiting(into: &surface, in: inside, context)
      return
    }
    let perEpoch = Double(max(1, history.plan?.stepsPerEpoch ?? 1))
    let axis = context.state.chart.axis
    func x(_ step: Int) -> Double { axis == .epochs ? Double(step) / perEpoch : Double(step) }
    let raw = axis == .newest ? history.loss.recentPoints(x: x) : history.loss.points(x: x)
    let factor = context.state.chart.factor
    var series: [ChartSeries] = []
    if factor > 0 {
      series.append(ChartSeries(raw, line: .ranges, style: .trainRaw))
      series.append(ChartSeries(SeriesStore.smoothed(raw, factor: factor), style: .train))
    } else {
      series.append(ChartSeries(raw, style: .train))
    }
    let validation = history.epochs.map {
      ChartPoint(x: x($0.step), value: $0.validationLoss)
    }
    series.append(ChartSeries(validation, line: .dashed, style: .validation))
    let first = axis == .newest ? max(0, x(history.loss.lastStep) - newestSteps) : 0
    let last = max(x(history.step), first + (axis == .epochs ? 0.01 : 8))
    LineChart(
      series, marks: marks(context, x: x), isLogarithmic: context.state.chart.isLogarithmic,
      horizontal: first...last, countsWhole: true
    ).draw(into: &surface, in: inside, context.look)
  }

  /// Edits of the rate, each with its factor.
  static func marks(_ context: DrawContext, x: (Int) -> Double) -> [ChartMark] {
    context.history.rateEdits.suffix(24).map { edit in
      let factor = edit.from > 0 ? edit.to / edit.from : .nan
      let text = Numbers.factor(factor, ascii: context.isASCII)
      return ChartMark(x: x(edit.step), label: context.say(.markRate, text))
    }
  }

  private static func notes(_ context: DrawContext) -> [(text: String, style: StyleKey)] {
    let (history, chart) = (context.history, context.state.chart)
    let lines = context.look.symbols.lines
    var notes: [(text: String, style: StyleKey)] = [
      (context.say(axisName(chart.axis)), .faint)
    ]
    if chart.factor > 0 {
      let factor = NumberText.significant(chart.factor, 2)
      notes.insert((context.say(.smoothing, factor), .faint), at: 0)
    }
    notes.insert((context.say(chart.isLogarithmic ? .logarithmic : .linear), .faint), at: 0)
    if let loss = history.lastStep?.loss {
      let text = context.say(.legendTrain, lines.solid, Numbers.loss(loss))
      notes.append((text, loss.isFinite ? .train : .bad))
    }
    if let epoch = history.epochs.last {
      let value = Numbers.loss(epoch.validationLoss)
      notes.append((context.say(.legendValidation, lines.dashed, value), .validation))
    }
    return notes
  }

  private static func axisName(_ axis: DashboardState.ChartSettings.Axis) -> ScreenSentence {
    switch axis {
    case .steps: .axisStep
    case .epochs: .axisEpoch
    case .newest: .axisNewest
    }
  }

  /// What is safe on disk.
  private static func footer(_ context: DrawContext) -> String {
    guard let durable = context.history.durable else { return "" }
    return context.history.hasEnded
      ? context.say(.savedEnded, durable.step)
      : context.say(.saved, durable.step, Numbers.age(context.state.now - durable.time))
  }

  /// Before the first step: what is happening, so that the screen is never blank.
  private static func waiting(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    if let failure = history.failure {
      context.center(context.say(failure), into: &surface, in: rect, .bad)
      return
    }
    let seconds = context.state.now - (history.firstTime ?? context.state.now)
    let text = context.say(
      history.plan == nil ? .waitingForPlan : .waitingForStep, Numbers.age(seconds))
    context.center(text, into: &surface, in: rect, .faint)
  }
}
