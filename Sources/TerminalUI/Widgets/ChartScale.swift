import Glibc
import Support

/// Maps values to shares of the plot: 0 at the left and at the bottom, 1 at the right and the top.
struct ChartScale {
  /// How heights are made of values.
  enum Levels: Equatable {
    case linear
    case logarithmic
    /// Logarithmic on both sides of 0, linear within `unit` of it.
    case symmetric(unit: Double)
  }

  let levels: Levels
  let unit: LineChart.Unit
  let xRange: ClosedRange<Double>
  /// In levels.
  let yRange: ClosedRange<Double>
  let hasValues: Bool

  init(_ chart: LineChart) {
    unit = chart.unit
    let x = Self.horizontalRange(chart)
    xRange = x
    var extent = Extent()
    for series in chart.series {
      for point in series.points where point.x.isFinite && x.contains(point.x) {
        for value in [point.low, point.value, point.high] where value.isFinite {
          extent.add(value)
        }
      }
    }
    if chart.clipsOutliers { extent.clip(Self.core(of: chart, within: x)) }
    hasValues = extent.low <= extent.high
    levels =
      !chart.isLogarithmic
      ? .linear
      : extent.low > 0 || !hasValues
        ? .logarithmic : .symmetric(unit: max(extent.largest * 1e-3, .leastNormalMagnitude))
    guard hasValues else {
      yRange = chart.isLogarithmic ? -3...0 : 0...1
      return
    }
    yRange = Self.verticalRange(
      Self.level(extent.low, levels), Self.level(extent.high, levels), levels, low: extent.low)
  }

  private struct Extent {
    var low = Double.infinity
    var high = -Double.infinity
    var largest: Double { max(abs(low), abs(high)) }

    mutating func add(_ value: Double) {
      low = min(low, value)
      high = max(high, value)
    }

    mutating func clip(_ core: ClosedRange<Double>?) {
      guard let core else { return }
      low = max(low, core.lowerBound)
      high = min(high, core.upperBound)
    }
  }

  /// What lies between the first and the last hundredth of all values.
  private static func core(
    of chart: LineChart, within x: ClosedRange<Double>
  ) -> ClosedRange<Double>? {
    let values = chart.series.flatMap { series in
      series.points.filter { x.contains($0.x) && $0.value.isFinite }.map(\.value)
    }.sorted()
    guard values.count >= 20 else { return nil }
    return values[values.count / 100]...values[values.count - 1 - values.count / 100]
  }

  private static func horizontalRange(_ chart: LineChart) -> ClosedRange<Double> {
    if let range = chart.horizontal {
      return range.upperBound > range.lowerBound
        ? range : range.lowerBound...range.lowerBound + 1
    }
    var extent = Extent()
    for series in chart.series {
      for point in series.points where point.x.isFinite { extent.add(point.x) }
    }
    guard extent.low <= extent.high else { return 0...1 }
    return extent.low...(extent.high > extent.low ? extent.high : extent.low + 1)
  }

  /// The range with room at both ends, on round levels, so that it moves seldom.
  private static func verticalRange(
    _ bottom: Double, _ top: Double, _ levels: Levels, low: Double
  ) -> ClosedRange<Double> {
    switch levels {
    case .logarithmic, .symmetric:
      // At least a third of a decade, or noise would look like a trend.
      let pad = max(0.02 * (top - bottom), (0.33 - (top - bottom)) / 2)
      let grid = top - bottom > 2 ? 0.1 : 0.05
      let range = (floor((bottom - pad) / grid) * grid, ceil((top + pad) / grid) * grid)
      return range.0 < range.1 ? range.0...range.1 : bottom - 1...top + 1
    case .linear:
      let span = top - bottom
      let pad = span > 0 ? 0.04 * span : max(abs(top) * 0.1, 1e-9)
      // Pad halves first: the difference of the largest numbers would be infinite.
      var (first, last) = (low >= 0 && low - pad < 0 ? 0 : bottom - pad, top + pad)
      let step = pow(10, floor(log10(last - first))) / 5
      if step.isFinite, step > 0 {
        first = floor(first / step) * step
        last = ceil(last / step) * step
      }
      let isUsable = first.isFinite && last.isFinite && (last - first).isFinite && first < last
      return isUsable ? first...last : 0...1
    }
  }

  private static func level(_ value: Double, _ levels: Levels) -> Double {
    switch levels {
    case .linear: value
    case .logarithmic: log10(value)
    case .symmetric(let unit): value < 0 ? -log10(1 - value / unit) : log10(1 + value / unit)
    }
  }

  private static func value(_ level: Double, _ levels: Levels) -> Double {
    switch levels {
    case .linear: level
    case .logarithmic: pow(10, level)
    case .symmetric(let unit): (level < 0 ? -1 : 1) * unit * (pow(10, abs(level)) - 1)
    }
  }

  /// The height of a value; nil for a gap. What was clipped lies on the edge.
  func vertical(_ value: Double) -> Double? {
    guard value.isFinite, levels != .logarithmic || value > 0 else { return nil }
    let share =
      (Self.level(value, levels) - yRange.lowerBound) / (yRange.upperBound - yRange.lowerBound)
    return share.isFinite ? min(1, max(0, share)) : nil
  }

  func horizontal(_ x: Double) -> Double? {
    let share = (x - xRange.lowerBound) / (xRange.upperBound - xRange.lowerBound)
    return share.isFinite ? share : nil
  }

  func verticalTicks(count: Int) -> [(value: Double, label: String)] {
    guard hasValues else { return [] }
    let values: [Double]
    switch levels {
    case .linear: values = AxisTicks.linear(yRange, count: count)
    case .logarithmic:
      values = AxisTicks.logarithmic(
        pow(10, yRange.lowerBound)...pow(10, yRange.upperBound), count: count)
    case .symmetric:
      let low = Self.value(yRange.lowerBound, levels)
      let high = Self.value(yRange.upperBound, levels)
      let powers = AxisTicks.linear(yRange, count: max(2, count)).map { level -> Double in
        let value = Self.value(level, levels)
        guard value != 0 else { return 0 }
        let power = pow(10, floor(log10(abs(value)) + 1e-9))
        return (value < 0 ? -1 : 1) * power
      }
      var seen: Set<Double> = []
      values = powers.filter { $0 >= low && $0 <= high && seen.insert($0).inserted }
    }
    return values.map { ($0, AxisTicks.label($0)) }
  }

  func horizontalTicks(count: Int) -> [Double] {
    switch unit {
    case .whole: AxisTicks.linear(xRange, count: count).filter { $0 == $0.rounded() }
    case .decimal: AxisTicks.linear(xRange, count: count)
    case .seconds: AxisTicks.seconds(xRange, count: count)
    }
  }

  func horizontalLabel(_ x: Double) -> String {
    switch unit {
    case .whole: AxisTicks.count(x)
    case .decimal: AxisTicks.label(x)
    case .seconds: AxisTicks.duration(x)
    }
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
    var sum: Int
    var count: Int
  }

  /// Whether the points of a curve lie so close that marks at each would run together.
  private static func isDense(_ series: ChartSeries, _ canvas: DotCanvas) -> Bool {
    series.points.count > canvas.width / 8
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
        flush(&column, series, on: &canvas, &previous)
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
        current.sum += y
        current.count += 1
        column = current
      } else {
        flush(&column, series, on: &canvas, &previous)
        column = Column(
          x: x, first: y, last: y, top: min(top, y), bottom: max(bottom, y), sum: y, count: 1)
      }
    }
    flush(&column, series, on: &canvas, &previous)
  }

  private func row(_ share: Double, _ canvas: DotCanvas) -> Int {
    Int(((1 - share) * Double(canvas.height - 1)).rounded())
  }

  private func flush(
    _ column: inout Column?, _ series: ChartSeries, on canvas: inout DotCanvas,
    _ previous: inout (x: Int, y: Int)?
  ) {
    guard var done = column else { return }
    column = nil
    switch series.line {
    case .means:
      let mean = done.sum / done.count
      if let previous { canvas.line(previous.x, previous.y, done.x, mean, layer: layer) }
      canvas.set(done.x, mean, layer: layer)
      done.last = mean
    case .ranges, .areas:
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
      guard !Self.isDense(series, canvas) else { break }
      canvas.set(done.x - 1, done.last, layer: layer)
      canvas.set(done.x + 1, done.last, layer: layer)
    }
    previous = (done.x, done.last)
  }
}
