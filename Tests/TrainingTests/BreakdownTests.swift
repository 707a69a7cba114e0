import Execution
import RunFiles
import Support
import TensorFiles
import Testing
import Training
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

  private func expectFiniteState(_ folder: RunFolder) throws {
    let found = try #require(CheckpointStore(folder).newest())
    for entry in found.file.entries where entry.element == .float32 {
      #expect(try found.file.floats(entry.name).allSatisfy(\.isFinite), "\(entry.name)")
    }
  }

  @Test(arguments: [
    Fault(slab: .weights, value: .nan, after: 5), Fault(slab: .weights, value: .infinity, after: 1),
    Fault(slab: .statistics, value: .nan, after: 4),
    Fault(slab: .firstMoments, value: .nan, after: 6),
    Fault(slab: .secondMoments, value: .infinity, after: 3),
  ])
  func `one such number costs the steps since the last saved state`(fault: Fault) throws {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    let (succeeded, folder) = try ground.train(
      "run", sink: recorder, fault: fault, change: shrink)
    #expect(succeeded)
    let steps = recorder.events.compactMap { event -> StepReport? in
      if case .step(let report) = event { report } else { nil }
    }
    #expect(recorder.steps == Array(1...12))
    #expect(steps.allSatisfy { $0.loss.isFinite })
    let words = recorder.events.compactMap { event -> String? in
      if case .notice(let notice) = event, notice.level == .error {
        notice.sentence.text()
      } else {
        nil
      }
    }
    #expect(words.contains { $0.contains("Back at step") }, "\(words)")
    try expectFiniteState(folder)
  }

  @Test func `numbers that break again and again end the run with layer and samples`() throws {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    let (succeeded, folder) = try ground.train(
      "run", sink: recorder, fault: Fault(slab: .weights, value: .nan, after: 3, times: .max)
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
    try expectFiniteState(folder)
  }
}
