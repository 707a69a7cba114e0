import Support
import TerminalUI
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard
@testable import TerminalUI

@Suite("Curves under keys")
struct CurveTests {
  private func press(_ state: inout DashboardState, _ keys: String) {
    for scalar in keys.unicodeScalars { _ = state.update(.key(.character(scalar))) }
  }

  @Test("Plus shows half of the steps around the cursor, zero all of them")
  func zoom() {
    var state = Fixtures.state()
    let whole = state.chartSpan
    #expect(whole.lowerBound == 0 && whole.upperBound >= 775)
    press(&state, "c+")
    let half = state.chartSpan
    #expect(abs((half.upperBound - half.lowerBound) * 2 - whole.upperBound) <= 2)
    #expect(half.contains(state.chart.cursor ?? -1))
    press(&state, "0")
    #expect(state.chartSpan == whole)
    press(&state, "----")
    #expect(state.chartSpan == whole)
  }

  @Test("The window moves with the keys and stays within the run")
  func pan() {
    var state = Fixtures.state()
    press(&state, "++hhhhhhhhhh")
    #expect(state.chartSpan.lowerBound == 0)
    press(&state, "llllllllllllllllllll")
    #expect(state.chartSpan.upperBound <= state.wholeSpan.upperBound)
    press(&state, "f")
    #expect(state.chartSpan == 275...775)
  }

  @Test("The axis grows in large pieces while the run grows by single steps")
  func grown() {
    var ends: Set<Int> = []
    for step in 1...1199 {
      ends.insert(Int(AxisTicks.grown(Double(max(16, step)))))
    }
    #expect(ends.count < 60)
    #expect(ends.allSatisfy { $0 >= 16 })
  }

  @Test("The cursor reads off what stands there, also of other runs and of metrics")
  func readOut() throws {
    var state = Fixtures.state()
    press(&state, "c")
    let text = try #require(
      Curves(state, isASCII: false).readOut { template, arguments in
        ([template.rawValue] + arguments).joined(separator: " ")
      })
    #expect(text.contains("775"))
    press(&state, "m")
    #expect(state.chart.metric == "AP" && !state.chart.isLogarithmic)
    press(&state, "M")
    #expect(state.chart.metric == "loss" && state.chart.isLogarithmic)
  }

  @Test("Losses below zero have a place on a logarithmic axis")
  func negative() {
    let points = (0..<100).map { ChartPoint(x: Double($0), value: 5 - Double($0) / 10) }
    let scale = ChartScale(LineChart([ChartSeries(points, style: .train)], isLogarithmic: true))
    let heights = points.compactMap { scale.vertical($0.value) }
    #expect(heights.count == points.count)
    #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 >= $1 })
    let labels = scale.verticalTicks(count: 8).map(\.label)
    #expect(labels.contains("0") && labels.contains { $0.hasPrefix("-") })
  }

  @Test("Outermost values can be left out of the axis, but are not lost")
  func clipped() {
    let points = (0..<400).map { ChartPoint(x: Double($0), value: $0 == 200 ? 1000 : 1) }
    let chart = LineChart([ChartSeries(points, style: .train)], clipsOutliers: true)
    #expect(ChartScale(chart).vertical(1000) == 1)
    #expect((ChartScale(chart).verticalTicks(count: 4).last?.value ?? 0) < 10)
  }

  @Test("Seconds on an axis are whole minutes or hours where they can be")
  func seconds() {
    #expect(
      AxisTicks.seconds(0...3600, count: 4).map(AxisTicks.duration) == [
        "0s", "15m", "30m", "45m", "1h",
      ])
    #expect(AxisTicks.duration(5400) == "1h30" && AxisTicks.duration(95) == "1m35")
  }

  @Test("Exact colours are written as such, others by the palette, and only what changed")
  func escapes() {
    var first = Surface(width: 4, height: 2, glyphs: .unicode)
    first.put("ab", 0, 0, Style(.rgb(1, 2, 3), on: .palette(4), .bold))
    var writer = EscapeWriter(depth: .direct)
    writer.write(from: nil, to: first)
    let text = String(decoding: writer.bytes, as: UTF8.self)
    #expect(text.contains("\u{1B}[0;1;38;2;1;2;3;44mab"))
    #expect(!text.contains("\u{1B}[2J"))
    var second = first
    second.put("x", 3, 1, Style())
    writer = EscapeWriter(depth: .direct)
    writer.write(from: first, to: second)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\u{1B}[2;4H\u{1B}[0mx\u{1B}[0m")
  }

  @Test(
    "Exact colours are used where the terminal says so",
    arguments: [
      (["COLORTERM": "truecolor"], "xterm-256color", 256, ColorDepth.direct),
      ([:], "xterm-256color", 256, .colors256),
      (["TERM": "xterm-kitty"], "xterm-256color", 256, .direct),
      (["COLORTERM": "truecolor", "NO_COLOR": "1"], "xterm-256color", 256, .mono),
      (["COLORTERM": "truecolor"], "screen-256color", 256, .colors256),
      (["COLORTERM": "truecolor", "TMUX": "x"], "screen-256color", 256, .direct),
      (["COLORTERM": "truecolor"], "xterm", 8, .colors8),
    ])
  func depth(
    _ variables: [String: String], _ term: String, _ described: Int, _ expected: ColorDepth
  ) {
    let found = ColorDetection.depth(
      asked: nil, described: described, term: term, knowsSequences: true
    ) { variables[$0] }
    #expect(found == expected)
  }

  @Test("A price keeps its sign, and the clock leaves out the gap before a resume")
  func rent() throws {
    let dollars = try #require(HourlyPrice("$2.50"))
    #expect(dollars.text(dollars.money(seconds: 7200)) == "$5.00")
    #expect(HourlyPrice("1,20 €")?.text(3) == "3.00 €")
    #expect(HourlyPrice("0.4")?.text(1) == "1.00")
    for bad in ["", "$", "-2", "free", "1e9x", "2.5.5", "$1$"] { #expect(HourlyPrice(bad) == nil) }
    var clock = RentClock()
    for (time, event) in [
      (0, TrainingEvent.state(.running)), (100, .state(.paused)), (5000, .resumed(step: 3)),
      (5060, .state(.running)),
    ] {
      clock.take(LoggedEvent(number: 0, time: Double(time), event: event))
    }
    #expect(clock.seconds == 160)
  }
}
