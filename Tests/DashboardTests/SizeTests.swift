import RunFiles
import Support
import TerminalUI
import TestSupport
import Testing
import TrainingAPI

@testable import Dashboard

@Suite("Every size of a terminal")
struct SizeTests {
  @Test("500 seeded sizes from 1×1 to 250×80 are drawn, each row exactly as wide as the screen")
  func sizes() {
    let random = CounterRandom(seed: 11, name: "sizes")
    let running = Fixtures.state()
    let ended = Fixtures.state(through: nil, ended: true)
    let empty = DashboardState(runName: "new")
    let overlays: [DashboardState.Overlay?] = [
      nil, nil, .help(scroll: 3), .quit, .rate(RateEditor(rate: 1e-3)),
      .prompt(Prompt(.command, text: "lr 3e-4")),
    ]
    for index in 0..<500 {
      // Small ones are where things break, so they come more often.
      let share = random.uniform(4 * index)
      let width = index == 0 ? 1 : 1 + Int(share * share * 250)
      let height =
        index == 0 ? 1 : 1 + Int(random.uniform(4 * index + 1) * random.uniform(index) * 80)
      var state = [running, running, ended, empty][index % 4]
      _ = state.update(.resize(width: width, height: height))
      state.screen = ScreenID.allCases[index % 7]
      state.isZoomed = index % 11 == 0
      state.chart.cursor = index % 6 == 0 ? 300 : nil
      state.overlay = overlays[index % overlays.count]
      state.samples.picture = ([nil] + PictureMode.allCases)[index % 6]
      state.chart.smoothing = index % 4
      state.chart.isLogarithmic = index % 5 != 0
      state.chart.axis = ChartSettings.Axis.allCases[index % 6 / 2]
      let look = index % 2 == 0 ? Fixtures.unicode : Fixtures.ascii
      let surface = state.render(look)
      #expect(surface.width == width && surface.height == height)
      for row in surface.rows {
        #expect(CharacterWidth.of(row) == width, "\(width)×\(height): \(row)")
        if look.capabilities.glyphs == .ascii {
          let isPlain = row.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F }
          #expect(isPlain, "not ASCII: \(row)")
        }
      }
    }
  }

  @Test(
    "Every size from 1×1 to 250×80 is drawn on every screen, each row exactly as wide as the screen",
    .enabled(
      if: Environment.value("POSETOP_LONG_TESTS") != nil,
      "POSETOP_LONG_TESTS is not set: make soak draws all sizes"), arguments: ScreenID.allCases)
  func everySize(_ screen: ScreenID) {
    let running = Fixtures.state()
    for width in 1...250 {
      for height in 1...80 {
        var state = running
        _ = state.update(.resize(width: width, height: height))
        state.screen = screen
        let look = (width + height) % 2 == 0 ? Fixtures.unicode : Fixtures.ascii
        let surface = state.render(look)
        let placed = state.panes.map(\.rect).filter { !$0.isEmpty }
        let isClear = placed.indices.allSatisfy { index in
          let rect = placed[index]
          let isInside = rect.x >= 0 && rect.y >= 0 && rect.right <= width && rect.bottom <= height
          return isInside && placed[..<index].allSatisfy { Self.isApart($0, rect) }
        }
        let isWhole =
          surface.width == width && surface.height == height
          && surface.rows.allSatisfy { CharacterWidth.of($0) == width }
        let isSmall =
          width < DashboardState.smallest.width || height < DashboardState.smallest.height
        #expect(isWhole && (isClear || isSmall), "\(screen) at \(width)×\(height)")
      }
    }
  }

  private static func isApart(_ left: Rect, _ right: Rect) -> Bool {
    left.right <= right.x || right.right <= left.x || left.bottom <= right.y
      || right.bottom <= left.y
  }

  @Test("A terminal without any cell is no trap")
  func nothing() {
    var state = Fixtures.state()
    _ = state.update(.resize(width: 0, height: 0))
    #expect(state.render(Fixtures.unicode).cells.isEmpty)
    _ = state.update(.resize(width: -3, height: 5))
    #expect(state.render(Fixtures.unicode).cells.isEmpty)
  }

  @Test("Hostile and extreme values of a log are drawn, too")
  func hostile() {
    var plan = Fixtures.run.plan
    plan.keypoints = ["\u{1B}]0;title\u{7}", "\u{202E}abc", ""]
    plan.totalSteps = Int.max
    plan.epochs = 0
    plan.stepsPerEpoch = 0
    plan.device = "\u{1B}[2J"
    let epoch = EpochReport(
      epoch: Int.max, step: Int.max, trainLoss: .infinity, validationLoss: -1e308,
      metrics: [("AP", .nan), ("\u{1B}[31m", 1e308)], keypointErrors: [1e308, -1e308, 0, 7],
      keypointPCK: [], isBest: true, trainSeconds: -1, validationSeconds: .infinity)
    var events: [TrainingEvent] = [.planned(plan)]
    for (step, loss) in [
      (Int.min, 1e308), (-5, -1e308), (0, 0), (3, .nan), (Int.max, Double.leastNonzeroMagnitude),
    ] {
      events.append(
        .step(
          StepReport(
            step: step, epoch: step, loss: loss, learningRate: loss, imagesPerSecond: loss,
            dataWait: .nan)))
    }
    events += [.epoch(epoch), .resumed(step: Int.min)]
    for (width, height) in [(80, 24), (200, 60), (40, 12), (10, 3)] {
      for index in 0..<14 {
        let isLogarithmic = index % 2 == 0
        var state = DashboardState(runName: "\u{1B}[2J")
        state.screen = ScreenID.allCases[index / 2]
        _ = state.update(.resize(width: width, height: height))
        state.chart.isLogarithmic = isLogarithmic
        for event in events {
          _ = state.update(.events([LoggedEvent(number: 1, time: 1e300, event: event)]))
          let text = state.render(Fixtures.unicode).rows.joined()
          #expect(!text.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" })
        }
      }
    }
  }
}
