import TerminalUI

/// The screen of the runs: those beside this one, what differs, and their curves over one another.
enum RunsScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    let rows = Layout.rows(
      rect,
      [
        Layout.Part(minimum: 5, weight: 1, maximum: max(8, state.runs.rows.count + 3), priority: 2),
        Layout.Part(minimum: 8, weight: 1, priority: 1),
      ])
    let lower = Layout.columns(
      rows[1],
      [
        Layout.Part(minimum: 38, weight: 1, maximum: 60, priority: 1),
        Layout.Part(minimum: 40, weight: 2, priority: 0),
      ])
    return [
      PlacedPane(.runTable, rows[0]), PlacedPane(.runDetail, lower[0]),
      PlacedPane(.curves, lower[1]),
    ]
  }
}
