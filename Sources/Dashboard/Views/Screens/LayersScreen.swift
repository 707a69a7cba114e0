import TerminalUI

/// The screen of the layers: the plan of the model.
enum LayersScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    let columns = Layout.columns(
      rect,
      [
        Layout.Part(minimum: 40, weight: 3, priority: 1),
        Layout.Part(
          minimum: rect.width >= 130 ? 40 : 0, weight: rect.width >= 130 ? 1 : 0, priority: 0),
      ])
    return [PlacedPane(.layers, columns[0]), PlacedPane(.memory, columns[1])]
  }
}
