import TerminalUI

/// The screen of the machine: memory over the run and by kind, speed, waiting for data.
enum SystemScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    let rows = Layout.rows(
      rect,
      [Layout.Part(minimum: 7, weight: 1, priority: 1), Layout.Part(minimum: 7, weight: 1)])
    let halves = [
      Layout.Part(minimum: 40, weight: 3, priority: 1), Layout.Part(minimum: 32, weight: 2),
    ]
    let upper = Layout.columns(rows[0], halves)
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
}
