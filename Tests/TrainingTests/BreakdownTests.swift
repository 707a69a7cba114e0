import Execution
import RunFiles
import Support
import TensorFiles
import Testing
import TrainingSupport
@testable import Training
import TrainingAPI
import Wording

/// Numbers that are none: the training goes back, or ends with the reason, and a finite state is there.
@Suite struct BreakdownTests {
  private func shrink(_ recipe: inout RunRecipe) {
    recipe.batch = 4
    recipe.epochs = 3
    recipe.inputWidth = 32
    recipe.inputHeight = 32
    recipe.checkpointEvery = "2"
  }

  private func expectFiniteFiles(_ folder: RunFolder) throws {
    let store = CheckpointStore(folder)
    let files = try [
      #require(store.newest()).file, #require(try store.best()).file,
      TensorFile(path: folder.bestPath), TensorFile(path: folder.lastPath),
    ]
    for file in files {
      for entry in file.entries where entry.element == .float32 {
        #expect(
          try file.floats(entry.name).allSatisfy(\.isFinite), "\(entry.name) of \(file.path)")
      }
    }
  }

  private func errors(_ recorder: Recorder) -> [String] {
    recorder.events.compactMap { event in
      guard case .notice(let notice) = event, notice.level == .error else { return nil }
      return notice.sentence.text()
    }
  }

  private func train(
    _ ground: Ground, _ fault: Fault, change: (inout RunRecipe) -> Void = { _ in }
  ) throws -> (recorder: Recorder, folder: RunFolder) {
    let recorder = Recorder()
    let (succeeded, folder) = try ground.train("run", sink: recorder, fault: fault) { recipe in
      shrink(&recipe)
      if fault.recipe.contains("ema") { recipe.averageDecay = 0.9 }
      if fault.recipe.contains("clip") { recipe.clip = 1 }
      if fault.recipe.contains("accumulate") {
        recipe.batch = 2
        recipe.accumulate = 2
      }
      change(&recipe)
    }
    #expect(succeeded)
    return (recorder, folder)
  }

  private static let faults = [
    Fault(place: .slab(.weights), value: .nan, after: 5),
    Fault(place: .slab(.weights), value: .infinity, after: 1),
    Fault(place: .slab(.statistics), value: .nan, after: 4),
    Fault(place: .slab(.firstMoments), value: .nan, after: 6),
    Fault(place: .slab(.secondMoments), value: .infinity, after: 3),
    Fault(place: .slab(.averagedWeights), value: .nan, after: 5, recipe: ["ema"]),
    Fault(place: .slab(.averagedStatistics), value: .infinity, after: 2, recipe: ["ema"]),
    Fault(place: .slab(.gradients), value: .nan, after: 5),
    Fault(place: .slab(.gradients), value: .infinity, after: 7, recipe: ["clip"]),
    Fault(place: .slab(.accumulatedGradients), value: .nan, after: 3, recipe: ["accumulate"]),
    Fault(
      place: .slab(.accumulatedGradients), value: .nan, after: 6, recipe: ["accumulate", "clip"]),
    Fault(place: .learningRate, value: .nan, after: 6),
    Fault(place: .learningRate, value: .infinity, after: 9, recipe: ["ema"]),
  ]

  @Test(arguments: faults)
  func `one such number costs the steps since the last saved state`(fault: Fault) throws {
    let ground = try Ground(people: 20)
    let (recorder, folder) = try train(ground, fault)
    let steps = recorder.events.compactMap { event -> StepReport? in
      if case .step(let report) = event { report } else { nil }
    }
    #expect(recorder.steps == Array(1...12))
    #expect(steps.allSatisfy { $0.loss.isFinite && $0.learningRate.isFinite })
    let words = errors(recorder)
    #expect(words.count == 1 && words[0].contains("Back at step"), "\(words)")
    try expectFiniteFiles(folder)
  }

  @Test func `a step that was held back is not told of after the run went back`() {
    let recorder = Recorder()
    var reporter = StepReporter(recorder)
    for step in 1...1000 {
      reporter.report(step: step, epoch: 1, loss: 1, learningRate: 1, images: 1, wait: 0)
    }
    let told = recorder.steps
    reporter.forget()
    reporter.flush()
    #expect(recorder.steps == told && told.count < 1000)
  }

  @Test func `a running mean that breaks between two states is found by the next validation`()
    throws
  {
    let ground = try Ground(people: 20)
    let fault = Fault(place: .slab(.averagedWeights), value: .nan, after: 6, recipe: ["ema"])
    let (recorder, folder) = try train(ground, fault) { $0.checkpointEvery = "1000" }
    let words = errors(recorder)
    #expect(words.count == 1 && words[0].contains("averaged_weights"), "\(words)")
    // There was no state yet but that of the first epoch, which was the best.
    #expect(words.allSatisfy { $0.contains("Back at step 4") }, "\(words)")
    let losses = recorder.events.compactMap { event -> Double? in
      if case .epoch(let report) = event { report.validationLoss } else { nil }
    }
    #expect(losses.count == 3 && losses.allSatisfy(\.isFinite))
    try expectFiniteFiles(folder)
  }

  @Test func `no rate that is no number gets into a training, from whichever side`() throws {
    let ground = try Ground(people: 20)
    let changes: [LearningRateChange] = [
      .value(.nan), .value(.infinity), .factor(.nan), .factor(.infinity), .hold(.nan),
      .anew(-.infinity),
    ]
    let mailbox = CommandMailbox()
    let recorder = Recorder { done in
      guard done == 2 else { return }
      for (number, change) in changes.enumerated() {
        mailbox.post(
          CommandRequest(id: "\(number)", by: "test", command: .learningRate(change)))
      }
    }
    let (succeeded, folder) = try ground.train(
      "run", sink: recorder, mailbox: mailbox, change: shrink)
    #expect(succeeded)
    let rejections = recorder.events.count { event in
      if case .command(let record) = event, case .rejected = record.status { true } else { false }
    }
    #expect(rejections == changes.count)
    #expect(errors(recorder).isEmpty)
    try expectFiniteFiles(folder)
    for word in ["nan", "NaN", "inf", "1e999", "-1"] {
      #expect(throws: (any Error).self) { try EngineCommand(words: ["lr", word]) }
      var recipe = RunRecipe()
      #expect(throws: RecipeError.self) { try recipe.merge(["lr": .string(word)]) }
    }
  }

  @Test func `numbers that break again and again end the run with layer and samples`() throws {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    let (succeeded, folder) = try ground.train(
      "run", sink: recorder,
      fault: Fault(place: .slab(.weights), value: .nan, after: 3, times: .max)
    ) { recipe in
      shrink(&recipe)
      recipe.epochs = 10
    }
    #expect(!succeeded)
    guard case .failed(let sentence) = recorder.events.last else {
      Issue.record("no failure was said")
      return
    }
    #expect(sentence.text().contains("weights of"))
    #expect(sentence.text().contains(".png") || sentence.text().contains(".jpg"))
    let found = try #require(CheckpointStore(folder).newest())
    for entry in found.file.entries where entry.element == .float32 {
      #expect(try found.file.floats(entry.name).allSatisfy(\.isFinite), "\(entry.name)")
    }
  }
}
