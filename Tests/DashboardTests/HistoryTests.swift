import TestSupport
import Testing
import TrainingAPI
import Wording

@testable import Dashboard

@Suite("The history of a run")
struct HistoryTests {
  private func history(_ events: [LoggedEvent]) -> RunHistory {
    var history = RunHistory()
    for event in events { history.apply(event) }
    return history
  }

  @Test("Events add up to plan, curves, epochs, edits and the last save")
  func reduce() {
    let history = history(Fixtures.run.events(through: 775))
    #expect(history.plan?.totalSteps == 1200)
    #expect(history.step == 775 && history.epoch == 8 && history.epochs.count == 7)
    #expect(history.rateEdits.map(\.step) == [420])
    #expect(history.durable?.step == 700)
    #expect(history.best?.epoch == 7)
    #expect(!history.hasEnded && history.state == .running)
  }

  @Test("The time that is left counts the validations")
  func remaining() throws {
    let history = history(Fixtures.run.events(through: 775))
    let seconds = try #require(history.remainingSeconds)
    // 425 steps of 0.25 s and 5 validations of 3 s.
    #expect(abs(seconds - (425 * 0.25 + 5 * 3)) < 1)
  }

  @Test("A pause does not make the run slower")
  func pause() throws {
    var events = Fixtures.run.events(through: 50)
    let time = (events.last?.time ?? 0) + 3600
    events.append(LoggedEvent(number: 0, time: time, event: .state(.paused)))
    events.append(LoggedEvent(number: 0, time: time, event: .state(.running)))
    let step = StepReport(
      step: 51, epoch: 1, loss: 1, learningRate: 1, imagesPerSecond: 1, dataWait: 0)
    events.append(LoggedEvent(number: 0, time: time + 0.25, event: .step(step)))
    let perStep = try #require(history(events).pace.secondsPerStep)
    #expect(abs(perStep - 0.25) < 0.01)
  }

  @Test("A run that went on from a checkpoint forgets what was cut off")
  func resumed() {
    var events = Fixtures.run.events(through: 775)
    events.append(LoggedEvent(number: 0, time: 2e9, event: .resumed(step: 400)))
    let history = history(events)
    #expect(history.step == 400 && history.epochs.count == 4 && history.rateEdits.isEmpty)
    #expect(history.loss.lastStep <= 400)
    #expect(history.durable?.step == 400)
  }

  @Test("A run that had ended, and is gone on with before somebody's eyes, is alive again")
  func goneOnWith() {
    var events = Fixtures.run.events(ended: true)
    #expect(history(events).hasEnded)
    events.append(LoggedEvent(number: 0, time: 2e9, event: .resumed(step: 400)))
    events.append(LoggedEvent(number: 0, time: 2e9, event: .state(.running)))
    #expect(!history(events).hasEnded && history(events).state == .running)
  }

  @Test("A million steps stay small, and adding the next one stays cheap")
  func long() {
    var history = RunHistory()
    for step in 1...1_000_000 {
      let report = StepReport(
        step: step, epoch: 1, loss: 1, learningRate: 1, imagesPerSecond: 1, dataWait: 0)
      history.apply(LoggedEvent(number: step, time: Double(step), event: .step(report)))
    }
    #expect(history.loss.buckets.count <= SeriesStore.bucketLimit)
    #expect(history.loss.recent.count <= 2 * SeriesStore.recentLimit)
    #expect(history.step == 1_000_000)
  }

  @Test("The end of a run and its failure are final")
  func ends() {
    let ended = history(Fixtures.run.events(ended: true))
    #expect(ended.hasEnded && ended.finish?.reason == .completed && ended.remainingSeconds == nil)
    let reason = Sentence(key: "no such folder", arguments: [])
    let failed = history([LoggedEvent(number: 1, time: 0, event: .failed(reason))])
    #expect(failed.hasEnded && failed.failure == reason)
  }
}
