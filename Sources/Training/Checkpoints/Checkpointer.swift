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
    /// The same, for which it is too early: it is kept in memory and saved a little later.
    static let heldBest = Purpose(rawValue: 4)
  }

  let store: CheckpointStore
  private var memory: StateMemory
  private var session: any BackendSession
  private let sink: any EventSink
  private let mirror: MirrorCopy?
  private let threads: Int
  private let keep: Int
  private let outcome = Monitor(SaveOutcome())
  private var thread: WorkerThread?
  private var timing: SaveTiming
  /// What the last save held the step loop up for, s.
  private var pause = 0.0
  /// Whether somebody knows that the best epoch is not the one to which a roll back leads.
  private var hasSaidSkipped = false

  init(
    _ setup: TrainingSetup, folder: RunFolder, sink: any EventSink,
    storage: any StorageCalls
  ) {
    store = CheckpointStore(folder, storage: storage)
    session = setup.session
    memory = StateMemory(setup.session)
    self.sink = sink
    timing = SaveTiming(
      setup.recipe.checkpointEvery.flatMap(CheckpointInterval.init) ?? .seconds(300),
      now: Clock.monotonic())
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
  /// disk took the last one. Nil for a large state while that is not known.
  var estimate: (bytes: Int, seconds: Double?) {
    let bytes = memory.stateBytes
    let rate = outcome.update { $0.bytesPerSecond }
    let byRate = rate > 0 ? Double(bytes) / rate + 2 : nil
    return (bytes, bytes <= Self.smallBytes ? max(byRate ?? 0, Self.smallSeconds) : byRate)
  }

  /// The tensor in which a value was found that is no number; asked once.
  func takeNotFinite() -> String? {
    outcome.update { outcome in
      defer { outcome.notFinite = nil }
      return outcome.notFinite
    }
  }

  /// Looks for a value that is no number in the present state; `takeNotFinite` says where it is.
  ///
  /// - Parameter isExchanged: whether running means and present values stand in each other's place.
  func findNotFinite(isExchanged: Bool) -> Bool {
    wait()
    let tensor = memory.firstNotFinite(in: session, isExchanged: isExchanged)
    if let tensor { outcome.update { $0.notFinite = tensor } }
    return tensor != nil
  }

  /// Goes on with another session of the same run; nothing is being written.
  func adopt(_ setup: TrainingSetup) {
    // The copy goes, and with it what was still to be saved.
    settleBest()
    outcome.update { $0.owedBest = nil }
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
    outcome.update { outcome in
      outcome.durableStep = saved.progress.step
      // A best epoch behind the state will have been another one.
      outcome.owedBest = nil
    }
    timing.lastTime = Clock.monotonic()
    return saved
  }

  // MARK: - Saving

  /// What is to be saved now.
  func due(step: Int, isEpochEnd: Bool, isBest: Bool) -> Purpose {
    var moment = SaveTiming.Moment(
      now: Clock.monotonic(), step: step, isEpochEnd: isEpochEnd, isBest: isBest)
    let work = outcome.update { outcome in
      moment.failures = outcome.failures
      moment.durableStep = outcome.durableStep
      return outcome.processorSeconds
    }
    timing.cost = pause + work / Double(threads)
    sayCost()
    if timing.isTooFarAhead(moment) { wait() }
    var purpose = timing.due(moment)
    if isBest, !purpose.contains(.best) {
      if memory.isCopied { purpose.insert(.heldBest) } else { saySkipped() }
    } else if !isBest {
      startHeldBest(moment.now)
    }
    // The last one is still being written: another time, unless it would not come again.
    if purpose == .generation, case .seconds = timing.asked, outcome.update({ $0.isBusy }) {
      return []
    }
    return purpose
  }

  /// Whether it is time for an epoch's weights that are not the best.
  var allowsLastWeights: Bool { timing.allowsLastWeights(at: Clock.monotonic()) }

  /// Counts a weight file that has taken so many seconds.
  func payWeights(_ seconds: Double) { timing.payWeights(seconds, at: Clock.monotonic()) }

  /// Saves a best epoch's state that was kept in memory, when it has become time.
  private func startHeldBest(_ now: Double) {
    let held = outcome.update { outcome -> SaveOutcome.OwedBest? in
      guard !outcome.isBusy, let owed = outcome.owedBest, !owed.isRefused else { return nil }
      return owed
    }
    guard let held, timing.allowsBest(at: now) else { return }
    wait()
    timing.payBest(at: now)
    outcome.update { $0.isBusy = true }
    let job = job(.best, held.step, sink.requestFlush(), nil)
    let (memory, outcome) = (memory, outcome)
    thread = WorkerThread(name: "checkpoint") { job.saveAgain(held, memory, outcome) }
  }

  /// A state that is too large for a copy is another one a step later.
  private func saySkipped() {
    if hasSaidSkipped { return }
    hasSaidSkipped = true
    sink.publish(
      .notice(
        Notice(
          .info, Sentence(EngineSentence.bestStateSkipped, NumberText.fixed(timing.cost, 1)))))
  }

  private func sayCost() {
    guard let interval = timing.takeLongerInterval() else { return }
    sink.publish(
      .notice(
        Notice(
          .info,
          Sentence(
            EngineSentence.savingSeldom, NumberText.fixed(timing.cost, 1),
            NumberText.duration(interval)))))
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
    let start = Clock.monotonic()
    wait()
    // A newer best state takes the place of one that is still owed.
    let isNewBest = !purpose.isDisjoint(with: [.best, .heldBest])
    let keepsCopy = isNewBest ? false : !settleBest()
    let ticket = sink.requestFlush()
    if purpose.contains(.generation) { timing.lastTime = start }
    if purpose.contains(.best) {
      timing.payBest(at: start)
      hasSaidSkipped = false
    }
    if memory.isCopied, !keepsCopy {
      memory.take(from: session)
      outcome.update { outcome in
        outcome.isBusy = true
        outcome.owedBest = nil
      }
      pause = Clock.monotonic() - start
      let job = job(purpose, step, ticket, pause)
      let (memory, outcome) = (memory, outcome)
      thread = WorkerThread(name: "checkpoint") {
        job.run(memory.copiedTensors(), memory, outcome, makeState)
      }
      if waits { wait() }
    } else {
      job(purpose, step, ticket, nil)
        .run(memory.liveTensors(of: session), memory, outcome, makeState)
      pause = Clock.monotonic() - start
      outcome.update { $0.processorSeconds = 0 }
    }
  }

  /// Saves the best epoch's state where it is still owed.
  ///
  /// - Returns: whether nothing is left to save.
  @discardableResult
  func settleBest() -> Bool {
    wait()
    guard let owed = outcome.update({ $0.owedBest }) else { return true }
    job(.best, owed.step, sink.requestFlush(), nil).saveAgain(owed, memory, outcome)
    return outcome.update { $0.owedBest == nil }
  }

  /// Waits until nothing is being written.
  func wait() {
    thread?.join()
    thread = nil
  }

  private func job(_ purpose: Purpose, _ step: Int, _ ticket: Int, _ pause: Double?) -> SaveJob {
    SaveJob(
      purpose: purpose, step: step, ticket: ticket, pause: pause, store: store, keep: keep,
      sink: sink, mirror: mirror)
  }
}
