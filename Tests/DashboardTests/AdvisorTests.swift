import RunFiles
import Support
import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

@Suite("The advisor")
struct AdvisorTests {
  /// A run whose losses are given by a formula.
  private func run(
    epochs: Int, stepsPerEpoch: Int = 40, planned: Int = 60,
    train: (Int) -> Double, validation: (Int) -> Double = { _ in 0.01 },
    wait: Double = 0.01, speed: (Int) -> Double = { _ in 100 }, rate: Double = 1e-3
  ) -> RunHistory {
    var history = RunHistory()
    var plan = ScriptedRun(epochs: planned, stepsPerEpoch: stepsPerEpoch).plan
    plan.layers = []
    var time = 1e9
    func add(_ event: TrainingEvent) {
      time += 0.25
      history.apply(LoggedEvent(number: 0, time: time, event: event))
    }
    add(.planned(plan))
    for epoch in 1...epochs {
      for index in 1...stepsPerEpoch {
        let step = (epoch - 1) * stepsPerEpoch + index
        add(
          .step(
            StepReport(
              step: step, epoch: epoch, loss: train(step), learningRate: rate,
              imagesPerSecond: speed(step), dataWait: wait)))
      }
      add(
        .epoch(
          EpochReport(
            epoch: epoch, step: epoch * stepsPerEpoch, trainLoss: train(epoch * stepsPerEpoch),
            validationLoss: validation(epoch), metrics: [], keypointErrors: [], keypointPCK: [],
            isBest: true, trainSeconds: 1, validationSeconds: 1)))
    }
    return history
  }

  private func rules(_ history: RunHistory) -> [Advice.Rule] {
    Advisor.advice(on: history).map(\.rule)
  }

  private func falling(_ step: Int) -> Double { 0.02 / (1 + Double(step) / 50) }

  @Test("A run that learns gets no advice")
  func quiet() {
    let history = run(
      epochs: 20, train: falling, validation: { 0.02 / (1 + Double($0)) })
    #expect(rules(history).isEmpty)
    var scripted = RunHistory()
    for event in Fixtures.run.events(through: 775) { scripted.apply(event) }
    #expect(rules(scripted).isEmpty)
  }

  @Test("A loss that is no number is named with its step")
  func notANumber() {
    let history = run(
      epochs: 2, train: { $0 == 70 ? .nan : falling($0) }, validation: { 0.02 / Double($0) })
    let advice = Advisor.advice(on: history)
    #expect(advice.first?.rule == .notANumber && advice.first?.sentence.arguments == ["70"])
  }

  @Test("A training loss that grows asks for a tenth of the rate")
  func rising() {
    let history = run(
      epochs: 12, train: { 0.01 * (1 + pow2(Double($0 - 240) / 100)) },
      validation: { 0.02 / Double($0) })
    #expect(rules(history) == [.rising])
  }

  private func pow2(_ value: Double) -> Double { value * value }

  @Test("A validation loss that jumps asks for a tenth of the rate")
  func jumping() {
    let history = run(
      epochs: 8, train: falling, validation: { $0 % 2 == 0 ? 0.01 : 0.016 - 0.0004 * Double($0) })
    #expect(rules(history) == [.jumping])
  }

  @Test("A widening gap says which epoch was best")
  func overfitting() {
    let history = run(
      epochs: 14, train: falling,
      validation: { $0 <= 7 ? 0.02 / Double($0) : 0.0029 * (1 + 0.05 * Double($0 - 7)) })
    let advice = Advisor.advice(on: history)
    #expect(advice.map(\.rule) == [.overfitting])
    #expect(advice.first?.sentence.arguments.first == "7")
  }

  @Test("A plateau asks for a smaller rate, but not when the rate is almost nothing")
  func plateau() {
    let losses = { (epoch: Int) in epoch < 6 ? 0.02 / Double(epoch) : 0.004 }
    #expect(rules(run(epochs: 20, train: { _ in 0.004 }, validation: losses)) == [.plateau])
    var ended = RunHistory()
    var step = 0
    for event in run(epochs: 1, train: falling).plan.map({ [TrainingEvent.planned($0)] }) ?? [] {
      ended.apply(LoggedEvent(number: 0, time: 1, event: event))
    }
    for epoch in 1...20 {
      for _ in 1...40 {
        step += 1
        ended.apply(
          LoggedEvent(
            number: 0, time: 1e9 + Double(step),
            event: .step(
              StepReport(
                step: step, epoch: epoch, loss: 0.004, learningRate: epoch < 8 ? 1e-3 : 1e-6,
                imagesPerSecond: 100, dataWait: 0))))
      }
      ended.apply(
        LoggedEvent(
          number: 0, time: 1e9 + Double(step),
          event: .epoch(
            EpochReport(
              epoch: epoch, step: step, trainLoss: 0.004, validationLoss: losses(epoch),
              metrics: [], keypointErrors: [], keypointPCK: [], isBest: false, trainSeconds: 1,
              validationSeconds: 1))))
    }
    #expect(rules(ended).isEmpty)
  }

  @Test("A loss that hardly moves asks for a larger rate")
  func tooSlow() {
    let history = run(
      epochs: 4, train: { 0.02 - 1e-6 * Double($0) }, validation: { 0.02 - 1e-4 * Double($0) })
    #expect(rules(history) == [.tooSlow])
  }

  @Test("Sides that are taken for each other more and more often ask for a look at the flip pairs")
  func inversions() {
    func history(_ inverted: (Int) -> Int) -> RunHistory {
      var history = run(epochs: 1, train: falling, validation: { 0.02 / Double($0) })
      for epoch in 2...12 {
        history.apply(
          LoggedEvent(
            number: 0, time: 2e9,
            event: .epoch(
              EpochReport(
                epoch: epoch, step: 40 * epoch, trainLoss: 0.02 / Double(epoch),
                validationLoss: 0.02 / Double(epoch), metrics: [], keypointErrors: [],
                keypointPCK: [], isBest: true, trainSeconds: 1, validationSeconds: 1,
                errorKinds: [[85 - inverted(epoch), 5, inverted(epoch), 2, 8]]))))
      }
      return history
    }
    #expect(rules(history { 3 * $0 }) == [.inversions])
    #expect(rules(history { _ in 36 }) == [.inversions])
    // A model that learns mixes the sides up at first, and then ever less.
    #expect(rules(history { 40 - 3 * $0 }) == [])
    #expect(rules(history { _ in 10 }) == [])
  }

  @Test("Waiting for pictures asks for more loaders")
  func waiting() {
    let history = run(
      epochs: 3, train: falling, validation: { 0.02 / Double($0) }, wait: 0.4)
    #expect(rules(history) == [.waiting])
  }

  @Test("A machine without free memory, or far slower than before, is said so")
  func machine() {
    let history = run(
      epochs: 10, train: falling, validation: { 0.02 / Double($0) },
      speed: { $0 > 360 ? 40 : 100 })
    #expect(rules(history) == [.slower])
    let host = HostReport(memory: (24 << 30, 1 << 30), load: 1, processors: 2)
    #expect(Advisor.advice(on: history, host: host).map(\.rule) == [.memory, .slower])
  }

  // MARK: - Recorded runs

  /// A run that took place, up to the end of an epoch: `lite` at 64x64 on 38 drawn figures.
  private func recorded(_ name: String, through epoch: Int = .max) throws -> RunHistory {
    let folder = Path.join(Path.parent(of: #filePath), "Recorded")
    let reader = EventLogReader(Path.join(folder, "\(name).ndjson"))
    var history = RunHistory()
    for logged in reader.read(maximum: 1 << 24) {
      if case .failed = logged.event { break }
      if case .finished = logged.event { break }
      history.apply(logged)
      if case .epoch(let report) = logged.event, report.epoch == epoch { break }
    }
    #expect(history.plan != nil)
    return history
  }

  @Test("A recorded run that learns its pictures by heart is told to vary them")
  func recordedGap() throws {
    for epoch in [30, 40] {
      #expect(rules(try recorded("overfit", through: epoch)).contains(.overfitting))
    }
  }

  @Test("A recorded run with a rate far too high is told so after its first epoch")
  func recordedRate() throws {
    for epoch in 1...4 {
      #expect(rules(try recorded("rate", through: epoch)).first == .exploding)
    }
  }

  @Test("A recorded run with a rate far too low is told so")
  func recordedSlow() throws { #expect(rules(try recorded("slow")) == [.tooSlow]) }

  @Test("A recorded run whose loss was no number says where, in which samples, and what was done")
  func recordedBreakdown() throws {
    let advice = try #require(Advisor.advice(on: try recorded("nan")).first)
    #expect(advice.rule == .notANumber)
    let text = advice.sentence.text()
    #expect(text.contains("step 4") && text.contains("loss (heatmap loss)"))
    #expect(text.contains("000030.jpg"))
    #expect(advice.sentence.text(in: .chinese).contains("000030.jpg"))
  }

  @Test("Recorded runs that mix up who turns round are not sent to the flip pairs")
  func recordedSides() throws {
    for name in ["jumping", "overfit", "slower"] {
      for epoch in [5, 8, 12, 16] {
        #expect(try !rules(recorded(name, through: epoch)).contains(.inversions))
      }
    }
  }

  @Test("A recorded run with the sides exchanged in half of its labels is sent to the flip pairs")
  func recordedInversions() throws {
    // While much is missed still, few points say nothing of the labels.
    #expect(try !rules(recorded("sides", through: 20)).contains(.inversions))
    let advice = Advisor.advice(on: try recorded("sides", through: 25))
    let sides = try #require(advice.first { $0.rule == .inversions })
    #expect(sides.sentence.arguments == ["40%"])
  }

  @Test("A recorded run whose validation loss jumps is told to take a tenth of the rate")
  func recordedJumping() throws {
    #expect(try rules(recorded("jumping", through: 6)) == [])
    #expect(try rules(recorded("jumping", through: 9)) == [.jumping])
  }

  @Test("A recorded run whose rate was raised again and again is told to take it back")
  func recordedRising() throws {
    #expect(try !rules(recorded("rising", through: 12)).contains(.rising))
    #expect(try rules(recorded("rising", through: 17)) == [.rising])
    #expect(try rules(recorded("rising", through: 20)) == [.rising, .exploding])
  }

  @Test("A recorded run that learnt all it could at its rate is told to lower it")
  func recordedPlateau() throws {
    #expect(try rules(recorded("rate", through: 12)) == [])
    #expect(try rules(recorded("rate", through: 13)) == [.plateau])
  }

  @Test("A recorded run whose gradient leaps is told to take a tenth of the rate, or to clip")
  func recordedSpikes() throws {
    #expect(try rules(recorded("spikes", through: 12)).first == .spikes)
  }

  @Test("A recorded run that was held up by others is said to be slow, and not before")
  func recordedSlower() throws {
    #expect(try rules(recorded("slower", through: 9)) == [])
    #expect(try rules(recorded("slower", through: 15)).contains(.slower))
  }

  @Test("A recorded run with pictures too large for its loaders is told to use more")
  func recordedWaiting() throws {
    #expect(try rules(recorded("waiting")).contains(.waiting))
  }

  @Test("A gradient that leaps again and again asks for a tenth of the rate")
  func spikes() {
    var history = run(epochs: 1, train: falling, validation: { 0.02 / Double($0) })
    for step in 41...240 {
      history.apply(
        LoggedEvent(
          number: 0, time: 1e9 + Double(step),
          event: .step(
            StepReport(
              step: step, epoch: 2, loss: falling(step), learningRate: 1e-3,
              imagesPerSecond: 100, dataWait: 0, gradientNorm: step % 40 == 0 ? 30 : 1))))
    }
    #expect(rules(history) == [.spikes])
  }
}
