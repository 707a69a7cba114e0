import Nets
import Testing

@Suite struct ScheduleTests {
  private func rates(
    _ name: String, base: Double = 1, warmup: Int = 0, epochs: Int, stepsPerEpoch: Int = 1
  ) throws -> [Double] {
    let total = epochs * stepsPerEpoch
    let schedule = LearningRateSchedule(
      base: base, warmup: warmup, total: total, stepsPerEpoch: stepsPerEpoch,
      definition: try Catalog.schedule(name))
    return (1...total).map(schedule.rate(atStep:))
  }

  /// mmengine's LinearLR with start_factor 0.001 over 500 steps at 5e-4.
  @Test(arguments: [(0, 5e-7), (1, 1.501002e-6), (250, 2.507505e-4), (499, 5e-4), (500, 5e-4)])
  func `the warm-up is mmengine's`(_ done: Int, _ expected: Double) throws {
    let rates = try rates("constant", base: 5e-4, warmup: 500, epochs: 1, stepsPerEpoch: 600)
    #expect(abs(rates[done] - expected) < 1e-6 * expected)
  }

  /// torch's CosineAnnealingLR(T_max=4): (1 + cos(pi t / 4)) / 2.
  @Test func `the cosine is PyTorch's`() throws {
    let expected = [1, 0.8535533905932737, 0.5, 0.14644660940672627]
    for (rate, value) in zip(try rates("cosine", epochs: 4), expected) {
      #expect(abs(rate - value) < 1e-12)
    }
  }

  @Test func `milestones are HRNet's, and the drop comes with the epoch after them`() throws {
    let rates = try rates("multistep", epochs: 210)
    #expect(rates[169] == 1)
    #expect(abs(rates[170] - 0.1) < 1e-12)
    #expect(abs(rates[199] - 0.1) < 1e-12)
    #expect(abs(rates[200] - 0.01) < 1e-12)
  }

  @Test func `steps fall by ten at each third`() throws {
    let rates = try rates("step", epochs: 9)
    for (rate, value) in zip(rates, [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]) {
      #expect(abs(rate - value) < 1e-12)
    }
  }

  /// torch 2's ReduceLROnPlateau() on the same values: the eleventh bad value cuts, then counting
  /// begins anew.
  @Test func `the plateau is PyTorch's`() {
    var watch = PlateauWatch()
    var rate = 0.1
    var history: [Double] = []
    let values = [1.0, 0.9] + [Double](repeating: 0.89995, count: 24)
    for value in values {
      if watch.observe(value, rate: rate) { rate *= PlateauWatch.factor }
      history.append(rate)
    }
    #expect(history[11] == 0.1)
    #expect(abs(history[12] - 0.01) < 1e-12)
    #expect(abs(history[22] - 0.01) < 1e-12)
    #expect(abs(history[23] - 0.001) < 1e-12)
    // A change of 1e-8 or less is not made.
    watch = PlateauWatch()
    let cuts = (0..<12).map { _ in watch.observe(1, rate: 1e-8) }
    #expect(!cuts.contains(true))
  }
}
