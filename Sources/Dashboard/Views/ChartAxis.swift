import Support
import TerminalUI
import TrainingAPI
import Wording

/// The horizontal axis that all curves of a screen share.
struct ChartAxis {
  let range: ClosedRange<Double>
  let unit: LineChart.Unit
  /// The place of the read-out.
  let cursor: Double?
  /// The first step that is shown.
  let firstStep: Int
  private let axis: DashboardState.Axis
  private let history: RunHistory

  init(_ state: DashboardState) {
    axis = state.chart.axis
    history = state.history
    let span = state.chartSpan
    firstStep = span.lowerBound
    switch axis {
    case .steps: unit = .whole
    case .epochs: unit = .decimal
    case .time: unit = .seconds
    }
    let low = Self.place(span.lowerBound, axis, state.history)
    var high = Self.place(span.upperBound, axis, state.history)
    if axis == .time, state.chart.window == nil, !state.chart.followsNewest {
      high = state.history.hasEnded ? high : AxisTicks.grown(max(10, high))
    }
    range = low...max(low + (axis == .epochs ? 0.01 : 1), high)
    cursor = state.chart.cursor.map { Self.place($0, state.chart.axis, state.history) }
  }

  /// The place of a step of this run.
  func x(_ step: Int) -> Double { Self.place(step, axis, history) }

  /// The place of a step of another run.
  func x(_ step: Int, of other: RunHistory) -> Double { Self.place(step, axis, other) }

  private static func place(
    _ step: Int, _ axis: DashboardState.Axis, _ history: RunHistory
  ) -> Double {
    switch axis {
    case .steps: return Double(step)
    case .epochs: return Double(step) / Double(max(1, history.plan?.stepsPerEpoch ?? 1))
    case .time:
      let seconds = history.seconds(atStep: step)
      let beyond = step - history.loss.lastStep
      return beyond > 0 ? seconds + Double(beyond) * (history.pace.secondsPerStep ?? 0) : seconds
    }
  }

  /// What the axis counts, in words.
  static func name(_ state: DashboardState) -> ScreenSentence {
    if state.chart.followsNewest { return .axisNewest }
    switch state.chart.axis {
    case .steps: return .axisStep
    case .epochs: return .axisEpoch
    case .time: return .axisTime
    }
  }
}

extension DashboardState {
  typealias Axis = ChartSettings.Axis
}
