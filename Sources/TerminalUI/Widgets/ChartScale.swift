import Glibc

/// Maps values to shares of the plot: 0 at the left and at the bottom, 1 at the right and the top.
struct ChartScale {
  let isLogarithmic: Bool
  let xRange: ClosedRange<Double>
  /// In logarithms where the axis is logarithmic.
  let yRange: ClosedRange<Double>
  let hasValues: Bool

  init(_ chart: LineChart) {
    isLogarithmic = chart.isLogarithmic
    var x: (low: Double, high: Double) = (.infinity, -.infinity)
    var y = x
    for series in chart.series {
      for point in series.points {
        guard point.x.isFinite else { continue }
        x = (min(x.low, point.x), max(x.high, point.x))
        for value in [point.low, point.value, point.high] {
          guard value.isFinite, !chart.isLogarithmic || value > 0 else { continue }
          if let horizontal = chart.horizontal, !horizontal.contains(point.x) { continue }
          y = (min(y.low, value), max(y.high, value))
        }
      }
    }
    hasValues = y.low <= y.high
    var horizontal = chart.horizontal ?? (x.low <= x.high ? x.low...x.high : 0...1)
    if horizontal.upperBound <= horizontal.lowerBound {
      horizontal = horizontal.lowerBound...horizontal.lowerBound + 1
    }
    xRange = horizontal
    guard hasValues else {
      yRange = isLogarithmic ? -3...0 : 0...1
      return
    }
    if isLogarithmic {
      let (low, high) = (log10(y.low), log10(y.high))
      // At least a third of a decade, or noise would look like a trend.
      let pad = max(0.02 * (high - low), (0.33 - (high - low)) / 2)
      yRange = low - pad...high + pad
    } else {
      let span = y.high - y.low
      let pad = span > 0 ? 0.04 * span : max(abs(y.high) * 0.1, 1e-9)
      // Pad halves first: the difference of the largest numbers would be infinite.
      let low = y.low >= 0 && y.low - pad < 0 ? 0 : y.low - pad
      let high = y.high + pad
      yRange = low.isFinite && high.isFinite && (high - low).isFinite ? low...high : 0...1
    }
  }

  /// The height of a value; nil for a gap.
  func vertical(_ value: Double) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    let level = isLogarithmic ? log10(value) : value
    let share = (level - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    return share.isFinite ? min(1, max(0, share)) : nil
  }

  func horizontal(_ x: Double) -> Double? {
    let share = (x - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
    return share.isFinite ? share : nil
  }

  func verticalTicks(count: Int) -> [(value: Double, label: String)] {
    guard hasValues else { return [] }
    let values =
      isLogarithmic
      ? AxisTicks.logarithmic(
        pow(10, yRange.lowerBound)...pow(10, yRange.upperBound), count: count)
      : AxisTicks.linear(yRange, count: count)
    return values.map { ($0, AxisTicks.label($0)) }
  }

  func horizontalTicks(count: Int, whole: Bool) -> [Double] {
    let ticks = AxisTicks.linear(xRange, count: count)
    return whole ? ticks.filter { $0 == $0.rounded() } : ticks
  }
}

/// Draws curves as dots.
struct ChartRaster {
  let scale: ChartScale
  let layer: UInt8

  /// What has fallen into one column of dots so far.
  private struct Column {
    var x: Int
    var first: Int
    var last: Int
    var top: Int
    var bottom: Int
  }

  /// `gaps` receives the columns of dots where a value was no number.
  func draw(_ series: ChartSeries, on canvas: inout DotCanvas, gaps: inout Set<Int>) {
    guard canvas.width > 0, canvas.height > 0 else { return }
    var column: Column?
    var previous: (x: Int, y: Int)?
    for point in series.points {
      guard let share = scale.horizontal(point.x), share >= 0, share <= 1 else { continue }
      let x = Int((share * Double(canvas.width - 1)).rounded())
      guard let value = scale.vertical(point.value) else {
        flush(&column, series.line, on: &canvas, &previous)
        previous = nil
        if !point.value.isFinite { gaps.insert(x) }
        continue
      }
      let y = row(value, canvas)
      let top = row(scale.vertical(point.high) ?? value, canvas)
      let bottom = row(scale.vertical(point.low) ?? value, canvas)
      if var current = column, current.x == x {
        current.last = y
        current.top = min(current.top, top, y)
        current.bottom = max(current.bottom, bottom, y)
        column = current
      } else {
        flush(&column, series.line, on: &canvas, &previous)
        column = Column(x: x, first: y, last: y, top: min(top, y), bottom: max(bottom, y))
      }
    }
    flush(&column, series.line, on: &canvas, &previous)
  }

  private func row(_ share: Double, _ canvas: DotCanvas) -> Int {
    Int(((1 - share) * Double(canvas.height - 1)).rounded())
  }

  private func flush(
    _ column: inout Column?, _ line: ChartSeries.Line, on canvas: inout DotCanvas,
    _ previous: inout (x: Int, y: Int)?
  ) {
    guard let done = column else { return }
    column = nil
    switch line {
    case .ranges:
      canvas.line(done.x, done.top, done.x, done.bottom, layer: layer)
    case .solid:
      if let previous { canvas.line(previous.x, previous.y, done.x, done.first, layer: layer) }
      canvas.line(done.x, done.top, done.x, done.bottom, layer: layer)
    case .dashed:
      if let previous {
        canvas.line(previous.x, previous.y, done.x, done.first, layer: layer, dash: (3, 2))
      }
      canvas.line(done.x, done.top, done.x, done.bottom, layer: layer)
      // A point of a dashed curve is a measurement of its own, so it gets a mark that can be seen.
      canvas.set(done.x - 1, done.last, layer: layer)
      canvas.set(done.x + 1, done.last, layer: layer)
    }
    previous = (done.x, done.last)
  }
}
