import Figures
import Glibc
import RunFiles
import Support
import Testing
import Training
import TrainingAPI
import TrainingSupport
import Wording

/// Trainings that end early and go on.
@Suite struct ResumeTests {
  /// 20 people in batches of 4: 16 train in 4 steps an epoch, 3 epochs.
  private func shrink(_ recipe: inout RunRecipe) {
    recipe.batch = 4
    recipe.epochs = 3
    recipe.inputWidth = 32
    recipe.inputHeight = 32
    recipe.checkpointEvery = "2"
    recipe.augment = "standard"
    recipe.model = "cnn-pooled"
  }

  private func stop(at step: Int) -> (Recorder, CommandMailbox) {
    let mailbox = CommandMailbox()
    let recorder = Recorder { done in
      if done == step {
        mailbox.post(CommandRequest(id: "stop", by: "test", command: .stop))
      }
    }
    return (recorder, mailbox)
  }

  private func weights(_ folder: RunFolder) throws -> [[UInt8]] {
    try [folder.lastPath, folder.bestPath].map {
      try FileReading.bytes(of: $0, limit: 1 << 26)
    }
  }

  /// A recipe, and the steps after which it is stopped: the small model after each, the one with batch
  /// norm in the middle of an epoch, at its end and behind it, once with all that makes a state larger,
  /// once with 16-bit maps.
  private static let stops:
    [(model: String, hasEverything: Bool, precision: String, steps: [Int])] = {
      let few = Environment.value("POSETOP_LONG_TESTS") == nil
      return [
        ("cnn-pooled", false, "fp32", Array(1...11)),
        ("lite", false, "fp32", few ? [3, 4, 9] : Array(1...11)),
        ("lite", true, "fp32", few ? [2, 4, 6] : Array(1...11)),
        ("cnn-pooled", true, "fp32", few ? [5] : Array(1...11)),
        ("lite", false, "bf16", few ? [6] : Array(1...11)),
      ]
    }()

  @Test(arguments: stops.indices)
  func `stopped after any step and resumed, twice in a row, the weights are the same bits`(
    index: Int
  ) throws {
    let (model, hasEverything, precision, steps) = Self.stops[index]
    let ground = try Ground(people: 20)
    func change(_ recipe: inout RunRecipe) {
      shrink(&recipe)
      recipe.model = model
      recipe.optimizer = ["adam", "adamw", "adamw", "sgd", "adam"][index]
      recipe.precision = precision
      if index == 3 { recipe.momentum = 0.9 }
      if !hasEverything { return }
      recipe.batch = 2
      recipe.accumulate = 2
      recipe.averageDecay = 0.9
      recipe.clip = 0.01
      recipe.freeze = "stages:2"
      recipe.unfreezeAt = 2
    }
    let whole = try ground.train("whole", change: change)
    #expect(whole.succeeded)
    let expected = try weights(whole.folder)
    for step in steps {
      let name = "stopped-\(step)"
      let (first, mailbox) = stop(at: step)
      // The number of threads may change from life to life.
      try ground.train(name, threads: 1 + step % 4, sink: first, mailbox: mailbox, change: change)
      let (second, again) = stop(at: min(12, step + 1 + step % 3))
      try ground.train(name, sink: second, mailbox: again, change: change)
      #expect(second.events.contains { $0.name == "resumed" })
      let (succeeded, folder) = try ground.train(name, change: change)
      #expect(succeeded)
      #expect(try weights(folder) == expected, "stopped after step \(step)")
    }
  }

  @Test func `a rate that was changed after the last saved state is changed again at its step`()
    throws
  {
    let ground = try Ground(people: 20)
    func train(_ name: String, _ steps: Int?) throws -> (Recorder, RunFolder) {
      let mailbox = CommandMailbox()
      let recorder = Recorder { done in
        if done == 4 {
          mailbox.post(
            CommandRequest(id: "1", by: "test", command: .learningRate(.factor(0.5))))
        }
      }
      let folder = try ground.train(name, sink: recorder, mailbox: mailbox) { recipe in
        shrink(&recipe)
        recipe.checkpointEvery = "3"
        recipe.steps = steps
      }.folder
      return (recorder, folder)
    }
    let (_, whole) = try train("whole", nil)
    // The second run loses everything behind step 3: as if it had been killed at step 5.
    let (first, killed) = try train("killed", 5)
    let store = CheckpointStore(killed)
    unlink(store.path(generation: try #require(store.generations.last)))
    let recorder = Recorder(earlier: first.events)
    let (succeeded, folder) = try ground.train("killed", sink: recorder) { recipe in
      shrink(&recipe)
      recipe.checkpointEvery = "3"
    }
    #expect(succeeded)
    #expect(try weights(folder) == weights(whole))
    let applied = recorder.events.compactMap { event -> Int? in
      if case .command(let record) = event, case .applied(let step) = record.status {
        step
      } else {
        nil
      }
    }
    #expect(applied == [5])
  }

  @Test func `each event of a resumed run stands in its log once`() throws {
    let ground = try Ground(people: 20)
    let (first, mailbox) = stop(at: 6)
    try ground.train("run", sink: first, mailbox: mailbox, change: shrink)
    let second = Recorder(earlier: first.events)
    try ground.train("run", sink: second, change: shrink)
    let steps = second.steps
    #expect(steps == Array(1...12))
    let epochs = second.events.compactMap { event -> Int? in
      if case .epoch(let report) = event { report.epoch } else { nil }
    }
    #expect(epochs == [1, 2, 3])
    #expect(second.events.last?.name == "finished")
  }

  @Test func `a finished run goes on when it is given more epochs`() throws {
    let ground = try Ground(people: 20)
    try ground.train("run") { shrink(&$0) }
    let recorder = Recorder()
    try ground.train("run", sink: recorder) { recipe in
      shrink(&recipe)
      recipe.epochs = 4
    }
    guard case .finished(let report) = recorder.events.last else {
      Issue.record("it did not finish")
      return
    }
    #expect(report.step == 16 && report.epoch == 4)
  }

  @Test func `a state of another model is refused in a sentence that names it`() throws {
    let ground = try Ground(people: 20)
    try ground.train("run") { shrink(&$0) }
    let recorder = Recorder()
    let outcome = try ground.train("run", sink: recorder) { recipe in
      shrink(&recipe)
      recipe.model = "lite"
    }
    #expect(!outcome.succeeded)
    guard case .failed(let sentence) = recorder.events.last else {
      Issue.record("no failure was said")
      return
    }
    #expect(sentence.text().contains("state-"))
  }

  @Test func `roll back goes to the best epoch with the new rate, and the log with it`() throws {
    let ground = try Ground(people: 20)
    let mailbox = CommandMailbox()
    // A rate of 0.9 ruins the second epoch, so the first is the best.
    let commands = Monitor<[Int: EngineCommand]>([
      4: .learningRate(.value(0.9)), 10: .rollBack(.value(1e-4)),
    ])
    let hasRolledBack = Monitor(false)
    let recorder = Recorder { done in
      // Each once: the steps come again after the roll back.
      var command = commands.update { $0.removeValue(forKey: done) }
      if command == .rollBack(.value(1e-4)) { hasRolledBack.update { $0 = true } }
      if command == nil, done == 7, hasRolledBack.update({ $0 }) { command = .stop }
      if let command {
        mailbox.post(CommandRequest(id: "\(done)", by: "test", command: command))
      }
    }
    let (succeeded, folder) = try ground.train("run", sink: recorder, mailbox: mailbox) { recipe in
      shrink(&recipe)
      recipe.schedule = "constant"
      recipe.warmup = 0
      recipe.learningRate = 1e-3
      recipe.augment = "none"
    }
    #expect(succeeded)
    let steps = recorder.events.compactMap { event -> StepReport? in
      if case .step(let report) = event { report } else { nil }
    }
    let best = recorder.events.compactMap { event -> Int? in
      if case .resumed(let step) = event { step } else { nil }
    }
    let from = try #require(best.last)
    #expect(from % 4 == 0)
    #expect(recorder.steps == Array(1...(steps.last?.step ?? 0)), "each step once")
    #expect(steps.filter { $0.step > from }.allSatisfy { abs($0.learningRate - 1e-4) < 1e-12 })
    #expect(
      recorder.events.contains { event in
        if case .command(let record) = event, case .applied(let step) = record.status {
          return record.command.hasPrefix("rollback") && step == from + 1
        }
        return false
      })
    #expect(PredictionSet.epochs(runFolder: folder.path).allSatisfy { $0 * 4 <= from + 4 })
  }

  @Test func `without a best epoch roll back is rejected with the reason`() throws {
    let ground = try Ground(people: 20)
    let mailbox = CommandMailbox()
    let recorder = Recorder { done in
      if done == 1 {
        mailbox.post(CommandRequest(id: "1", by: "test", command: .rollBack(nil)))
      }
    }
    let (succeeded, _) = try ground.train("run", sink: recorder, mailbox: mailbox) { shrink(&$0) }
    #expect(succeeded)
    #expect(
      recorder.events.contains { event in
        if case .command(let record) = event, case .rejected = record.status { true } else { false }
      })
  }
}
