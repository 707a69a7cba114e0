import RunFiles
import Support
import Testing
import TrainingAPI
import TrainingSupport
import Wording

@testable import Training

/// Trainings on a device with a memory of its own, which others take.
@Suite struct DeviceMemoryTests {
  private func notices(_ recorder: Recorder) -> [String] {
    recorder.events.compactMap { event in
      if case .notice(let notice) = event { notice.sentence.text() } else { nil }
    }
  }

  private func epochs(_ recorder: Recorder) -> [EpochReport] {
    recorder.events.compactMap { event in
      if case .epoch(let report) = event { report } else { nil }
    }
  }

  private func failure(_ recorder: Recorder) -> String? {
    recorder.events.compactMap { event in
      if case .failed(let reason) = event { reason.text() } else { nil }
    }.first
  }

  @Test func `memory that is gone when it is taken makes the batches smaller, not the step`() throws
  {
    let ground = try Ground(people: 40)
    let (plain, tight) = (Recorder(), Recorder())
    func change(_ recipe: inout RunRecipe) { recipe.shuffle = false }
    #expect(try ground.train("plain", sink: plain, change: change).succeeded)
    let (succeeded, folder) = try ground.train(
      "tight", sink: tight, room: (pictures: 3, tells: false), change: change)
    #expect(succeeded)
    let recipe = try folder.recipe()
    #expect(recipe.batch == 2 && recipe.accumulate == 4)
    #expect(notices(tight).contains { $0.contains("4 batches of 2 samples") }, "\(notices(tight))")
    #expect(plain.steps == tight.steps)
    #expect(!notices(plain).contains { $0.contains("Less memory") })
    // The same gradients but for batch norm, which sees two samples of eight.
    let (first, second) = (epochs(plain), epochs(tight))
    #expect(first.count == 2 && second.count == 2)
    for (one, other) in zip(first, second) {
      #expect(abs(one.trainLoss / other.trainLoss - 1) < 0.5, "\(one.trainLoss) \(other.trainLoss)")
    }
  }

  @Test func `not even one picture is an error with the bytes that were wanted`() throws {
    let ground = try Ground(people: 10)
    let recorder = Recorder()
    #expect(try !ground.train("run", sink: recorder, room: (pictures: 0, tells: false)).succeeded)
    #expect(
      failure(recorder)?.contains("1.00 MiB are wanted at once") == true, "\(recorder.events)")
  }

  @Test
  func `a batch that was named is refused with ways out, until a state is to be gone on from`()
    throws
  {
    let ground = try Ground(people: 40)
    let refused = Recorder()
    #expect(try !ground.train("new", sink: refused, room: (pictures: 4, tells: true)).succeeded)
    let words = failure(refused) ?? ""
    #expect(words.contains("8.00 MiB") && words.contains("--batch 2 --accumulate 4"), "\(words)")

    // Three of the four steps of an epoch, then half of the memory is gone.
    let mailbox = CommandMailbox()
    let before = Recorder { step in
      if step == 3 { mailbox.post(CommandRequest(id: "stop", by: "test", command: .stop)) }
    }
    let first = try ground.train(
      "run", sink: before, mailbox: mailbox, room: (pictures: 8, tells: true))
    #expect(first.succeeded && before.steps == [1, 2, 3])
    let after = Recorder(earlier: before.events)
    let second = try ground.train("run", sink: after, room: (pictures: 4, tells: true))
    #expect(second.succeeded)
    #expect(notices(after).contains { $0.contains("2 batches of 4 samples") })
    // Each sample of the epoch comes once, so that its fourth step is its last.
    #expect(after.steps == Array(1...8))
    #expect(epochs(after).map(\.step) == [4, 8])
  }

  @Test func `the plan tells the device's memory by kind, and host memory beside it`() throws {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    #expect(try ground.train("run", sink: recorder, room: (pictures: 8, tells: true)).succeeded)
    let plan = try #require(self.plan(recorder))
    #expect(plan.withoutGPU == nil && plan.device == "Tight GPU, fp32")
    #expect(plan.bytes.map(\.kind) == ["activations", "driver", "total"])
    #expect(plan.bytes(of: "total") == 408 << 20)
    let gpu = try #require(plan.gpu)
    #expect(gpu.pciBusID == "0000:65:00.0" && gpu.capacity == 1 << 30)
    #expect(gpu.hostBytes.map(\.kind) == ["workspace", "input"])
    #expect(gpu.hostBytes.allSatisfy { $0.count > 0 })
  }

  @Test func `on the processor the plan says why`() throws {
    let ground = try Ground(people: 20)
    let recorder = Recorder()
    #expect(try ground.train("run", sink: recorder) { $0.device = "cpu" }.succeeded)
    let plan = try #require(self.plan(recorder))
    #expect(plan.gpu == nil && plan.withoutGPU == Sentence(EngineSentence.cpuAsked))
  }

  private func plan(_ recorder: Recorder) -> PlanReport? {
    recorder.events.compactMap { event in
      if case .planned(let plan) = event { plan } else { nil }
    }.first
  }
}
