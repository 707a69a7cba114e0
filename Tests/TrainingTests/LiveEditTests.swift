import Figures
import Glibc
import Pose
import RunFiles
import Support
import Testing
import TrainingAPI
import TrainingSupport
import Wording

@testable import Training

/// What a running training is told besides its rate.
@Suite struct LiveEditTests {
  private func shrink(_ recipe: inout RunRecipe) {
    recipe.batch = 4
    recipe.epochs = 3
    recipe.inputWidth = 32
    recipe.inputHeight = 32
    recipe.checkpointEvery = "3"
    recipe.augment = "light"
    recipe.model = "cnn-pooled"
  }

  private func train(
    _ ground: Ground, _ name: String, at step: Int, _ commands: [EngineCommand],
    steps: Int? = nil, change: (inout RunRecipe) -> Void = { _ in }
  ) throws -> (Recorder, RunFolder) {
    let mailbox = CommandMailbox()
    let recorder = Recorder { done in
      guard done == step else { return }
      for (index, command) in commands.enumerated() {
        mailbox.post(CommandRequest(id: "\(index)", by: "test", command: command))
      }
    }
    let folder = try ground.train(name, sink: recorder, mailbox: mailbox) { recipe in
      shrink(&recipe)
      recipe.steps = steps
      change(&recipe)
    }.folder
    return (recorder, folder)
  }

  private func weights(_ folder: RunFolder) throws -> [UInt8] {
    try FileReading.bytes(of: folder.lastPath, limit: 1 << 26)
  }

  private func fates(_ recorder: Recorder) -> [String] {
    recorder.events.compactMap { event in
      guard case .command(let record) = event else { return nil }
      switch record.status {
      case .accepted: return nil
      case .rejected(let reason): return "\(record.command) \(reason.key)"
      case .applied(let step): return "\(record.command) @\(step)"
      }
    }
  }

  static let edits: [EngineCommand] = [
    .augment(.preset("standard")), .augment(.strength(2)),
    .keypointWeight(name: "wrist", weight: 5), .freeze("stages:1"),
  ]

  @Test func `a keypoint is told by its name, as the screens write it, or with its twin`() {
    func named(_ word: String, _ schema: KeypointSchema = .coco17) -> [String] {
      LiveEdits.keypoints(named: word, schema).map { schema.keypoints[$0] }
    }
    #expect(named("left_wrist") == ["left_wrist"])
    #expect(named("l_wrist") == ["left_wrist"] && named("r_ear") == ["right_ear"])
    #expect(named("wrist") == ["left_wrist", "right_wrist"])
    #expect(named("nose") == ["nose"] && named("all").count == 17)
    #expect(named("l_").isEmpty && named("l_nose").isEmpty && named("left").isEmpty)
  }

  @Test(arguments: edits)
  func `an edit is applied before the next step, changes the weights, and is had again on resume`(
    edit: EngineCommand
  ) throws {
    let ground = try Ground(people: 20)
    let (_, plain) = try train(ground, "plain", at: 4, [])
    let (recorder, whole) = try train(ground, "whole", at: 4, [edit])
    #expect(fates(recorder) == ["\(edit.text) @5"])
    #expect(try weights(whole) != weights(plain))
    // Killed behind step 5, with the newest saved state of step 3: the edit is told again.
    let (first, killed) = try train(ground, "killed", at: 4, [edit], steps: 5)
    let store = CheckpointStore(killed)
    unlink(store.path(generation: try #require(store.generations.last)))
    let again = Recorder(earlier: first.events)
    let (succeeded, folder) = try ground.train("killed", sink: again) { shrink(&$0) }
    #expect(succeeded)
    #expect(try weights(folder) == weights(whole))
    // Stopped behind the edit, with a saved state that holds it.
    let (_, stopped) = try train(ground, "stopped", at: 4, [edit], steps: 8)
    #expect(try ground.train("stopped") { shrink(&$0) }.succeeded)
    #expect(try weights(stopped) == weights(whole))
  }

  @Test func `an edit that is taken back at once leaves no trace`() throws {
    let ground = try Ground(people: 20)
    let (_, plain) = try train(ground, "plain", at: 4, [])
    let (recorder, folder) = try train(
      ground, "undone", at: 4,
      [
        .augment(.strength(3)), .keypointWeight(name: "nose", weight: 0), .undoLearningRate,
        .undoLearningRate,
      ])
    #expect(fates(recorder).count == 4)
    #expect(try weights(folder) == weights(plain))
  }

  @Test
  func `undo takes back what was frozen, also after a restart, and then what was changed before`()
    throws
  {
    let ground = try Ground(people: 20)
    let (_, twice) = try train(ground, "twice", at: 4, [.freeze("stages:1"), .freeze("none")])
    let (recorder, undone) = try train(
      ground, "undone", at: 4,
      [
        .keypointWeight(name: "nose", weight: 0), .freeze("stages:1"), .undoLearningRate,
        .undoLearningRate, .undoLearningRate,
      ])
    #expect(
      fates(recorder) == [
        "weight nose 0.0 @5", "freeze stages:1 @5", "undo @5", "undo @5",
        "undo engine.nothingToUndo",
      ])
    #expect(try weights(undone) == weights(twice))
    // The saved state of step 6 holds the freezing and what was frozen before.
    let freeze = [EngineCommand.freeze("stages:1")]
    let (first, stopped) = try train(ground, "stopped", at: 4, freeze, steps: 6)
    let mailbox = CommandMailbox()
    let again = Recorder(earlier: first.events) { done in
      guard done == 7 else { return }
      mailbox.post(CommandRequest(id: "9", by: "test", command: .undoLearningRate))
    }
    #expect(
      try ground.train("stopped", sink: again, mailbox: mailbox) { shrink(&$0) }.succeeded)
    #expect(fates(again).last == "undo @8")
    let plans = again.events.compactMap { event -> Int? in
      if case .planned(let plan) = event { plan.trainableParameters } else { nil }
    }
    #expect(plans.last == plans.max() && plans.min() != plans.max())
    #expect(Path.isFile(stopped.lastPath))
  }

  @Test func `what cannot be done is refused with the reason, and nothing changes`() throws {
    let ground = try Ground(people: 20)
    let (_, plain) = try train(ground, "plain", at: 2, []) { $0.augment = "none" }
    let (recorder, folder) = try train(
      ground, "refused", at: 2,
      [
        .augment(.preset("wild")), .augment(.strength(2)),
        .keypointWeight(name: "elbo", weight: 2), .freeze("stages:99"), .freeze("none"),
        .heatmap(sample: 0), .heatmap(sample: 999),
      ]
    ) { $0.augment = "none" }
    #expect(
      fates(recorder) == [
        "augment wild engine.noPreset", "augment x2.0 engine.nothingToScale",
        "weight elbo 2.0 engine.noKeypoint", "freeze stages:99 engine.badStages",
        "unfreeze engine.frozenAlready", "heatmap 0 engine.noHeatmaps",
        "heatmap 999 engine.noSample",
      ])
    #expect(try weights(folder) == weights(plain))
  }

  @Test func `heatmaps and op times are written for viewers and change no bit of the training`()
    throws
  {
    let ground = try Ground(people: 20)
    func change(_ recipe: inout RunRecipe) { recipe.model = "lite" }
    let (_, plain) = try train(ground, "plain", at: 4, [], change: change)
    let (recorder, folder) = try train(
      ground, "seen", at: 4, [.heatmap(sample: 1), .profile], change: change)
    #expect(fates(recorder) == ["heatmap 1 @4", "profile @4"])
    #expect(try weights(folder) == weights(plain))
    let maps = try #require(try SampleHeatmaps.read(runFolder: folder.path))
    #expect(maps.sample == 1 && maps.step == 4 && maps.count == 17)
    #expect(maps.width == 8 && maps.height == 8)
    #expect(maps.values.allSatisfy { (0...1).contains($0) })
    let profile = try #require(try StepProfile.read(runFolder: folder.path))
    #expect(profile.seconds > 0 && profile.ops.contains { $0.op.contains("conv") })
  }

  @Test func `an edit while paused is in force at the next single step`() throws {
    let ground = try Ground(people: 20)
    let (recorder, folder) = try train(
      ground, "paused", at: 4,
      [.pause, .augment(.preset("standard")), .step, .step, .resume])
    let (_, whole) = try train(ground, "whole", at: 4, [.augment(.preset("standard"))])
    #expect(fates(recorder).contains("augment standard @5"))
    #expect(try weights(folder) == weights(whole))
  }
}
