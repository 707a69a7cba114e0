import Glibc
import RunFiles
import Support
import TensorFiles
import Testing
import TrainingAPI
import TrainingSupport
import Wording

@testable import Training

/// What a recipe can ask of the optimiser beside its rule and its rate.
@Suite struct ToolboxTests {
  /// A small network without batch norm, so that batches do not depend on their neighbours.
  private func shrink(_ recipe: inout RunRecipe) {
    recipe.model = "cnn-pooled"
    recipe.inputWidth = 32
    recipe.inputHeight = 32
    recipe.batch = 4
    recipe.epochs = 2
    recipe.augment = "none"
    recipe.optimizer = "sgd"
    recipe.momentum = 0
    recipe.schedule = "constant"
    recipe.learningRate = 0.1
    recipe.warmup = 0
    recipe.weightDecay = 0
  }

  private func floats(_ path: String) throws -> [String: [Float]] {
    let file = try TensorFile(path: path)
    var result: [String: [Float]] = [:]
    for entry in file.entries where entry.element == .float32 {
      result[entry.name] = try file.floats(entry.name)
    }
    return result
  }

  private func distance(_ a: [String: [Float]], _ b: [String: [Float]]) -> Double {
    var squares = 0.0
    for (name, values) in a {
      for (x, y) in zip(values, b[name] ?? []) { squares += Double(x - y) * Double(x - y) }
    }
    return squares.squareRoot()
  }

  private func steps(_ recorder: Recorder) -> [StepReport] {
    recorder.events.compactMap { if case .step(let report) = $0 { report } else { nil } }
  }

  private func notices(_ recorder: Recorder) -> [String] {
    recorder.events.compactMap {
      if case .notice(let notice) = $0 { notice.sentence.text() } else { nil }
    }
  }

  @Test func `with 16-bit maps the losses are those of float32 within a percent, and others`()
    throws
  {
    let ground = try Ground(people: 20)
    /// The mean loss of the 8 steps, some of which may stand on one line.
    func loss(_ precision: String) throws -> Double {
      let recorder = Recorder()
      let succeeded = try ground.train("in-\(precision)", sink: recorder) { recipe in
        shrink(&recipe)
        recipe.model = "lite"
        recipe.learningRate = 0.01
        recipe.precision = precision
      }.succeeded
      #expect(succeeded)
      let reports = steps(recorder)
      #expect(reports.reduce(0) { $0 + $1.count } == 8)
      return reports.reduce(0) { $0 + Double($1.count) * $1.loss } / 8
    }
    let (single, half) = (try loss("fp32"), try loss("bf16"))
    #expect(abs(single - half) < 0.01 * single, "\(single), in bf16 \(half)")
    #expect(single != half)
  }

  @Test(arguments: ["tf32", "fp16"])
  func `a precision that only graphics processors have is refused in a sentence`(
    _ precision: String
  ) throws {
    let ground = try Ground()
    let recorder = Recorder()
    let succeeded = try ground.train("refused", sink: recorder) { recipe in
      shrink(&recipe)
      recipe.precision = precision
    }.succeeded
    #expect(!succeeded)
    let said = recorder.events.compactMap { event -> String? in
      if case .failed(let sentence) = event { sentence.text() } else { nil }
    }
    #expect(said.contains { $0.contains("--precision \(precision)") }, "\(said)")
  }

  @Test func `two accumulated batches give the weights of one of twice the size`() throws {
    let ground = try Ground(people: 20)
    let whole = try ground.train("whole", change: shrink)
    let recorder = Recorder()
    let halves = try ground.train("halves", sink: recorder) { recipe in
      shrink(&recipe)
      recipe.batch = 2
      recipe.accumulate = 2
    }
    let first = try ground.train("first") { recipe in
      shrink(&recipe)
      recipe.steps = 1
    }
    let trained = try floats(whole.folder.lastPath)
    let gone = distance(trained, try floats(first.folder.lastPath))
    let error = distance(trained, try floats(halves.folder.lastPath))
    #expect(gone > 0)
    // Where points are missing the halves' means weigh a little differently.
    #expect(error < 0.02 * gone, "\(error) of \(gone)")
    #expect(recorder.steps == Array(1...8))
  }

  @Test func `clipping scales a longer gradient down to the norm that is asked for`() throws {
    let ground = try Ground(people: 20)
    func train(_ name: String, steps: Int, _ recorder: Recorder) throws -> [String: [Float]] {
      try floats(
        ground.train(name, sink: recorder) { recipe in
          shrink(&recipe)
          recipe.clip = 0.001
          recipe.steps = steps
        }.folder.lastPath)
    }
    let recorder = Recorder()
    let one = try train("one", steps: 1, Recorder())
    let two = try train("two", steps: 2, recorder)
    let norms = steps(recorder).compactMap(\.gradientNorm)
    #expect(norms.allSatisfy { $0 > 0.002 }, "\(norms)")
    // SGD without momentum moves the weights by rate · norm.
    #expect(abs(distance(one, two) - 0.1 * 0.001) < 1e-7)
  }

  @Test func `the running mean is what is saved, and it lags behind the weights`() throws {
    let ground = try Ground(people: 20)
    func train(_ name: String, _ decay: Double?, steps: Int) throws -> [String: [Float]] {
      try floats(
        ground.train(name) { recipe in
          shrink(&recipe)
          recipe.averageDecay = decay
          recipe.steps = steps
        }.folder.lastPath)
    }
    // The mean of steps 1 and 2 by hand: keep 2/11 of the first values, then 3/12 of that.
    let mean = try train("mean", 0.9, steps: 2)
    let first = try train("first", nil, steps: 1)
    let second = try train("second", nil, steps: 2)
    // Before the first step: the first values, from a run whose rate is as good as none.
    let start = try floats(
      ground.train("start") { recipe in
        shrink(&recipe)
        recipe.learningRate = 1e-30
        recipe.steps = 1
      }.folder.lastPath)
    for (name, values) in mean {
      for (at, value) in values.enumerated() {
        let one = 2.0 / 11 * Double(start[name]![at]) + 9.0 / 11 * Double(first[name]![at])
        let two = 3.0 / 12 * one + 9.0 / 12 * Double(second[name]![at])
        #expect(abs(two - Double(value)) <= 1e-6 * max(1, abs(two)), "\(name)")
        if abs(two - Double(value)) > 1e-6 * max(1, abs(two)) { return }
      }
    }
  }

  @Test func `patience ends a run whose validations do not get better, and says which was best`()
    throws
  {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    let (succeeded, _) = try ground.train("run", sink: recorder) { recipe in
      shrink(&recipe)
      recipe.learningRate = 1e-8
      recipe.optimizer = "sgd"
      recipe.epochs = 50
      recipe.patience = 3
    }
    #expect(succeeded)
    guard case .finished(let report) = recorder.events.last else {
      Issue.record("it did not finish")
      return
    }
    #expect(report.reason == .converged)
    #expect(report.epoch - report.bestEpoch == 3, "\(report)")
    #expect(notices(recorder).contains { $0.contains("\(report.bestEpoch)") })
  }

  @Test func `while nothing is found yet the lower loss is the better validation`() {
    let none: [Double] = [0, 0, -0.0200]
    #expect(Trainer.isBetter([0, 0, -0.0190], than: none))
    #expect(!Trainer.isBetter([0, 0, -0.0210], than: none))
    #expect(
      !Trainer.isBetter([0, 0, -0.0199999], than: none), "not by a hair: patience would never end")
    #expect(!Trainer.isBetter(none, than: none))
    #expect(Trainer.isBetter([0, 0.01, -0.5], than: none))
    #expect(Trainer.isBetter([0.1, 0, -0.5], than: [0, 0.9, -0.01]))
    #expect(!Trainer.isBetter([0.1, 0.2, -0.01], than: [0.2, 0.1, -0.5]))
    #expect(!Trainer.isBetter([.nan, .nan, .nan], than: none))
    #expect(Trainer.isBetter([.nan, 0.5, -0.1], than: [.nan, 0.4, -0.1]))
  }

  @Test func `a rate is held, taken back, and begun anew over the steps that are left`() throws {
    let ground = try Ground(people: 20)
    let mailbox = CommandMailbox()
    let commands: [Int: EngineCommand] = [
      2: .learningRate(.hold(0.05)), 40: .undoLearningRate, 80: .learningRate(.anew(0.02)),
    ]
    let recorder = Recorder { done in
      if let command = commands[done] {
        mailbox.post(CommandRequest(id: "\(done)", by: "test", command: command))
      }
    }
    try ground.train("run", sink: recorder, mailbox: mailbox) { recipe in
      shrink(&recipe)
      recipe.schedule = "cosine"
      recipe.epochs = 60
    }
    let total = 240
    let applied = recorder.events.compactMap { event -> Int? in
      guard case .command(let record) = event, case .applied(let step) = record.status else {
        return nil
      }
      return step
    }
    try #require(applied.count == 3)
    let (held, undone, begun) = (applied[0], applied[1], applied[2])
    func cosine(_ base: Double, _ done: Int, of total: Int) -> Double {
      base * (1 + cos(Double.pi * Double(done) / Double(total))) / 2
    }
    func expected(_ step: Int) -> Double {
      if step >= begun { return cosine(0.02, step - begun, of: total - begun + 1) }
      if step >= held, step < undone { return 0.05 }
      return cosine(0.1, step - 1, of: total)
    }
    // One event may tell of several steps, with the rate of the last.
    #expect(recorder.steps == Array(1...total))
    for report in steps(recorder) {
      #expect(abs(report.learningRate - expected(report.step)) < 1e-12, "\(report.step)")
    }
  }

  @Test func `layers frozen at first are trained from the epoch on that the recipe names`() throws {
    let ground = try Ground(people: 20)
    func weights(_ epochs: Int, _ recorder: Recorder = Recorder()) throws -> [String: [Float]] {
      try floats(
        ground.train("run\(epochs)", sink: recorder) { recipe in
          shrink(&recipe)
          recipe.model = "lite"
          recipe.freeze = "stages:2"
          recipe.unfreezeAt = 3
          recipe.epochs = epochs
        }.folder.lastPath)
    }
    let recorder = Recorder()
    let (one, two, three) = (try weights(1), try weights(2), try weights(3, recorder))
    for name in ["stem.0.conv.weight", "stem.0.bn.weight", "stem.0.bn.running_mean"] {
      #expect(one[name] == two[name], "\(name) is frozen")
      #expect(two[name] != three[name], "\(name) is trained")
    }
    #expect(one["head.weight"] != two["head.weight"])
    // The plan names what a layer does in training, frozen or not.
    for event in recorder.events {
      guard case .planned(let plan) = event else { continue }
      #expect(plan.layers.contains { $0.op == "batch norm" })
      #expect(!plan.layers.contains { $0.op.contains("inference") })
    }
    let plans = recorder.events.compactMap { event -> Int? in
      if case .planned(let report) = event { report.trainableParameters } else { nil }
    }
    #expect(plans.count == 2 && plans[0] < plans[1])
  }

  @Test func `a frozen network's features are computed once, and give what pictures give`() throws {
    let ground = try Ground(people: 20)
    func train(_ name: String, _ augment: String, _ recorder: Recorder) throws {
      try ground.train(name, sink: recorder) { recipe in
        shrink(&recipe)
        recipe.freeze = "all"
        recipe.augment = augment
      }
    }
    let (cached, pictures) = (Recorder(), Recorder())
    try train("cached", "none", cached)
    // Light augmentation has to read pictures; its validation has none.
    try train("pictures", "light", pictures)
    #expect(notices(cached).contains { $0.contains("computed once") })
    #expect(!notices(pictures).contains { $0.contains("computed once") })
    #expect(cached.steps == Array(1...8))
    let epochs = cached.events.compactMap { event -> EpochReport? in
      if case .epoch(let report) = event { report } else { nil }
    }
    #expect(epochs.count == 2)
    // The same weights over pictures: a run that has no step of its own to make validates alike.
    let again = Recorder()
    try ground.train("cached", sink: again) { recipe in
      shrink(&recipe)
      recipe.freeze = "all"
      recipe.augment = "light"
      recipe.epochs = 3
      recipe.learningRate = 1e-8
    }
    let later = again.events.compactMap { event -> EpochReport? in
      if case .epoch(let report) = event { report } else { nil }
    }
    let before = try #require(epochs.last?.validationLoss)
    let after = try #require(later.last?.validationLoss)
    #expect(abs(before - after) < 1e-5 * before, "\(before), \(after)")
  }
}

/// Checks of what a training will be able to do before it does it.
@Suite struct SanityTests {
  private func failure(_ recorder: Recorder) -> String? {
    recorder.events.compactMap {
      if case .failed(let sentence) = $0 { sentence.text() } else { nil }
    }.last
  }

  private func overfit(_ recipe: inout RunRecipe) throws {
    let overfit = try #require(BuiltInRecipe.all.first { $0.name == "overfit8" })
    try recipe.merge(overfit.settings)
    recipe.overfit = 4
    recipe.batch = 4
  }

  @Test func `a few samples are learned by heart, and the run says that every stage works`() throws
  {
    let ground = try Ground(people: 12)
    let recorder = Recorder()
    let (succeeded, _) = try ground.train("run", sink: recorder) { try! overfit(&$0) }
    #expect(succeeded, "\(failure(recorder) ?? "")")
    let best = recorder.events.compactMap { event -> Double? in
      if case .epoch(let report) = event { report.metric("PCK@0.05") } else { nil }
    }
    #expect(best.last == 1)
  }

  @Test func `when they are not learned the stage at fault is named`() throws {
    let ground = try Ground(people: 12)
    for (rate, word) in [(1e-7, "too low"), (30.0, "too high")] {
      let recorder = Recorder()
      let (succeeded, _) = try ground.train("run\(rate)", sink: recorder) { recipe in
        try! overfit(&recipe)
        recipe.epochs = 2
        recipe.optimizer = "sgd"
        recipe.momentum = 0
        recipe.loss = "heatmap-mse"
        recipe.learningRate = rate
      }
      #expect(!succeeded)
      let said = try #require(failure(recorder))
      #expect(said.contains(word) || said.contains("not a number"), "\(said)")
    }
  }
}
