import Execution
import RunFiles
import Support
import TensorFiles
import TrainingAPI
import Wording

/// Saves complete training states at the right times, on a thread of its own where they are small.
///
/// A state's file is renamed into place only when the log is on disk up to the state. A failed save
/// is a warning, and is tried again.
final class Checkpointer {
  /// What a save is for.
  struct Purpose: OptionSet {
    let rawValue: Int
    /// The next generation.
    static let generation = Purpose(rawValue: 1)
    /// The state to which a roll back leads.
    static let best = Purpose(rawValue: 2)
  }

  /// What the writing thread tells the trainer.
  private struct Outcome {
    var isBusy = false
    var durableStep = -1
    var failures = 0
    var notFinite: String?
    /// What the last save took of the processor beside the step loop, s.
    var processorSeconds = 0.0
    /// Bytes of a state and how fast the disk took the last one, bytes/s; 0 before the first.
    var bytesPerSecond = 0.0
  }

  /// A state is saved at an epoch's end when the last is older than this, s.
  static let epochPause = 60.0
  /// At most this share of the time goes into saving.
  static let largestShare = 0.05

  let store: CheckpointStore
  private var memory: StateMemory
  private var session: any BackendSession
  private let sink: any EventSink
  private let mirror: MirrorCopy?
  private let asked: CheckpointInterval
  private let threads: Int
  private let keep: Int
  private let outcome = Monitor(Outcome())
  private var thread: WorkerThread?
  private var lastTime = Clock.monotonic()
  private var lastBest = -Double.infinity
  /// What the last save held the step loop up for, s.
  private var pause = 0.0
  private var saidCost = 0.0

  init(
    _ setup: TrainingSetup, folder: RunFolder, sink: any EventSink,
    storage: any StorageCalls
  ) {
    store = CheckpointStore(folder, storage: storage)
    session = setup.session
    memory = StateMemory(setup.session)
    self.sink = sink
    asked = setup.recipe.checkpointEvery.flatMap(CheckpointInterval.init) ?? .seconds(300)
    keep = setup.recipe.keep ?? 2
    threads = max(1, setup.recipe.threads ?? 1)
    mirror = setup.recipe.mirror.map { MirrorCopy(from: folder, into: $0) }
  }

  deinit { thread?.join() }

  /// The last step whose state is durable; -1 for none.
  var durableStep: Int { outcome.update { $0.durableStep } }

  /// A state of fewer bytes is on disk within `smallSeconds` of a request to stop, if the disk is no
  /// slower than `smallBytes` in that time.
  static let smallBytes = 400_000_000
  /// See `smallBytes`, s.
  static let smallSeconds = 5.0

  /// How large the state is and how long it may take until it is on disk, s: by the rate at which the
  /// disk took the last one.
  var estimate: (bytes: Int, seconds: Double) {
    let bytes = memory.stateBytes
    let rate = outcome.update { $0.bytesPerSecond }
    let byRate = rate > 0 ? Double(bytes) / rate + 2 : 0
    return (bytes, bytes <= Self.smallBytes ? max(byRate, Self.smallSeconds) : max(byRate, 2))
  }

  /// The tensor in which the last save found a value that is no number; asked once.
  func takeNotFinite() -> String? {
    outcome.update { outcome in
      defer { outcome.notFinite = nil }
      return outcome.notFinite
    }
  }

  /// Goes on with another session of the same run; nothing is being written.
  func adopt(_ setup: TrainingSetup) {
    session = setup.session
    memory = StateMemory(setup.session)
  }

  // MARK: - Going back

  /// Puts a state's tensors into the session.
  func restore(_ found: CheckpointStore.Found) throws(FileError) -> SavedState {
    guard let saved = SavedState(json: found.state) else {
      throw .unexpectedJSON(path: found.file.path, place: "state", expected: "a training's state")
    }
    try memory.restore(found.file, into: session)
    outcome.update { $0.durableStep = saved.progress.step }
    lastTime = Clock.monotonic()
    return saved
  }

  // MARK: - Saving

  /// What is to be saved now.
  func due(step: Int, isEpochEnd: Bool, isBest: Bool) -> Purpose {
    let now = Clock.monotonic()
    var purpose: Purpose = []
    let (failures, work, durable) = outcome.update {
      ($0.failures, $0.processorSeconds, $0.durableStep)
    }
    let cost = pause + work / Double(threads)
    let floor = cost / Self.largestShare
    // A failed save is tried again sooner, each time a little later.
    let backOff = failures > 0 ? min(300, 5 * Double(1 << min(failures, 6))) : 0
    switch asked {
    case .steps(let steps):
      if step % steps == 0 || (failures > 0 && now - lastTime >= backOff) {
        purpose.insert(.generation)
      }
      // Steps that run ahead of a slow disk would be more than one interval to do again.
      if step - durable > steps { wait() }
    case .seconds(let seconds):
      let limit = failures > 0 ? backOff : isEpochEnd ? min(Self.epochPause, seconds) : seconds
      if now - lastTime >= max(limit, floor) { purpose.insert(.generation) }
      sayCost(cost, floor, seconds)
    }
    if isBest, now - lastBest >= floor { purpose.insert(.best) }
    // The last one is still being written: another time, unless it would not come again.
    if purpose == .generation, case .seconds = asked, outcome.update({ $0.isBusy }) { return [] }
    return purpose
  }

  private func sayCost(_ cost: Double, _ floor: Double, _ seconds: Double) {
    guard floor > seconds, cost > 1.5 * saidCost else { return }
    saidCost = cost
    sink.publish(
      .notice(
        Notice(
          .info,
          Sentence(
            EngineSentence.savingSeldom, NumberText.fixed(cost, 1), NumberText.duration(floor)))))
  }

  /// Saves a state; the session must stand at exactly that state.
  ///
  /// - Parameters:
  ///   - makeState: the state for the number of its last event.
  ///   - waits: whether to return only when the state is durable or the save has failed.
  func save(
    _ purpose: Purpose, step: Int, waits: Bool, makeState: @escaping @Sendable (Int) -> SavedState
  ) {
    if purpose.isEmpty { return }
    wait()
    let start = Clock.monotonic()
    let ticket = sink.requestFlush()
    lastTime = start
    if purpose.contains(.best) { lastBest = start }
    if memory.isCopied {
      memory.take(from: session)
      outcome.update { $0.isBusy = true }
      pause = Clock.monotonic() - start
      let job = job(purpose, step, ticket, pause, makeState)
      let (memory, outcome) = (memory, outcome)
      thread = WorkerThread(name: "checkpoint") {
        job.run(memory.copiedTensors(), memory.piece, outcome)
      }
      if waits { wait() }
    } else {
      job(purpose, step, ticket, nil, makeState)
        .run(memory.liveTensors(of: session), memory.piece, outcome)
      pause = Clock.monotonic() - start
      outcome.update { $0.processorSeconds = 0 }
    }
  }

  /// Waits until nothing is being written.
  func wait() {
    thread?.join()
    thread = nil
  }

  private func job(
    _ purpose: Purpose, _ step: Int, _ ticket: Int, _ pause: Double?,
    _ makeState: @escaping @Sendable (Int) -> SavedState
  ) -> Job {
    Job(
      purpose: purpose, step: step, ticket: ticket, pause: pause, store: store, keep: keep,
      sink: sink,
      mirror: mirror, makeState: makeState)
  }

  /// One save, as the writing thread gets it.
  private struct Job: Sendable {
    let purpose: Purpose
    let step: Int
    let ticket: Int
    /// What the step loop was held up for, s; nil when that is all of it.
    let pause: Double?
    let store: CheckpointStore
    let keep: Int
    let sink: any EventSink
    let mirror: MirrorCopy?
    let makeState: @Sendable (Int) -> SavedState

    func run(
      _ tensors: [StreamedTensor], _ piece: UnsafeMutableBufferPointer<Float>,
      _ outcome: Monitor<Outcome>
    ) {
      let start = Clock.monotonic()
      let startOfWork = Clock.threadProcessor()
      var notFinite: String?
      func inspect(
        _ name: String, _ values: UnsafeMutableBufferPointer<Float>
      ) throws(FileError) {
        if StateMemory.isFinite(values) { return }
        notFinite = name
        throw .brokenTensorFile(
          path: store.folder, reason: "\(name) holds values that are no numbers")
      }
      do throws(FileError) {
        guard let number = sink.awaitFlush(ticket) else {
          throw .cannotWrite(path: store.folder, reason: "the event log could not be written")
        }
        let state = makeState(number).json
        let startOfWriting = Clock.monotonic()
        // The best first: a generation that names it must not be there without it.
        if purpose.contains(.best) {
          try store.commitBest(state: state, tensors: tensors, buffer: piece, inspect: inspect)
        }
        var path = store.bestPath
        if purpose.contains(.generation) {
          path = try store.commit(
            state: state, tensors: tensors, keep: keep, buffer: piece, inspect: inspect)
        }
        let files = purpose == [.best, .generation] ? 2 : 1
        let bytes = 4 * files * tensors.reduce(0) { $0 + $1.count }
        let seconds = Clock.monotonic() - startOfWriting
        outcome.update { outcome in
          outcome.isBusy = false
          outcome.failures = 0
          outcome.processorSeconds = Clock.threadProcessor() - startOfWork
          outcome.bytesPerSecond = Double(bytes) / max(seconds, 1e-3)
          if purpose.contains(.generation) { outcome.durableStep = step }
        }
        guard purpose.contains(.generation) else { return }
        sink.publish(
          .checkpoint(
            CheckpointReport(
              step: step, kind: "state", file: "checkpoints/\(Path.name(of: path))",
              seconds: Clock.monotonic() - start, pause: pause ?? (Clock.monotonic() - start))))
        if let failure = mirror?.copy(state: path) {
          sink.publish(
            .notice(
              Notice(.warning, Sentence(EngineSentence.mirrorFailed, failure.sentence))))
        }
      } catch {
        outcome.update { outcome in
          outcome.isBusy = false
          outcome.failures += 1
          outcome.notFinite = notFinite ?? outcome.notFinite
        }
        if notFinite == nil {
          sink.publish(
            .notice(
              Notice(.warning, Sentence(EngineSentence.stateNotSaved, step, error.sentence)))
          )
        }
      }
    }
  }
}
