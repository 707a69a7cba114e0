import Support
import TerminalUI
import TrainingAPI
import Wording

/// The curves of the chosen metric over the run.
enum CurvePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    let metric = context.state.chart.metric
    let curves = Curves(context.state, isASCII: context.isASCII)
    let title =
      metric == ChartSettings.lossName
      ? context.say(.paneLoss) : metric == "lr" ? context.say(.paneRate) : metric
    let inside = Frame(title, notes: notes(context), footer: footer(curves, rect, context))
      .draw(into: &surface, in: rect, context.look)
    guard !history.loss.isEmpty else {
      waiting(into: &surface, in: inside, context)
      return
    }
    curves.lineChart.draw(into: &surface, in: inside, context.look)
  }

  private static func notes(_ context: DrawContext) -> [(text: String, style: StyleKey)] {
    let (history, chart) = (context.history, context.state.chart)
    let lines = context.look.symbols.lines
    var notes: [(text: String, style: StyleKey)] = [
      (context.say(chart.isLogarithmic ? .logarithmic : .linear), .faint)
    ]
    if chart.factor > 0, chart.metric == ChartSettings.lossName {
      let factor = NumberText.significant(chart.factor, 2)
      notes.append((context.say(.smoothing, factor), .faint))
    }
    if chart.clipsOutliers { notes.append((context.say(.clipped), .faint)) }
    notes.append((context.say(ChartAxis.name(context.state)), .faint))
    for run in context.state.overlays {
      let name = UntrustedText.clean(run.name, limit: 16)
      notes.append(("\(run.letter) \(name)", .other(run.color)))
    }
    guard chart.metric == ChartSettings.lossName else {
      if let value = history.epochs.last?.metric(chart.metric) {
        notes.append((NumberText.significant(value, 4), .validation))
      }
      return notes
    }
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

  /// The read-out at the cursor.
  private static func footer(_ curves: Curves, _ rect: Rect, _ context: DrawContext) -> String {
    let readOut = curves.readOut { template, arguments in
      context.say(Sentence(key: template.key, arguments: arguments))
    }
    return readOut.map { context.fit($0, max(0, rect.width - 6)) } ?? ""
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
