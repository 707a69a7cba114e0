import Support
import TerminalUI
import TrainingAPI
import Wording

/// The curves of the chosen metric: what is drawn, read out and exported is made here once.
struct Curves {
  let state: DashboardState
  let isASCII: Bool
  private let axis: ChartAxis

  init(_ state: DashboardState, isASCII: Bool) {
    self.state = state
    self.isASCII = isASCII
    axis = ChartAxis(state)
  }

  private var history: RunHistory { state.history }
  private var chart: ChartSettings { state.chart }

  /// The chart, with marks and with other runs behind.
  var lineChart: LineChart {
    LineChart(
      overlaid + own, marks: marks, isLogarithmic: chart.isLogarithmic,
      clipsOutliers: chart.clipsOutliers, horizontal: axis.range, unit: axis.unit,
      cursor: axis.cursor)
  }

  var own: [ChartSeries] {
    switch chart.metric {
    case ChartSettings.lossName: return losses
    case "lr":
      return [
        ChartSeries(
          history.rate.points(from: axis.firstStep, x: axis.x), name: "lr", style: .rate)
      ]
    default:
      return [
        ChartSeries(
          points(of: chart.metric, history) { axis.x($0) }, name: chart.metric, line: .dashed,
          style: .validation)
      ]
    }
  }

  private var losses: [ChartSeries] {
    let raw = history.loss.points(from: axis.firstStep, x: axis.x)
    var series: [ChartSeries] = []
    if chart.factor > 0 {
      series.append(ChartSeries(raw, name: "train", line: .ranges, style: .trainRaw))
      series.append(
        ChartSeries(
          SeriesStore.smoothed(raw, factor: chart.factor), name: "train smoothed", line: .means,
          style: .train))
    } else {
      series.append(ChartSeries(raw, name: "train", style: .train))
    }
    let validation = history.epochs.map {
      ChartPoint(x: axis.x($0.step), value: $0.validationLoss)
    }
    series.append(
      ChartSeries(validation, name: "validation", line: .dashed, style: .validation))
    return series
  }

  /// The same metric of other runs: of losses the smoothed training loss.
  private var overlaid: [ChartSeries] {
    state.overlays.map { run in
      let place = { (step: Int) in axis.x(step, of: run.history) }
      let points: [ChartPoint]
      switch chart.metric {
      case ChartSettings.lossName:
        points = SeriesStore.smoothed(
          run.history.loss.points(x: place), factor: max(chart.factor, 0.6))
      case "lr": points = run.history.rate.points(x: place)
      default: points = self.points(of: chart.metric, run.history, place)
      }
      return ChartSeries(
        points, name: UntrustedText.clean(run.name, limit: 60),
        line: chart.metric == ChartSettings.lossName ? .means : .solid, style: .other(run.color),
        letter: run.letter)
    }
  }

  private func points(
    of metric: String, _ history: RunHistory, _ x: (Int) -> Double
  ) -> [ChartPoint] {
    history.epochs.map { ChartPoint(x: x($0.step), value: $0.metric(metric) ?? .nan) }
  }

  /// Edits of the rate with their factors, what was saved, and the best epoch.
  var marks: [ChartMark] {
    let saved = history.checkpoints.suffix(200).map {
      ChartMark(x: axis.x($0.step), kind: .checkpoint)
    }
    let best = history.best.map {
      [
        ChartMark(
          x: axis.x($0.step), label: Sentence(ScreenSentence.markBest).text(in: state.language),
          kind: .best)
      ]
    }
    return edits + (best ?? []) + saved
  }

  var edits: [ChartMark] {
    history.rateEdits.suffix(24).map { edit in
      let factor = edit.from > 0 ? edit.to / edit.from : .nan
      let text = Numbers.factor(factor, ascii: isASCII)
      return ChartMark(
        x: axis.x(edit.step),
        label: Sentence(ScreenSentence.markRate, text).text(in: state.language))
    }
  }

  /// What stands at the cursor: `step 2148: train 7.1e-4 val 8.3e-4 lr 2.5e-4 a 7.9e-4`.
  func readOut(_ say: (ScreenSentence, [String]) -> String) -> String? {
    guard let cursor = chart.cursor else { return nil }
    var parts = [say(.readOutStep, [String(cursor)])]
    let epoch = history.epochs.last { $0.step <= cursor } ?? history.epochs.first
    switch chart.metric {
    case ChartSettings.lossName:
      if let entry = history.loss.entry(at: cursor) {
        let range =
          entry.high > entry.low * 1.001
          ? " (\(Numbers.loss(entry.low))..\(Numbers.loss(entry.high)))" : ""
        parts.append(say(.readOutTrain, [Numbers.loss(entry.mean) + range]))
      }
      if let epoch {
        parts.append(say(.readOutValidation, [Numbers.loss(epoch.validationLoss)]))
      }
    case "lr": break
    default:
      if let value = epoch?.metric(chart.metric) {
        parts.append("\(chart.metric) \(NumberText.significant(value, 4))")
      }
    }
    if let rate = history.rate.entry(at: cursor)?.mean {
      parts.append(say(.compactRate, [Numbers.rate(rate)]))
    }
    for run in state.overlays {
      guard let value = value(of: run.history, at: cursor) else { continue }
      parts.append("\(run.letter) \(Numbers.loss(value))")
    }
    return parts.joined(separator: "  ")
  }

  private func value(of other: RunHistory, at step: Int) -> Double? {
    switch chart.metric {
    case ChartSettings.lossName: return other.loss.entry(at: step)?.mean
    case "lr": return other.rate.entry(at: step)?.mean
    default: return other.epochs.last { $0.step <= step }?.metric(chart.metric)
    }
  }
}
