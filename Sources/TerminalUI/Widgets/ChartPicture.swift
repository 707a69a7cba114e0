import Support

/// A chart as a vector picture.
public enum ChartPicture {
  /// The chart as an SVG document on white; lines are dashed where they are on the screen.
  ///
  /// - Parameters:
  ///   - chart: what to draw.
  ///   - width: width of the picture, px.
  ///   - height: height of the picture, px.
  ///   - title: words above the curves.
  /// - Returns: the document.
  public static func svg(_ chart: LineChart, width: Int, height: Int, title: String) -> String {
    let scale = ChartScale(chart)
    let (left, top, right, bottom) = (70.0, 40.0, Double(width) - 20, Double(height) - 50)
    func x(_ share: Double) -> String { NumberText.fixed(left + share * (right - left), 1) }
    func y(_ share: Double) -> String { NumberText.fixed(bottom - share * (bottom - top), 1) }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "font-family=\"sans-serif\" font-size=\"13\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"\(x(0))\" y=\"24\" font-size=\"16\">\(MarkupText.escaped(title))</text>",
    ]
    for tick in scale.verticalTicks(count: 8) {
      guard let share = scale.vertical(tick.value) else { continue }
      lines.append(
        "<line x1=\"\(x(0))\" x2=\"\(x(1))\" y1=\"\(y(share))\" y2=\"\(y(share))\" "
          + "stroke=\"#dddddd\"/><text x=\"62\" y=\"\(y(share))\" dy=\"4\" text-anchor=\"end\">"
          + "\(tick.label)</text>")
    }
    for tick in scale.horizontalTicks(count: 10) {
      guard let share = scale.horizontal(tick), (0...1).contains(share) else { continue }
      lines.append(
        "<text x=\"\(x(share))\" y=\"\(Int(bottom) + 18)\" text-anchor=\"middle\">"
          + "\(scale.horizontalLabel(tick))</text>")
    }
    for mark in chart.marks where mark.kind != .checkpoint {
      guard let share = scale.horizontal(mark.x), (0...1).contains(share) else { continue }
      lines.append(
        "<line x1=\"\(x(share))\" x2=\"\(x(share))\" y1=\"\(y(0))\" y2=\"\(y(1))\" "
          + "stroke=\"#999999\" stroke-dasharray=\"2 4\"/><text x=\"\(x(share))\" "
          + "y=\"\(Int(bottom) + 36)\" text-anchor=\"middle\">\(MarkupText.escaped(mark.label))</text>"
      )
    }
    for (index, series) in chart.series.enumerated() {
      let color = colors[index % colors.count]
      let isFilled = series.line == .ranges || series.line == .areas
      lines += paths(series, scale, x, y).map { path in
        "<path d=\"\(path)\" fill=\"none\" stroke=\"\(color)\" "
          + "stroke-width=\"\(isFilled ? "1" : "2")\""
          + (isFilled ? " stroke-opacity=\"0.4\"" : "")
          + (series.line == .dashed ? " stroke-dasharray=\"6 4\"" : "") + "/>"
      }
      lines.append(
        "<text x=\"\(x(1))\" y=\"\(24 + 16 * index)\" text-anchor=\"end\" fill=\"\(color)\">"
          + "\(MarkupText.escaped(series.name))</text>")
    }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  // Okabe and Ito's colours, which the colour-blind can tell apart.
  private static let colors = [
    "#E69F00", "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#999999",
  ]

  /// The curve in pieces: a value that is no number ends one.
  private static func paths(
    _ series: ChartSeries, _ scale: ChartScale, _ x: (Double) -> String, _ y: (Double) -> String
  ) -> [String] {
    var pieces: [String] = []
    var piece = ""
    for point in series.points {
      guard let across = scale.horizontal(point.x), (0...1).contains(across),
        let up = scale.vertical(point.value)
      else {
        if !piece.isEmpty { pieces.append(piece) }
        piece = ""
        continue
      }
      piece += "\(piece.isEmpty ? "M" : "L")\(x(across)) \(y(up))"
      if let low = scale.vertical(point.low), let high = scale.vertical(point.high), high > low {
        piece += "L\(x(across)) \(y(high))L\(x(across)) \(y(low))L\(x(across)) \(y(up))"
      }
    }
    if !piece.isEmpty { pieces.append(piece) }
    return pieces
  }
}
