import Glibc
import Support

/// A chart as SVG inside a page, whose style sheet gives its colours.
struct CurveDrawing {
  /// A line.
  struct Series {
    let name: String
    /// The class of the style sheet: `a`, `b` or `c`.
    let style: String
    let points: [RunStory.Point]
    /// Whether its points are marked.
    var isMarked = false
  }

  let title: String
  let series: [Series]
  var isLogarithmic = false
  /// Steps at which something happened.
  var marks: [(x: Double, text: String)] = []

  private static let (width, height) = (560.0, 260.0)
  private static let (left, right, top, bottom) = (58.0, 14.0, 30.0, 30.0)

  /// The picture; nothing where there is nothing to draw.
  var svg: String {
    let points = series.flatMap { shown($0) }
    guard points.count > 1, let lowX = points.map(\.x).min(), let highX = points.map(\.x).max()
    else { return "" }
    let values = points.map { height($0.y) }
    guard var low = values.min(), var high = values.max() else { return "" }
    if high - low < 1e-12 { (low, high) = (low - 0.5, high + 0.5) }
    let margin = 0.04 * (high - low)
    (low, high) = (low - margin, high + margin)
    let (w, h) = (Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
    func px(_ x: Double) -> Double { Self.left + w * (x - lowX) / max(highX - lowX, 1e-12) }
    func py(_ y: Double) -> Double { Self.top + h * (high - height(y)) / (high - low) }
    var text =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(MarkupText.escaped(title))\">"
    text += "<text class=\"title\" x=\"\(Self.left)\" y=\"16\">\(MarkupText.escaped(title))</text>"
    for tick in ticks(low, high) {
      let y = Self.number(py(tick))
      text +=
        "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(y)\" y2=\"\(y)\"/>"
      text +=
        "<text class=\"tick\" x=\"\(Self.left - 6)\" y=\"\(y)\" text-anchor=\"end\" dy=\"4\">\(AxisTicks.label(tick))</text>"
    }
    for tick in AxisTicks.linear(lowX...highX, count: 5) where tick == tick.rounded() {
      text +=
        "<text class=\"tick\" x=\"\(Self.number(px(tick)))\" y=\"\(Self.height - 10)\" text-anchor=\"middle\">\(NumberText.grouped(Int(tick)))</text>"
    }
    for mark in marks where mark.x >= lowX && mark.x <= highX {
      let x = Self.number(px(mark.x))
      text +=
        "<line class=\"mark\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(Self.top)\" y2=\"\(Self.height - Self.bottom)\"><title>\(MarkupText.escaped(mark.text))</title></line>"
    }
    for line in series {
      let shown = shown(line)
      let path = shown.map { "\(Self.number(px($0.x))),\(Self.number(py($0.y)))" }
      text += "<polyline class=\"line \(line.style)\" points=\"\(path.joined(separator: " "))\"/>"
      if line.isMarked, shown.count <= 80 {
        for point in shown {
          text +=
            "<circle class=\"\(line.style)\" r=\"2.4\" cx=\"\(Self.number(px(point.x)))\" cy=\"\(Self.number(py(point.y)))\"><title>\(NumberText.significant(point.y, 4)) at step \(Int(point.x))</title></circle>"
        }
      }
    }
    var x = Self.width - Self.right
    for line in series.reversed() where series.count > 1 {
      text +=
        "<text class=\"legend \(line.style)\" x=\"\(x)\" y=\"16\" text-anchor=\"end\">\(MarkupText.escaped(line.name))</text>"
      x -= Double(line.name.count) * 7.5 + 18
    }
    return text + "</svg>"
  }

  /// The points that the axes have a place for.
  private func shown(_ line: Series) -> [RunStory.Point] {
    line.points.filter { $0.x.isFinite && $0.y.isFinite && (!isLogarithmic || $0.y > 0) }
  }

  private func height(_ y: Double) -> Double { isLogarithmic ? log10(max(y, 1e-300)) : y }

  /// Round numbers for the axis of values.
  private func ticks(_ low: Double, _ high: Double) -> [Double] {
    isLogarithmic
      ? AxisTicks.logarithmic(pow(10, low)...pow(10, high), count: 7)
      : AxisTicks.linear(low...high, count: 5)
  }

  private static func number(_ value: Double) -> String { NumberText.fixed(value, 1) }
}
