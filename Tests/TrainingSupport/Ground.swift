public import Execution
import Figures
import Glibc
public import RunFiles
public import Support
import TestSupport
public import Training
public import TrainingAPI

/// Collects events; `onStep` may post commands.
public final class Recorder: EventSink {
  private let list = Monitor<[TrainingEvent]>([])
  private let onStep: @Sendable (Int) -> Void

  /// - Parameter earlier: what the log holds already.
  public init(earlier: [TrainingEvent] = [], onStep: @escaping @Sendable (Int) -> Void = { _ in }) {
    self.onStep = onStep
    list.update { $0 = earlier.map { $0 } }
  }

  public func publish(_ event: TrainingEvent) {
    list.update { $0.append(event) }
    // One event may tell of several steps.
    guard case .step(let report) = event else { return }
    for step in (report.step - report.count + 1)...report.step { onStep(step) }
  }

  public func requestFlush() -> Int { list.update { $0.count } }

  public func awaitFlush(_ ticket: Int) -> LogFlush { .durable(number: ticket) }

  public func cut(to number: Int) -> [CommandRecord]? {
    list.update { list in
      let rest = list.dropFirst(number)
      list.removeLast(rest.count)
      return rest.compactMap { if case .command(let record) = $0 { record } else { nil } }
    }
  }

  /// A copy with memory of its own: of the counts by which the runtime shares an array's memory the
  /// thread sanitizer knows nothing.
  public var events: [TrainingEvent] { list.update { $0.map { $0 } } }

  /// All steps in the order of their events; one event may tell of several.
  public var steps: [Int] {
    events.flatMap { event -> [Int] in
      guard case .step(let report) = event else { return [] }
      return Array((report.step - report.count + 1)...report.step)
    }
  }
}

/// A folder with drawn people and runs, which goes when its owner goes.
public final class Ground {
  public let path: String

  public init(people: Int = 24) throws {
    var template = Array("/tmp/posetop-training-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw GroundError() }
    path = String(cString: made)
    try FigureSet.write(
      folder: Path.join(path, "people"), count: people, seed: 11, format: .seed)
  }

  deinit { removeTree(path) }

  /// Trains a new run, or goes on with one of that name.
  @discardableResult
  public func train(
    _ name: String, threads: Int = 2, sink: Recorder = Recorder(),
    mailbox: CommandMailbox = CommandMailbox(), storage: any StorageCalls = SystemStorage(),
    on makeBackend: BackendMaker, change: (inout RunRecipe) -> Void = { _ in }
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
      folder: folder, recipe: recipe, sink: sink, commands: mailbox, storage: storage,
      makeBackend: makeBackend)
    return (succeeded, folder)
  }
}

/// There is no place for a folder.
private struct GroundError: Error {}
