import Support
import TerminalUI
import Testing

@testable import Dashboard

@Suite("Charts")
struct ChartTests {
  private func draw(_ chart: LineChart, width: Int = 60, height: Int = 16) -> Surface {
    var surface = Surface(width: width, height: height, glyphs: .unicode)
    chart.draw(into: &surface, in: surface.bounds, Fixtures.unicode)
    return surface
  }

  /// Rows in which a column has braille dots.
  private func dotted(_ surface: Surface) -> [(x: Int, y: Int)] {
    var places: [(Int, Int)] = []
    for y in 0..<surface.height {
      for x in 0..<surface.width
      where (0x2801..<0x2900).contains(surface[x, y].scalar.value) {
        places.append((x, y))
      }
    }
    return places
  }

  @Test("A spike of one step among a hundred thousand reaches the top of the plot")
  func spike() {
    var store = SeriesStore()
    for step in 1...100_000 { store.append(step: step, value: step == 77_777 ? 50 : 1) }
    #expect(store.buckets.count <= SeriesStore.bucketLimit)
    let surface = draw(LineChart([ChartSeries(store.points { Double($0) }, style: .train)]))
    let top = dotted(surface).filter { $0.y <= 1 }
    #expect(!top.isEmpty)
    #expect(top.allSatisfy { abs($0.x - (5 + 55 * 77_777 / 100_000)) <= 2 })
  }

  @Test("A loss that is no number is a gap with a mark on the axis")
  func gap() {
    let points = (0..<100).map {
      ChartPoint(x: Double($0), value: (40..<60).contains($0) ? .nan : 1 + Double($0) / 100)
    }
    let surface = draw(LineChart([ChartSeries(points, style: .train)]))
    let columns = Set(dotted(surface).map(\.x))
    #expect(!columns.contains(32) && !columns.contains(33))
    #expect(columns.contains(10) && columns.contains(55))
    #expect(surface.rows.contains { $0.contains("x") })
  }

  @Test("A gap also survives the joining of neighbours")
  func gapInBuckets() {
    var store = SeriesStore()
    for step in 1...20_000 { store.append(step: step, value: step == 5_000 ? .nan : 1) }
    #expect(store.points { Double($0) }.contains { $0.value.isNaN })
  }

  @Test("Joined points keep mean, smallest and largest value")
  func means() {
    var store = SeriesStore()
    for step in 1...50_000 { store.append(step: step, value: Double(step % 8)) }
    let points = store.points { Double($0) }
    #expect(points.map(\.low).min() == 0 && points.map(\.high).max() == 7)
    #expect(points.dropFirst().dropLast().allSatisfy { abs($0.value - 3.5) < 1e-9 })
  }

  @Test(
    "A curve begins at the run's first step, however long the run",
    arguments: [100, 4_095, 4_096, 4_100, 5_000, 6_143, 8_193, 9_000, 20_000])
  func wholeRun(steps: Int) {
    var store = SeriesStore()
    for step in 1...steps { store.append(step: step, value: 1) }
    let points = store.points(from: 0) { Double($0) }
    #expect(points.first.map { $0.x <= 16 } == true)
    #expect(points.last?.x == Double(steps))
    // A window into the newest steps shows each of them.
    let newest = store.points(from: steps - 50) { Double($0) }
    #expect(newest.count { $0.x > Double(steps - 50) } == 50)
  }

  @Test("A resumed run forgets what came after its checkpoint")
  func cut() {
    var store = SeriesStore()
    for step in 1...9_000 { store.append(step: step, value: 1) }
    store.cut(after: 4_000)
    #expect(store.lastStep <= 4_000)
    store.append(step: 4_001, value: 2)
    #expect(store.points { Double($0) }.last?.x == 4_001)
  }

  @Test(
    "Ticks are round numbers",
    arguments: [
      (0.0...1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0...775, 4, [0, 200, 400, 600]),
      (3.0...4.1, 3, [3, 3.5, 4]),
    ])
  func linearTicks(_ range: ClosedRange<Double>, _ count: Int, _ expected: [Double]) {
    let ticks = AxisTicks.linear(range, count: count)
    #expect(ticks.count == expected.count)
    #expect(zip(ticks, expected).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test(
    "Logarithmic ticks have as many values a decade as there is room for",
    arguments: [
      (1e-4...1e-1, 4, ["1e-4", "1e-3", "0.01", "0.1"]),
      (4e-4...8e-3, 5, ["5e-4", "1e-3", "2e-3", "5e-3"]),
      (1e-9...1e9, 4, ["1e-9", "1e-4", "10", "1M"]),
    ])
  func logarithmicTicks(_ range: ClosedRange<Double>, _ count: Int, _ expected: [String]) {
    #expect(AxisTicks.logarithmic(range, count: count).map(AxisTicks.label) == expected)
  }

  @Test(
    "An axis writes a number as a person would",
    arguments: [
      (0.0, "0"), (2e-4, "2e-4"), (0.5, "0.5"), (150, "150"), (999.7, "1000"), (1000, "1000"),
      (2000, "2000"),
      (-2500, "-2500"), (20_000, "20k"), (3_000_000, "3M"),
    ])
  func axisLabels(_ value: Double, _ expected: String) {
    #expect(AxisTicks.label(value) == expected)
  }

  @Test("Smoothing starts at the first value, without a bias to zero")
  func smoothing() {
    let points = (0..<10).map { ChartPoint(x: Double($0), value: 3) }
    #expect(SeriesStore.smoothed(points, factor: 0.98).allSatisfy { abs($0.value - 3) < 1e-12 })
  }

  @Test("In ASCII a curve is made of ASCII")
  func plain() {
    var surface = Surface(width: 40, height: 12, glyphs: .ascii)
    let points = (0..<50).map { ChartPoint(x: Double($0), value: Double($0 * $0)) }
    LineChart([ChartSeries(points, style: .train)], marks: [ChartMark(x: 20, label: "lr")])
      .draw(into: &surface, in: surface.bounds, Fixtures.ascii)
    #expect(surface.rows.joined().unicodeScalars.allSatisfy { $0.isASCII })
    #expect(surface.rows.joined().contains("'"))
  }

  @Test("Bands are filled one above the other and meet at an eighth of a cell")
  func areas() {
    func band(_ low: Double, _ high: Double, _ style: StyleKey) -> ChartSeries {
      let points = (0..<10).map { ChartPoint(x: Double($0), value: high, low: low, high: high) }
      return ChartSeries(points, line: .areas, style: style)
    }
    let chart = LineChart([band(0, 31, .other1), band(31, 64, .other2)], horizontal: 0...9)
    let look = Look(
      theme: .standard, capabilities: Capabilities(glyphs: .unicode, depth: .direct))
    var surface = Surface(width: 10, height: 8, glyphs: .unicode)
    chart.draw(into: &surface, in: surface.bounds, look)
    for x in 0..<10 {
      let column = (0..<8).map { surface[x, 7 - $0] }
      let lower = column[0].style.background
      let upper = column[5].style.background
      #expect(column[0].scalar == " " && lower != upper && lower != .terminal)
      // Solid below, one cell with both, solid above; at the top the ground.
      let parts = column.filter { (0x2581...0x2587).contains($0.scalar.value) }
      #expect(parts.count <= 2)
      #expect(parts.first.map { $0.style == Style(lower, on: upper) } ?? true)
      #expect(column.prefix { $0.scalar == " " }.allSatisfy { $0.style.background == lower })
    }
    // Without enough colours the bands are dots, as other ranges are.
    var plain = Surface(width: 10, height: 8, glyphs: .unicode)
    chart.draw(
      into: &plain, in: plain.bounds,
      Look(theme: .standard, capabilities: Capabilities(glyphs: .unicode, depth: .colors16)))
    #expect(plain.rows.joined().unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) })
  }
}
