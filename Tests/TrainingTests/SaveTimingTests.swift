import RunFiles
import Support
import Synchronization
import TensorFiles
import Testing
import TrainingAPI
import TrainingSupport
import Wording

@testable import Training

/// How often a state is saved.
@Suite struct SaveTimingTests {
  private func due(
    _ timing: SaveTiming, at now: Double, step: Int = 1, isEpochEnd: Bool = false,
    isBest: Bool = false, failures: Int = 0
  ) -> Checkpointer.Purpose {
    timing.due(
      SaveTiming.Moment(
        now: now, step: step, isEpochEnd: isEpochEnd, isBest: isBest, failures: failures))
  }

  @Test func `every so many seconds, and at an epoch's end when the last is older than a minute`() {
    let timing = SaveTiming(.seconds(300), now: 1000)
    #expect(due(timing, at: 1299) == [])
    #expect(due(timing, at: 1300) == .generation)
    #expect(due(timing, at: 1059, isEpochEnd: true) == [])
    #expect(due(timing, at: 1060, isEpochEnd: true) == .generation)
    #expect(due(timing, at: 1001, isEpochEnd: true, isBest: true) == .best)
  }

  @Test
  func `where a save is expensive the interval grows until 3 % of the time go into it`() {
    var timing = SaveTiming(.seconds(60), now: 0)
    // 1.7 s for a save are less than 3 % of a minute.
    timing.cost = 1.7
    #expect(due(timing, at: 60) == .generation)
    #expect(timing.takeLongerInterval() == nil)
    timing.cost = 6
    #expect(due(timing, at: 199) == [])
    #expect(due(timing, at: 199, isEpochEnd: true) == [])
    #expect(due(timing, at: 200) == .generation)
    for cost in [0.0, 0.5, 3, 10, 400] {
      timing.cost = cost
      var (saves, now) = (0, 0.0)
      timing.lastTime = 0
      while now < 1e5 {
        now += 1
        if due(timing, at: now).contains(.generation) {
          saves += 1
          timing.lastTime = now
        }
      }
      #expect(Double(saves) * cost <= 0.03 * now)
      #expect(saves >= Int(now / max(60, cost / 0.03 + 1)))
    }
  }

  @Test func `a best epoch right behind another is saved, but not one after the other for ever`() {
    var timing = SaveTiming(.seconds(60), now: 0)
    timing.cost = 2
    timing.lastTime = 1000
    #expect(due(timing, at: 1000, isBest: true) == .best)
    timing.payBest(at: 1000)
    #expect(due(timing, at: 1001, isBest: true) == .best)
    timing.payBest(at: 1001)
    #expect(!due(timing, at: 1002, isBest: true).contains(.best))
    #expect(!due(timing, at: 1199, isBest: true).contains(.best))
    #expect(due(timing, at: 1200, isBest: true).contains(.best))
    // Each epoch is better than the one before.
    var (saves, now) = (0, 1200.0)
    while now < 1e5 {
      now += 1
      if due(timing, at: now, isBest: true).contains(.best) {
        saves += 1
        timing.payBest(at: now)
      }
    }
    #expect(Double(saves) * timing.cost <= 0.01 * (now - 1000))
    #expect(saves > Int((now - 1200) / 201))
  }

  @Test func `a longer interval is said once, and again when it has grown by half`() {
    var timing = SaveTiming(.seconds(60), now: 0)
    timing.cost = 3
    #expect(timing.takeLongerInterval() == 100)
    #expect(timing.takeLongerInterval() == nil)
    timing.cost = 4
    #expect(timing.takeLongerInterval() == nil)
    timing.cost = 6
    #expect(timing.takeLongerInterval() == 200)
  }

  @Test
  func `weights that are not the best wait until weight files have cost a hundredth of the time`() {
    var timing = SaveTiming(.seconds(60), now: 0)
    #expect(timing.allowsLastWeights(at: 10))
    timing.payWeights(0.5, at: 10)
    #expect(!timing.allowsLastWeights(at: 59))
    #expect(timing.allowsLastWeights(at: 60))
    // Best epochs, whose weights always are saved, come first.
    timing.payWeights(1, at: 60)
    timing.payWeights(1, at: 70)
    #expect(!timing.allowsLastWeights(at: 259))
    #expect(timing.allowsLastWeights(at: 260))
  }

  @Test func `an interval in steps is kept whatever a save costs`() {
    var timing = SaveTiming(.steps(50), now: 0)
    timing.cost = 1000
    #expect(due(timing, at: 1, step: 100) == .generation)
    #expect(due(timing, at: 1, step: 101) == [])
    #expect(timing.takeLongerInterval() == nil)
    let moment = SaveTiming.Moment(now: 1, step: 151, durableStep: 100)
    #expect(timing.isTooFarAhead(moment))
  }

  @Test func `what the disk refused comes again soon, each time a little later`() {
    let timing = SaveTiming(.seconds(3600), now: 0)
    for (failures, pause) in [(1, 10.0), (2, 20), (3, 40), (6, 300), (50, 300)] {
      #expect(due(timing, at: pause - 1, failures: failures) == [])
      #expect(due(timing, at: pause, failures: failures) == .generation)
    }
    #expect(due(SaveTiming(.steps(1000), now: 0), at: 10, step: 7, failures: 1) == .generation)
  }

  @Test func `a training whose states cost much says how seldom it saves`() throws {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    let (succeeded, _) = try ground.train("run", sink: recorder, storage: BusyStorage()) { recipe in
      recipe.batch = 4
      recipe.epochs = 8
      recipe.inputWidth = 32
      recipe.inputHeight = 32
      recipe.checkpointEvery = "0.01s"
      recipe.model = "cnn-pooled"
    }
    #expect(succeeded)
    let said = recorder.events.compactMap { event -> [String]? in
      guard case .notice(let notice) = event,
        notice.sentence.key == EngineSentence.savingSeldom.key
      else { return nil }
      return notice.sentence.arguments
    }
    #expect(!said.isEmpty)
  }
}

extension SaveTimingTests {
  private func checkpoints(_ recorder: Recorder) -> [Int] {
    recorder.events.compactMap {
      if case .checkpoint(let report) = $0, report.kind == "state" { report.step } else { nil }
    }
  }

  @Test func `best epochs one after the other do not put off the state where a training goes on`()
    throws
  {
    let ground = try Ground(people: 20)
    let recorder = Recorder { _ in ConditionSignal().wait(seconds: 0.1) }
    let (succeeded, _) = try ground.train("run", sink: recorder) { recipe in
      recipe.batch = 4
      recipe.epochs = 8
      recipe.inputWidth = 32
      recipe.inputHeight = 32
      recipe.model = "cnn-pooled"
      // Longer than an epoch.
      recipe.checkpointEvery = "0.6s"
    }
    #expect(succeeded)
    #expect(checkpoints(recorder).count > 2, "not only the end's")
  }

  @Test func `a roll back leads to the best epoch, however soon after the last best one it came`()
    throws
  {
    let ground = try Ground(people: 80)
    func change(_ recipe: inout RunRecipe, _ epochs: Int) {
      recipe.epochs = epochs
      recipe.augment = "none"
      recipe.schedule = "constant"
      recipe.warmup = 0
      recipe.learningRate = 3e-3
    }
    func tensors(_ found: CheckpointStore.Found) throws -> [[UInt8]] {
      try found.file.entries.filter { $0.element == .float32 }.map { try found.file.bytes($0.name) }
    }
    let recorder = Recorder()
    // Each save costs more than an epoch.
    let (succeeded, folder) = try ground.train("run", sink: recorder, storage: BusyStorage()) {
      change(&$0, 7)
    }
    #expect(succeeded)
    let bests = recorder.events.compactMap { event -> EpochReport? in
      if case .epoch(let report) = event, report.isBest { report } else { nil }
    }
    let best = try #require(bests.last)
    #expect(bests.count > 3)
    let saved = try #require(try CheckpointStore(folder).best())
    #expect(saved.state["progress"]?["step"]?.int == best.step)
    // A run that ends there.
    let short = try ground.train("short") { change(&$0, best.epoch) }
    #expect(try tensors(saved) == tensors(#require(CheckpointStore(short.folder).newest())))
  }
}

/// A disk that keeps a processor busy: 50 ms each write.
private struct BusyStorage: StorageCalls {
  private let system = SystemStorage()

  func open(_ path: String, _ flags: Int32, _ mode: UInt32) -> Int32 {
    system.open(path, flags, mode)
  }

  func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    let start = Clock.threadProcessor()
    while Clock.threadProcessor() < start + 0.05 {}
    return system.write(descriptor, bytes)
  }

  func sync(_ descriptor: Int32) -> Int32 { system.sync(descriptor) }

  func close(_ descriptor: Int32) -> Int32 { system.close(descriptor) }

  func rename(_ from: String, _ to: String) -> Int32 { system.rename(from, to) }

  func unlink(_ path: String) -> Int32 { system.unlink(path) }
}
