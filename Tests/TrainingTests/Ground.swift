import BackendCPU
import Execution
import Figures
import Glibc
import Nets
import RunFiles
import Support
import Synchronization
import TensorFiles
import TestSupport
import Testing
import Training
import TrainingAPI
import Wording

/// Collects events; `onStep` may post commands.
final class Recorder: EventSink {
  private let list = Monitor<[TrainingEvent]>([])
  private let onStep: @Sendable (Int) -> Void

  /// - Parameter earlier: what the log holds already.
  init(earlier: [TrainingEvent] = [], onStep: @escaping @Sendable (Int) -> Void = { _ in }) {
    self.onStep = onStep
    list.update { $0 = earlier.map { $0 } }
  }

  func publish(_ event: TrainingEvent) {
    list.update { $0.append(event) }
    // One event may tell of several steps.
    guard case .step(let report) = event else { return }
    for step in (report.step - report.count + 1)...report.step { onStep(step) }
  }

  func requestFlush() -> Int { list.update { $0.count } }

  func awaitFlush(_ ticket: Int) -> LogFlush { .durable(number: ticket) }

  func cut(to number: Int) -> [CommandRecord]? {
    list.update { list in
      let rest = list.dropFirst(number)
      list.removeLast(rest.count)
      return rest.compactMap { if case .command(let record) = $0 { record } else { nil } }
    }
  }

  /// A copy with memory of its own: of the counts by which the runtime shares an array's memory the
  /// thread sanitizer knows nothing.
  var events: [TrainingEvent] { list.update { $0.map { $0 } } }

  /// All steps in the order of their events; one event may tell of several.
  var steps: [Int] {
    events.flatMap { event -> [Int] in
      guard case .step(let report) = event else { return [] }
      return Array((report.step - report.count + 1)...report.step)
    }
  }
}

/// A folder with drawn people and runs, which goes when its owner goes.
final class Ground {
  let path: String

  init(people: Int = 24) throws {
    var template = Array("/tmp/posetop-training-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
    try FigureSet.write(
      folder: Path.join(path, "people"), count: people, seed: 11, format: .seed)
  }

  deinit { removeTree(path) }

  /// Trains a new run, or goes on with one of that name.
  @discardableResult
  func train(
    _ name: String, threads: Int = 2, sink: Recorder = Recorder(),
    mailbox: CommandMailbox = CommandMailbox(), fault: Fault? = nil,
    storage: any StorageCalls = SystemStorage(), room: (pictures: Int, tells: Bool)? = nil,
    change: (inout RunRecipe) -> Void = { _ in }
  ) throws -> (succeeded: Bool, folder: RunFolder) {
    var recipe = RunRecipe()
    recipe.dataset = Path.join(path, "people")
    recipe.model = "lite"
    recipe.inputWidth = 48
    recipe.inputHeight = 64
    recipe.batch = 8
    recipe.epochs = 2
    recipe.threads = threads
    recipe.loaders = threads
    change(&recipe)
    var folder = RunFolder(Path.join(path, name))
    if !folder.isRun { folder = try RunFolder.create(folder.path, recipe: recipe) }
    let succeeded = runTraining(
      folder: folder, recipe: recipe, sink: sink, commands: mailbox, storage: storage
    ) { recipe in
      let backend = CPUBackend(threads: recipe.threads ?? 1)
      if let room { return TightBackend(backend: backend, room: room.pictures, tells: room.tells) }
      return fault.map { FaultyBackend(backend: backend, fault: $0) } ?? backend
    }
    return (succeeded, folder)
  }
}
