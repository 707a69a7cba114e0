import TerminalUI

/// The screen of samples: label and prediction on the validation crops, with each joint's error.
enum SamplesScreen: ScreenView {
  static func panes(in rect: Rect, _ state: DashboardState) -> [PlacedPane] {
    let body = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    let view = state.samples.view
    // In a narrow window the prediction alone; the table is the first to go.
    var widths = Layout.lengths(
      body.width,
      [
        Layout.Part(
          minimum: view == .both || view == .truth ? 24 : 0,
          weight: view == .both || view == .truth ? 1 : 0, priority: 1),
        Layout.Part(
          minimum: view == .truth ? 0 : 24, weight: view == .truth ? 0 : 1, priority: 2),
        Layout.Part(minimum: 25, weight: body.width >= 120 ? 1 : 0, maximum: 40, priority: 0),
      ])
    // Label and prediction are compared, so their pictures have the same size.
    if !widths.contains(0) {
      widths[2] += widths[0] - widths[1]
      widths[0] = widths[1]
    }
    let columns = Layout.columns(body, widths.map { Layout.Part(minimum: $0) })
    return [
      PlacedPane(.sampleHeader, rect.row(0)), PlacedPane(.truth, columns[0]),
      PlacedPane(.prediction, columns[1]), PlacedPane(.errors, columns[2]),
    ]
  }
}
