import TerminalUI

/// The screen of the log: events, and what the engine and its libraries wrote.
enum LogScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    [PlacedPane(.log, rect)]
  }
}
