import Support
import TerminalUI

/// The curves that are seen, as a file.
enum CurveExport {
  enum Format: Sendable {
    case csv, svg, text

    init?(path: String) {
      switch path.split(separator: ".").last.map({ $0.lowercased() }) {
      case "csv" where path.contains("."): self = .csv
      case "svg" where path.contains("."): self = .svg
      case "txt" where path.contains("."): self = .text
      default: return nil
      }
    }
  }

  static func text(of state: DashboardState, _ format: Format) -> String {
    let chart = Curves(state, isASCII: false).lineChart
    switch format {
    case .csv: return csv(chart)
    case .svg: return ChartPicture.svg(chart, width: 960, height: 540, title: state.chart.metric)
    case .text:
      var surface = Surface(
        width: max(40, state.width), height: max(12, state.height), glyphs: .unicode)
      let look = Look(
        theme: .standard, capabilities: Capabilities(glyphs: .unicode, depth: .mono))
      chart.draw(into: &surface, in: surface.bounds, look)
      return surface.rows.map { "\($0.trimmed)\n" }.joined()
    }
  }

  /// One line a point: series, position on the axis, value, smallest and largest value.
  private static func csv(_ chart: LineChart) -> String {
    var text = "series,x,value,low,high\n"
    for series in chart.series {
      let name = "\"" + series.name.split(separator: "\"").joined(separator: "'") + "\""
      for point in series.points where chart.horizontal?.contains(point.x) ?? true {
        let numbers = [point.x, point.value, point.low, point.high].map {
          $0.isFinite ? "\($0)" : ""
        }
        text += "\(name),\(numbers.joined(separator: ","))\n"
      }
    }
    return text
  }
}

extension String {
  /// The text without blanks at its end.
  fileprivate var trimmed: String {
    var result = Substring(self)
    while result.last == " " { result.removeLast() }
    return String(result)
  }
}
