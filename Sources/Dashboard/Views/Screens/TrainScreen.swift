import TerminalUI
import TrainingAPI

/// The screen of a training: progress, curves, the worst keypoints, memory and rate.
enum TrainScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    let body = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    let panes =
      rect.width >= 120 && rect.height >= 36
      ? large(body, keypoints: state.history.plan?.keypoints.count ?? 17) : small(body)
    return [PlacedPane(.progress, rect.row(0))] + panes
  }

  private static func small(_ body: Rect) -> [PlacedPane] {
    let rows = Layout.rows(
      body,
      [
        Layout.Part(minimum: 6, weight: 1, priority: 1),
        Layout.Part(minimum: body.width >= 56 && body.height >= 14 ? 6 : 0, priority: 0),
      ])
    // Three panes beside one another under the curves.
    let columns = Layout.columns(
      rows[1],
      [
        Layout.Part(minimum: 32, weight: 3, priority: 3),
        Layout.Part(minimum: 26, weight: 2, maximum: 40, priority: 1),
        Layout.Part(minimum: 20, weight: 1, maximum: 40, priority: 2),
      ])
    return [
      PlacedPane(.curves, rows[0]), PlacedPane(.keypoints, columns[0]),
      PlacedPane(.memory, columns[1]), PlacedPane(.rate, columns[2]),
    ]
  }

  private static func large(_ body: Rect, keypoints: Int) -> [PlacedPane] {
    let columns = Layout.columns(
      body,
      [
        Layout.Part(minimum: 72, weight: 5, priority: 2),
        Layout.Part(minimum: 44, weight: 3, maximum: 84, priority: 1),
      ])
    let left = Layout.rows(
      columns[0],
      [
        Layout.Part(minimum: 12, weight: 3, priority: 3),
        Layout.Part(minimum: 9, weight: 1, maximum: 15, priority: 2),
        Layout.Part(minimum: 9, weight: 1, maximum: 12, priority: 1),
      ])
    let halves = [Layout.Part(minimum: 30, weight: 1), Layout.Part(minimum: 30, weight: 1)]
    let middle = Layout.columns(left[1], halves)
    let lower = Layout.columns(left[2], halves)
    let right = Layout.rows(
      columns[1],
      [
        Layout.Part(minimum: 12, weight: 3, maximum: 30, priority: 3),
        Layout.Part(minimum: 7, weight: 2, maximum: max(7, keypoints + 2), priority: 2),
        Layout.Part(minimum: 5, weight: 1, priority: 0),
      ])
    return [
      PlacedPane(.curves, left[0]), PlacedPane(.metrics, middle[0]), PlacedPane(.rate, middle[1]),
      PlacedPane(.memory, lower[0]), PlacedPane(.speed, lower[1]), PlacedPane(.sample, right[0]),
      PlacedPane(.keypoints, right[1]), PlacedPane(.events, right[2]),
    ]
  }
}
