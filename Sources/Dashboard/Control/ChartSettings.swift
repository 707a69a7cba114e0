import Support
import TerminalUI
import TrainingAPI

/// How the curves are drawn: what they show, of which steps, and how.
struct ChartSettings: Sendable, Equatable {
  /// What the horizontal axis counts.
  enum Axis: Sendable, CaseIterable { case steps, epochs, time }

  static let smoothings = [0, 0.6, 0.9, 0.98]
  static let lossName = "loss"
  static let gradientName = "gradient norm"
  /// Steps that are shown when only the newest are.
  static let newestSteps = 500

  /// `loss`, `lr`, or the name of a metric.
  var metric = ChartSettings.lossName
  /// Which metrics have another scale than they begin with.
  var otherScale: Set<String> = []
  var smoothing = 2
  var axis = Axis.steps
  /// The steps that are shown; nil for the whole run.
  var window: ClosedRange<Int>?
  /// Whether the newest steps are followed.
  var followsNewest = false
  /// The step whose values are read out.
  var cursor: Int?
  /// Whether the outermost values are left out of the vertical axis.
  var clipsOutliers = false

  var factor: Double { Self.smoothings[min(max(0, smoothing), Self.smoothings.count - 1)] }

  /// Losses and rates begin with a logarithmic axis, metrics with a linear one.
  var isLogarithmic: Bool {
    get { (metric == Self.lossName) != otherScale.contains(metric) }
    set {
      if newValue == (metric == Self.lossName) {
        otherScale.remove(metric)
      } else {
        otherScale.insert(metric)
      }
    }
  }
}

extension DashboardState {
  /// What can be shown as a curve.
  var metricNames: [String] {
    [ChartSettings.lossName] + (history.epochs.last?.metrics.map(\.name) ?? []) + ["lr"]
      + (history.gradientNorm.isEmpty ? [] : [ChartSettings.gradientName])
  }

  /// The last step of the whole run's axis: it grows in large pieces, so that curves stand still.
  var wholeSpan: ClosedRange<Int> {
    let overlaid = overlays.map { $0.history.step }.max() ?? 0
    let last = max(history.step, overlaid, 1)
    if history.hasEnded { return 0...last }
    let planned = history.plan?.totalSteps ?? .max
    let grown = AxisTicks.grown(Double(max(16, last)))
    return 0...max(last, min(grown < 1e15 ? Int(grown) : last, max(planned, 8)))
  }

  /// The steps that the curves show.
  var chartSpan: ClosedRange<Int> {
    let last = max(history.step, 1)
    if chart.followsNewest {
      return max(0, last - ChartSettings.newestSteps)...max(last, 8)
    }
    return chart.window ?? wholeSpan
  }

  /// Shows a part of the steps: `factor` below 1 shows fewer, around the cursor or the middle.
  mutating func zoomChart(_ factor: Double, about step: Int? = nil) {
    let span = chartSpan
    let whole = wholeSpan
    let length = Double(span.upperBound - span.lowerBound)
    let center = Double(step ?? chart.cursor ?? span.lowerBound + Int(length / 2))
    let next = min(max(8, length * factor), Double(whole.upperBound))
    guard next < Double(whole.upperBound) else {
      chart.window = nil
      chart.followsNewest = false
      return
    }
    let share = length > 0 ? (center - Double(span.lowerBound)) / length : 0.5
    let low = max(0, min(center - share * next, Double(whole.upperBound) - next))
    chart.window = Int(low)...Int(low + next)
    chart.followsNewest = false
  }

  /// Moves the cursor where there is one, else the window, by a share of what is shown.
  mutating func panChart(_ direction: Int) {
    let span = chartSpan
    let length = span.upperBound - span.lowerBound
    if let cursor = chart.cursor {
      let step = max(1, length / 100)
      chart.cursor = min(max(0, cursor + direction * step), max(history.step, 1))
      // The window follows a cursor that leaves it.
      if let moved = chart.cursor, let window = chart.window, !window.contains(moved) {
        let low = max(0, moved - length / 2)
        chart.window = low...low + length
      }
      return
    }
    guard chart.window != nil || chart.followsNewest else { return }
    let low = min(
      max(0, span.lowerBound + direction * max(1, length / 4)),
      max(0, wholeSpan.upperBound - length))
    chart.window = low...low + length
    chart.followsNewest = false
  }

  /// Switches the read-out on at the last step, or off.
  mutating func toggleCursor() {
    chart.cursor = chart.cursor == nil ? min(max(history.step, 1), chartSpan.upperBound) : nil
  }

  mutating func nextMetric(_ offset: Int) {
    let names = metricNames
    let index = names.firstIndex(of: chart.metric) ?? 0
    chart.metric = names[(index + offset + names.count) % names.count]
  }
}
