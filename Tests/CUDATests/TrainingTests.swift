import BackendCPU
import Execution
import Graph
import RunFiles
import Support
import Testing
import Training
import TrainingAPI
import TrainingSupport
import Wording

@testable import BackendCUDA

extension CUDATests {
  /// Whole trainings on the made-up GPU.
  @Suite struct Trainings {
    private static func shrink(_ recipe: inout RunRecipe) {
      recipe.batch = 4
      recipe.epochs = 2
      recipe.inputWidth = 32
      recipe.inputHeight = 32
      recipe.model = "cnn-pooled"
      recipe.precision = "fp16"
      recipe.augment = "standard"
    }

    private static func gpu(_ recipe: RunRecipe) throws(TrainingError) -> any Backend {
      do {
        return try FakeDevice.backend(Precision(rawValue: recipe.precision ?? "") ?? .float32)
      } catch {
        throw .precisionUnknown(name: recipe.precision ?? "", device: "made-up GPU")
      }
    }

    private static func stop(at step: Int) -> (Recorder, CommandMailbox) {
      let mailbox = CommandMailbox()
      let recorder = Recorder { done in
        if done == step {
          mailbox.post(CommandRequest(id: "stop", by: "test", command: .stop))
        }
      }
      return (recorder, mailbox)
    }

    /// The state that a run would go on from.
    private static func state(_ folder: RunFolder) throws -> JSONValue {
      let store = CheckpointStore(folder, storage: SystemStorage())
      return try #require(store.newest { _ in }).state
    }

    /// At the first scale some gradients of the first steps overflow, so that a resumed run that began
    /// anew with it would leave out others.
    @Test func `a half-precision run that is stopped and resumed has the bits of one that is not`()
      throws
    {
      let ground = try Ground(people: 20)
      let whole = try ground.train("whole", on: Self.gpu, change: Self.shrink)
      #expect(whole.succeeded)
      let (first, mailbox) = Self.stop(at: 5)
      #expect(
        try ground.train(
          "stopped", sink: first, mailbox: mailbox, on: Self.gpu, change: Self.shrink
        ).succeeded)
      let second = Recorder(earlier: first.events)
      let stopped = try ground.train("stopped", sink: second, on: Self.gpu, change: Self.shrink)
      #expect(stopped.succeeded && second.steps == Array(1...8))
      let scaling = try #require(try Self.state(stopped.folder)["loss_scaling"])
      #expect(scaling["scale"]?.double ?? 0 > 0)
      #expect(try Self.state(whole.folder)["loss_scaling"] == scaling)
      let files = try [whole, stopped].map {
        try FileReading.bytes(of: $0.folder.lastPath, limit: 1 << 26)
      }
      #expect(files[0] == files[1])
    }

    @Test(arguments: ["standard", #"{"from": "light", "blur": 0.5, "erase": 0.5}"#])
    func `a run whose pictures the GPU crops has the bits of one whose loaders do it`(
      _ augment: String
    ) throws {
      let ground = try Ground(people: 20)
      func train(_ name: String, _ cropping: String) throws -> (RunFolder, Recorder) {
        let recorder = Recorder()
        let (succeeded, folder) = try ground.train(name, sink: recorder, on: Self.gpu) {
          Self.shrink(&$0)
          $0.precision = "fp32"
          $0.cropping = cropping
          $0.augment = augment
        }
        #expect(succeeded)
        return (folder, recorder)
      }
      func validations(_ recorder: Recorder) -> [Double] {
        recorder.events.compactMap { event in
          if case .epoch(let report) = event { report.validationLoss } else { nil }
        }
      }
      let host = try train("host", "host")
      #expect(FakeDevice.calls("launch cropPictures") == 0)
      let device = try train("device", "device")
      // 4 batches to train on and 1 to validate in each of 2 epochs, one for the previews at most.
      #expect(FakeDevice.calls("launch cropPictures") >= 10)
      #expect(validations(host.1) == validations(device.1) && validations(host.1).count == 2)
      let files = try [host.0, device.0].map {
        try FileReading.bytes(of: $0.lastPath, limit: 1 << 26)
      }
      #expect(files[0] == files[1])
    }

    @Test func `where nothing but the processor is there the loaders crop, and it is said`() throws
    {
      let ground = try Ground(people: 20)
      let recorder = Recorder()
      let (succeeded, _) = try ground.train(
        "run", sink: recorder, on: { _ in CPUBackend(threads: 1) }
      ) {
        Self.shrink(&$0)
        $0.precision = "fp32"
        $0.epochs = 1
        $0.cropping = "device"
      }
      #expect(succeeded)
      #expect(
        recorder.events.contains { event in
          if case .notice(let notice) = event {
            notice.sentence == Sentence(EngineSentence.cropsOnProcessor)
          } else {
            false
          }
        })
    }

    @Test func `the scale outlives a part of the run on the processor`() throws {
      let ground = try Ground(people: 20)
      func part(
        _ step: Int, _ earlier: Recorder?, precision: String, on makeBackend: BackendMaker
      ) throws -> (Recorder, JSONValue) {
        let mailbox = CommandMailbox()
        let recorder = Recorder(earlier: earlier?.events ?? []) { done in
          if done == step {
            mailbox.post(CommandRequest(id: "stop", by: "test", command: .stop))
          }
        }
        let (succeeded, folder) = try ground.train(
          "run", sink: recorder, mailbox: mailbox, on: makeBackend
        ) {
          Self.shrink(&$0)
          $0.epochs = 8
          $0.precision = precision
        }
        #expect(succeeded)
        return (recorder, try Self.state(folder))
      }
      // A request to stop may come a few steps late.
      let (first, begun) = try part(3, nil, precision: "fp16", on: Self.gpu)
      let scale = try #require(begun["loss_scaling"]?["scale"]?.double)
      #expect(begun["loss_scaling"]?["good_steps"]?.int != nil)
      let (second, between) = try part(
        first.steps.count + 1, first, precision: "fp32", on: { _ in CPUBackend(threads: 1) })
      #expect(second.steps.count > first.steps.count)
      #expect(between["loss_scaling"] == begun["loss_scaling"])
      // Left-out steps are none of Adam's there either.
      #expect(
        between["progress"]?["optimizer_start"] == begun["progress"]?["optimizer_start"])
      let (third, after) = try part(
        second.steps.count + 1, second, precision: "fp16", on: Self.gpu)
      #expect(third.steps == Array(1...third.steps.count))
      #expect(third.steps.count > second.steps.count)
      let last = try #require(after["loss_scaling"]?["scale"]?.double)
      #expect(last > 0 && last <= scale)
    }
  }
}
