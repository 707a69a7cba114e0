import TerminalUI

/// The screen of the machine: memory over the run and by kind, speed, waiting for data.
enum SystemScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    rect.width >= 120 && rect.height >= 30 ? large(rect) : small(rect)
  }

  private static func small(_ rect: Rect) -> [PlacedPane] {
    let rows = Layout.rows(
      rect,
      [Layout.Part(minimum: 7, weight: 1, priority: 1), Layout.Part(minimum: 7, weight: 1)])
    let upper = Layout.columns(
      rows[0],
      [Layout.Part(minimum: 40, weight: 3, priority: 1), Layout.Part(minimum: 32, weight: 2)])
    let lower = Layout.columns(
      rows[1],
      [
        Layout.Part(minimum: 24, weight: 1, priority: 1),
        Layout.Part(minimum: 24, weight: 1, priority: 1),
        Layout.Part(minimum: 30, weight: 1, priority: 0),
        Layout.Part(minimum: 30, weight: 1, priority: 2),
      ])
    return [
      PlacedPane(.memoryHistory, upper[0]), PlacedPane(.memory, upper[1]),
      PlacedPane(.speed, lower[0]), PlacedPane(.dataWait, lower[1]),
      PlacedPane(.ops, lower[2]), PlacedPane(.machine, lower[3]),
    ]
  }

  /// The curves on the left; what the memory is for, the machine and the ops on the right.
  private static func large(_ rect: Rect) -> [PlacedPane] {
    let columns = Layout.columns(
      rect,
      [Layout.Part(minimum: 72, weight: 3), Layout.Part(minimum: 44, weight: 2, maximum: 76)])
    let left = Layout.rows(
      columns[0], [Layout.Part(minimum: 12, weight: 3), Layout.Part(minimum: 10, weight: 2)])
    let lower = Layout.columns(
      left[1], [Layout.Part(minimum: 30, weight: 1), Layout.Part(minimum: 30, weight: 1)])
    let right = Layout.rows(
      columns[1],
      [
        Layout.Part(minimum: 9, weight: 1, maximum: 12, priority: 2),
        Layout.Part(minimum: 9, weight: 1, maximum: 14, priority: 1),
        Layout.Part(minimum: 8, weight: 2, priority: 0),
      ])
    return [
      PlacedPane(.memoryHistory, left[0]), PlacedPane(.speed, lower[0]),
      PlacedPane(.dataWait, lower[1]), PlacedPane(.memory, right[0]),
      PlacedPane(.machine, right[1]), PlacedPane(.ops, right[2]),
    ]
  }
}
