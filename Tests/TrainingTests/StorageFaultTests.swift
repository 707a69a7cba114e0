import RunFiles
import Support
import TensorFiles
import TestSupport
import Testing
import Training
import TrainingAPI
import TrainingSupport
import Wording

/// Trainings whose disk refuses.
@Suite struct StorageFaultTests {
  private func shrink(_ recipe: inout RunRecipe) {
    recipe.batch = 4
    recipe.epochs = 3
    recipe.inputWidth = 32
    recipe.inputHeight = 32
    recipe.checkpointEvery = "2"
    recipe.model = "cnn-pooled"
    recipe.threads = 1
  }

  private func notices(_ recorder: Recorder) -> [String] {
    recorder.events.compactMap {
      if case .notice(let notice) = $0 { notice.sentence.text() } else { nil }
    }
  }

  private func weights(_ folder: RunFolder) throws -> [[UInt8]] {
    try [folder.lastPath, folder.bestPath].map { try FileReading.bytes(of: $0, limit: 1 << 26) }
  }

  @Test(arguments: FailingStorage.Fault.allCases)
  func `a call that fails once costs a save and nothing else, and somebody is told`(
    fault: FailingStorage.Fault
  ) throws {
    let ground = try Ground(people: 20)
    let counting = FailingStorage(fault, at: nil, isSticky: false)
    let whole = try ground.train("whole", storage: counting, change: shrink)
    #expect(whole.succeeded)
    let expected = try weights(whole.folder)
    let isLong = Environment.value("POSETOP_LONG_TESTS") != nil
    for index in stride(from: 0, to: counting.calls, by: isLong ? 1 : 17) {
      let name = "run-\(index)"
      let recorder = Recorder()
      let storage = FailingStorage(fault, at: index, isSticky: false)
      let (succeeded, folder) = try ground.train(
        name, sink: recorder, storage: storage, change: shrink)
      #expect(succeeded, "\(fault) at call \(index)")
      #expect(try weights(folder)[0] == expected[0], "\(fault) at call \(index)")
      let newest = try #require(CheckpointStore(folder).newest())
      #expect(newest.state["progress"]?["step"]?.int == 12, "\(fault) at call \(index)")
      #expect(recorder.steps == Array(1...12))
      removeTree(folder.path)
    }
  }

  @Test
  func
    `a disk that refuses from some point on is reported, waited for at the end, and then complete`()
    throws
  {
    let ground = try Ground(people: 20)
    let whole = try ground.train("whole", change: shrink)
    let expected = try weights(whole.folder)
    let storage = FailingStorage(.noSpace, at: 30, isSticky: true)
    let hasHealed = Monitor(false)
    let recorder = Recorder()
    // Somebody makes room when the run says that it waits for it.
    let healer = WorkerThread(name: "healer") {
      for _ in 0..<3000 {
        let isWaiting = recorder.events.contains { event in
          guard case .notice(let notice) = event else { return false }
          return notice.sentence.key == EngineSentence.waitingForDisk.key
        }
        if isWaiting { break }
        ConditionSignal().wait(seconds: 0.01)
      }
      hasHealed.update { $0 = true }
      storage.heal()
    }
    let (succeeded, folder) = try ground.train(
      "run", sink: recorder, storage: storage, change: shrink)
    healer.join()
    #expect(succeeded && hasHealed.update { $0 })
    #expect(notices(recorder).contains { $0.contains("could not be saved") })
    #expect(recorder.steps == Array(1...12))
    #expect(try weights(folder)[0] == expected[0])
    #expect(
      try #require(CheckpointStore(folder).newest()).state["progress"]?["step"]?.int == 12)
  }

  /// A rate that ruins everything behind the first epoch, so that its state is the best, and stays it.
  private func ruin(_ recipe: inout RunRecipe) {
    shrink(&recipe)
    recipe.schedule = "constant"
    recipe.warmup = 0
    recipe.learningRate = 1e-3
    recipe.augment = "none"
    recipe.checkpointEvery = "3"
  }

  private func ruining(heal: (step: Int, storage: FailingStorage)?) -> (Recorder, CommandMailbox) {
    let mailbox = CommandMailbox()
    let recorder = Recorder { done in
      if done == 4 {
        mailbox.post(CommandRequest(id: "1", by: "test", command: .learningRate(.value(0.9))))
      }
      if let heal, done == heal.step { heal.storage.heal() }
    }
    return (recorder, mailbox)
  }

  private func bestTensors(_ folder: RunFolder) throws -> [[UInt8]] {
    let best = try #require(try CheckpointStore(folder).best())
    #expect(best.state["progress"]?["step"]?.int == 4)
    return try best.file.entries.filter { $0.element == .float32 }.map {
      try best.file.bytes($0.name)
    }
  }

  @Test(arguments: [false, true])
  func `the best epoch's state that the disk refuses is kept until it takes it`(isSticky: Bool)
    throws
  {
    let ground = try Ground(people: 20)
    let counting = FailingStorage(.noSpace, at: nil, isSticky: false)
    let calls = Monitor<[Int]>([])
    let mailbox = CommandMailbox()
    let counter = Recorder { done in
      calls.update { $0.append(counting.calls) }
      if done == 4 {
        mailbox.post(CommandRequest(id: "1", by: "test", command: .learningRate(.value(0.9))))
      }
    }
    let whole = try ground.train(
      "whole", sink: counter, mailbox: mailbox, storage: counting, change: ruin)
    #expect(whole.succeeded)
    let expected = try bestTensors(whole.folder)
    // Calls of the first epoch's end and of the step behind it.
    let counts = calls.update { $0 }
    let indices = Array(counts[2]..<counts[5])
    #expect(indices.count > 20)
    let isLong = Environment.value("POSETOP_LONG_TESTS") != nil
    for index in indices where isLong || index % 3 == 0 {
      let storage = FailingStorage(.noSpace, at: index, isSticky: isSticky)
      let (recorder, mailbox) = ruining(heal: isSticky ? (9, storage) : nil)
      let (succeeded, folder) = try ground.train(
        "run-\(index)", sink: recorder, mailbox: mailbox, storage: storage, change: ruin)
      #expect(succeeded)
      #expect(try bestTensors(folder) == expected, "call \(index)")
      #expect(
        try #require(CheckpointStore(folder).newest()).state["progress"]?["step"]?.int == 12)
      removeTree(folder.path)
    }
  }

  @Test func `who stops once more while the disk refuses gets out, with the older state in place`()
    throws
  {
    let ground = try Ground(people: 20)
    let storage = FailingStorage(.inputOutput, at: 30, isSticky: true)
    let mailbox = CommandMailbox()
    let recorder = Recorder()
    let stopper = WorkerThread(name: "stopper") {
      for number in 0..<400 {
        let isWaiting = recorder.events.contains { event in
          guard case .notice(let notice) = event else { return false }
          return notice.sentence.key == EngineSentence.waitingForDisk.key
        }
        if isWaiting {
          mailbox.post(CommandRequest(id: "\(number)", by: "test", command: .stop))
        }
        if recorder.events.last?.name == "finished" { break }
        ConditionSignal().wait(seconds: 0.1)
      }
    }
    let (succeeded, folder) = try ground.train(
      "run", sink: recorder, mailbox: mailbox, storage: storage, change: shrink)
    stopper.join()
    #expect(succeeded)
    let state = try #require(CheckpointStore(folder).newest())
    #expect((state.state["progress"]?["step"]?.int ?? 0) >= 2)
    // What is there goes on to the same end.
    let again = try ground.train("run", change: shrink)
    #expect(again.succeeded)
    let whole = try ground.train("whole", change: shrink)
    #expect(try weights(again.folder) == weights(whole.folder))
  }
}
