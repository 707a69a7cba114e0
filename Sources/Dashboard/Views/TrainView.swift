import TerminalUI
import TrainingAPI
import Wording

/// The screen of a training: progress, curves, the worst keypoints, memory and rate.
enum TrainView: ScreenView {
  /// Room for every pane, two columns.
  private static func isLarge(_ rect: Rect) -> Bool { rect.width >= 120 && rect.height >= 36 }

  /// Whether the screen has a pane with a sample now, so that pictures are needed.
  static func showsSample(_ state: DashboardState) -> Bool {
    state.screen == .train
      && isLarge(Rect(x: 0, y: 0, width: state.width, height: state.height - 3))
  }

  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    ProgressLine.draw(into: &surface, in: rect.row(0), context)
    let body = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    if isLarge(rect) {
      drawLarge(into: &surface, in: body, context)
    } else {
      let rows = Layout.rows(
        body,
        [
          Layout.Part(minimum: 6, weight: 1, priority: 1),
          Layout.Part(minimum: rect.width >= 56 && body.height >= 14 ? 6 : 0, priority: 0),
        ])
      LossPane.draw(into: &surface, in: rows[0], context)
      if !rows[1].isEmpty { drawLowerPanes(into: &surface, in: rows[1], context) }
    }
  }

  /// Three panes beside one another under the curves.
  private static func drawLowerPanes(
    into surface: inout Surface, in rect: Rect, _ context: DrawContext
  ) {
    let columns = Layout.columns(
      rect,
      [
        Layout.Part(minimum: 32, weight: 3, priority: 3),
        Layout.Part(minimum: 26, weight: 2, maximum: 40, priority: 1),
        Layout.Part(minimum: 20, weight: 1, maximum: 40, priority: 2),
      ])
    KeypointPane.draw(into: &surface, in: columns[0], context)
    MemoryPane.draw(into: &surface, in: columns[1], context)
    RatePane.draw(into: &surface, in: columns[2], context)
  }

  private static func drawLarge(
    into surface: inout Surface, in rect: Rect, _ context: DrawContext
  ) {
    let columns = Layout.columns(
      rect,
      [
        Layout.Part(minimum: 72, weight: 5, priority: 2),
        Layout.Part(minimum: 44, weight: 2, maximum: 80, priority: 1),
      ])
    let left = Layout.rows(
      columns[0],
      [
        Layout.Part(minimum: 12, weight: 2, priority: 3),
        Layout.Part(minimum: 9, weight: 1, maximum: 18, priority: 2),
      ])
    LossPane.draw(into: &surface, in: left[0], context)
    let lower = Layout.columns(
      left[1], [Layout.Part(minimum: 30, weight: 1), Layout.Part(minimum: 30, weight: 1)])
    MetricsPane.draw(into: &surface, in: lower[0], context)
    RatePane.draw(into: &surface, in: lower[1], context)
    let names = context.history.plan?.keypoints.count ?? 17
    let right = Layout.rows(
      columns[1],
      [
        Layout.Part(minimum: 12, weight: 3, maximum: 30, priority: 3),
        Layout.Part(minimum: 7, weight: 2, maximum: max(7, names + 2), priority: 2),
        Layout.Part(minimum: 10, priority: 1),
        Layout.Part(minimum: 5, weight: 1, priority: 0),
      ])
    SamplePane.draw(into: &surface, in: right[0], context)
    KeypointPane.draw(into: &surface, in: right[1], context)
    MemoryPane.draw(into: &surface, in: right[2], context)
    LogPane.draw(into: &surface, in: right[3], context)
  }
}
