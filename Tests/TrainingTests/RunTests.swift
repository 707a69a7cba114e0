import BackendCPU
import Execution
import Figures
import Glibc
import Nets
import RunFiles
import Support
import Synchronization
import TensorFiles
import Testing
import Training
import TrainingAPI
import TrainingSupport
import Wording

@Suite struct RunTests {
  @Test func `1, 2, 3 and 4 threads give the same weights after 20 steps, bit for bit`() throws {
    let ground = try Ground(people: 20)
    let files = try [1, 2, 3, 4].map { threads in
      let (succeeded, folder) = try ground.train("run\(threads)", threads: threads) { recipe in
        recipe.batch = 4
        recipe.epochs = 5
        recipe.augment = "standard"
      }
      #expect(succeeded)
      return try FileReading.bytes(of: folder.lastPath, limit: 1 << 26)
    }
    #expect(files.allSatisfy { $0 == files[0] })
  }

  @Test func `a run's events have their order, and its weights PyTorch's names and layouts`() throws
  {
    let ground = try Ground()
    let recorder = Recorder()
    let (succeeded, folder) = try ground.train("run", sink: recorder)
    #expect(succeeded)
    let names = recorder.events.map(\.name).filter { $0 != "notice" }
    #expect(names.first == "planned")
    #expect(names.last == "finished")
    #expect(names.filter { $0 == "epoch" }.count == 2)
    let file = try TensorFile(path: folder.bestPath)
    #expect(file.entry("stem.0.conv.weight")?.shape == [32, 3, 3, 3])
    #expect(file.entry("stem.0.bn.num_batches_tracked")?.element == .int64)
    #expect(file.entry("head.bias")?.shape == [17])
    #expect(file.metadata["input"] == "48x64")
    #expect(try SamplePreviews.read(runFolder: folder.path)?.samples.count == 5)
    #expect(try PredictionSet.latest(runFolder: folder.path)?.epoch == 2)
  }

  @Test func `a changed rate is in force at the next step, and undo brings the old one back`()
    throws
  {
    let ground = try Ground()
    let mailbox = CommandMailbox()
    let recorder = Recorder { step in
      if step == 2 {
        mailbox.post(CommandRequest(id: "1", by: "test", command: .learningRate(.value(0.5))))
      }
      if step == 4 { mailbox.post(CommandRequest(id: "2", by: "test", command: .undoLearningRate)) }
      if step == 5 {
        mailbox.post(CommandRequest(id: "3", by: "test", command: .learningRate(.value(7))))
        mailbox.post(CommandRequest(id: "4", by: "test", command: .stop))
      }
    }
    let (succeeded, folder) = try ground.train("run", sink: recorder, mailbox: mailbox) {
      $0.schedule = "constant"
      $0.warmup = 0
      $0.learningRate = 1e-3
      $0.epochs = 50
    }
    #expect(succeeded)
    var rates: [Int: Double] = [:]
    var applied: [String: Int] = [:]
    var rejected: [String] = []
    for event in recorder.events {
      switch event {
      case .step(let report): rates[report.step] = report.learningRate
      case .command(let record):
        switch record.status {
        case .applied(let step): applied[record.id] = step
        case .rejected: rejected.append(record.id)
        case .accepted: break
        }
      default: break
      }
    }
    #expect(applied["1"] == 3)
    #expect(rates[2] == 1e-3)
    #expect(rates[3] == 0.5)
    #expect(rates[4] == 0.5)
    #expect(abs((rates[5] ?? 0) - 1e-3) < 1e-12)
    #expect(rejected == ["3"])
    guard case .finished(let report) = recorder.events.last else {
      Issue.record("the run did not finish")
      return
    }
    #expect(report.reason == .stopped)
    #expect(report.step == 5)
    #expect(Path.isFile(folder.lastPath))
  }

  @Test func `a data set that does not exist is one sentence with its path`() throws {
    let ground = try Ground()
    let recorder = Recorder()
    let (succeeded, _) = try ground.train("run", sink: recorder) { $0.dataset = "/nowhere/at/all" }
    #expect(!succeeded)
    guard case .failed(let sentence) = recorder.events.last else {
      Issue.record("no failure was published")
      return
    }
    #expect(sentence.text().contains("/nowhere/at/all"))
  }

  @Test func `weights of a run begin another, and what is frozen stays as it is`() throws {
    let ground = try Ground()
    let (_, first) = try ground.train("first", sink: Recorder())
    let recorder = Recorder()
    let (succeeded, second) = try ground.train("second", sink: recorder) {
      $0.initialWeights = first.lastPath
      $0.freeze = "stem,encoder.0"
      $0.epochs = 1
    }
    #expect(succeeded)
    let said = recorder.events.compactMap { event -> String? in
      if case .notice(let notice) = event { notice.sentence.text() } else { nil }
    }
    #expect(said.contains { $0.contains(first.lastPath) })
    let before = try TensorFile(path: first.lastPath)
    let after = try TensorFile(path: second.lastPath)
    for (name, isSame) in [
      ("stem.0.conv.weight", true), ("stem.1.bn.weight", true), ("stem.1.bn.running_mean", true),
      ("encoder.0.1.bn.bias", true), ("down.0.conv.weight", false),
      ("down.0.bn.running_mean", false), ("head.bias", false),
    ] {
      #expect(try (before.bytes(name) == after.bytes(name)) == isSame, "\(name)")
    }
    let (failed, _) = try ground.train("third", sink: recorder) { $0.freeze = "stm" }
    #expect(!failed)
    guard case .failed(let sentence) = recorder.events.last else {
      Issue.record("an unknown layer was taken")
      return
    }
    #expect(sentence.text().contains("did you mean"))
  }

  @Test(arguments: ["sgd", "adam"])
  func `the tutorial's network with three heads and other rules trains`(_ rule: String) throws {
    let ground = try Ground(people: 10)
    for (model, head) in [("resnet18", "regression"), ("resnet18", "simcc"), ("cnn", "regression")]
    {
      let recorder = Recorder()
      let (succeeded, folder) = try ground.train("\(model)-\(head)", sink: recorder) {
        $0.model = model
        $0.head = head
        $0.optimizer = rule
        $0.learningRate = 1e-3
        $0.inputWidth = 64
        $0.epochs = 1
      }
      #expect(succeeded)
      let metadata = try TensorFile(path: folder.lastPath).metadata
      #expect(metadata["head"] == head)
    }
  }

  @Test func `lite learns a handful of figures by heart`() throws {
    let ground = try Ground(people: 10)
    let recorder = Recorder()
    _ = try ground.train("run", sink: recorder) {
      $0.augment = "none"
      $0.epochs = 60
      $0.validation = $0.dataset
      $0.warmup = 5
    }
    var last: EpochReport?
    for case .epoch(let report) in recorder.events { last = report }
    #expect((last?.metric("PCK@0.1") ?? 0) > 0.9)
  }
}
