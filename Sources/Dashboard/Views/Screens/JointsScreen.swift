import TerminalUI
import TrainingAPI

/// The screen of the joints: every keypoint's error, its course, and a sample in which it is wrong.
enum JointsScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    let columns = Layout.columns(
      rect,
      [
        Layout.Part(minimum: 40, weight: 3, maximum: 110, priority: 1),
        Layout.Part(
          minimum: rect.width >= 110 ? 44 : 0, weight: rect.width >= 110 ? 2 : 0, priority: 0),
      ])
    let names = state.history.plan?.keypoints.count ?? 17
    let left = Layout.rows(
      columns[0],
      [
        Layout.Part(minimum: min(rect.height, names + 3), priority: 1),
        Layout.Part(minimum: 8, weight: 1, priority: 0),
      ])
    // Below the table where there is no room beside it.
    let curve = columns[1].isEmpty ? left[1] : columns[1]
    guard !columns[1].isEmpty else {
      return [PlacedPane(.jointTable, left[0]), PlacedPane(.jointCurve, curve)]
    }
    let right = Layout.rows(
      columns[1],
      [Layout.Part(minimum: 8, weight: 2, priority: 0), Layout.Part(minimum: 10, weight: 3)])
    return [
      PlacedPane(.jointTable, left[0]), PlacedPane(.metrics, left[1]),
      PlacedPane(.jointCurve, right[0]), PlacedPane(.jointSample, right[1]),
    ]
  }
}
