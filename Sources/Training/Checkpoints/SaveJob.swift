import RunFiles
import Support
import TensorFiles
import TrainingAPI
import Wording

/// What the thread that writes a state tells the trainer.
struct SaveOutcome {
  /// A best epoch's state that is still to be saved: what is needed beside the copy, which holds its
  /// values.
  struct OwedBest {
    var step: Int
    var state: JSONValue
    /// Whether the disk refused it; else it waits until saving is not too expensive.
    var isRefused: Bool
  }

  var isBusy = false
  var durableStep = -1
  var failures = 0
  var notFinite: String?
  var owedBest: OwedBest?
  /// What the last save took of the processor beside the step loop, s.
  var processorSeconds = 0.0
  /// How fast the disk took the last state, bytes/s; 0 before the first.
  var bytesPerSecond = 0.0
}

/// One save of a state, as the writing thread gets it.
struct SaveJob: Sendable {
  let purpose: Checkpointer.Purpose
  let step: Int
  /// The request that the log be on disk up to the state.
  let ticket: Int
  /// What the step loop was held up for, s; nil when that is all of it.
  let pause: Double?
  let store: CheckpointStore
  let keep: Int
  let sink: any EventSink
  let mirror: MirrorCopy?

  /// Writes the state; each file by itself, so that one that is refused does not cost the other.
  ///
  /// - Parameter makeState: the state for the number of its last event.
  func run(
    _ tensors: [StreamedTensor], _ memory: StateMemory, _ outcome: Monitor<SaveOutcome>,
    _ makeState: (Int) -> SavedState
  ) {
    let start = Clock.monotonic()
    let startOfWork = Clock.threadProcessor()
    let log = sink.awaitFlush(ticket)
    guard let number = log.number else { return outcome.update { $0.isBusy = false } }
    let state = makeState(number).json
    var writing = StateWriting(store: store, tensors: tensors, flow: memory.flow)
    var (failure, isBestMissing) = (log.failure(store), false)
    let startOfWriting = Clock.monotonic()
    if purpose.contains(.best) {
      // Without a copy the values will be other ones soon: once more at once or not at all.
      let error = failure ?? writing.best(state, attempts: memory.isCopied ? 1 : 2)
      isBestMissing = error != nil
      failure = error
    }
    var path: String?
    if purpose.contains(.generation), log.isDurable, writing.notFinite == nil {
      do throws(FileError) { path = try writing.generation(state, keep) } catch { failure = error }
    }
    let isHeld = purpose.contains(.heldBest)
    let isOwed = (isBestMissing || isHeld) && memory.isCopied && writing.notFinite == nil
    let seconds = Clock.monotonic() - startOfWriting
    let rate = Double(writing.bytes) / max(seconds, 1e-3)
    outcome.update { [purpose, step, writing, path, failure] outcome in
      outcome.isBusy = false
      if purpose.contains(.best) || isHeld {
        outcome.owedBest =
          isOwed ? SaveOutcome.OwedBest(step: step, state: state, isRefused: !isHeld) : nil
      }
      outcome.notFinite = writing.notFinite ?? outcome.notFinite
      outcome.processorSeconds = Clock.threadProcessor() - startOfWork
      if path != nil { outcome.durableStep = step }
      if failure != nil {
        outcome.failures += 1
      } else {
        if outcome.owedBest?.isRefused != true { outcome.failures = 0 }
        if writing.bytes > 0 { outcome.bytesPerSecond = rate }
      }
    }
    if let failure, writing.notFinite == nil {
      let isGivenUp = isBestMissing && !isOwed
      warn(isGivenUp ? .bestStateNotSaved : .stateNotSaved, step, failure)
    }
    if let path { sayDone(path, seconds: Clock.monotonic() - start) }
  }

  /// Writes a best epoch's state that is owed, from the copy.
  func saveAgain(
    _ owed: SaveOutcome.OwedBest, _ memory: StateMemory, _ outcome: Monitor<SaveOutcome>
  ) {
    var writing = StateWriting(store: store, tensors: memory.copiedTensors(), flow: memory.flow)
    let failure = sink.awaitFlush(ticket).failure(store) ?? writing.best(owed.state, attempts: 1)
    outcome.update { [writing] outcome in
      outcome.isBusy = false
      if failure == nil || writing.notFinite != nil {
        outcome.owedBest = nil
      } else {
        outcome.owedBest?.isRefused = true
      }
      if failure != nil { outcome.failures += 1 }
      outcome.notFinite = writing.notFinite ?? outcome.notFinite
    }
    if let failure, writing.notFinite == nil { warn(.stateNotSaved, owed.step, failure) }
  }

  private func warn(_ template: EngineSentence, _ step: Int, _ failure: FileError) {
    sink.publish(.notice(Notice(.warning, Sentence(template, step, failure.sentence))))
  }

  private func sayDone(_ path: String, seconds: Double) {
    sink.publish(
      .checkpoint(
        CheckpointReport(
          step: step, kind: "state", file: "checkpoints/\(Path.name(of: path))",
          seconds: seconds, pause: pause ?? seconds)))
    if let failure = mirror?.copy(state: path) {
      sink.publish(
        .notice(Notice(.warning, Sentence(EngineSentence.mirrorFailed, failure.sentence))))
    }
  }
}

/// The files of one state on their way to the disk. A value that is no number must not get there.
private struct StateWriting {
  let store: CheckpointStore
  let tensors: [StreamedTensor]
  let flow: SealedTensorFile.Flow
  /// The tensor in which there was such a value.
  private(set) var notFinite: String?
  /// Bytes of the files that are there.
  private(set) var bytes = 0

  init(store: CheckpointStore, tensors: [StreamedTensor], flow: SealedTensorFile.Flow) {
    self.store = store
    self.tensors = tensors
    self.flow = flow
  }

  private var size: Int { 4 * tensors.reduce(0) { $0 + $1.count } }

  mutating func generation(_ state: JSONValue, _ keep: Int) throws(FileError) -> String {
    let path = try inspecting { [store, tensors, flow] (inspect) throws(FileError) in
      try store.commit(
        state: state, tensors: tensors, keep: keep, flow: flow, inspect: inspect)
    }
    bytes += size
    return path
  }

  /// Commits the best epoch's state; why not, after so many attempts.
  mutating func best(_ state: JSONValue, attempts: Int) -> FileError? {
    do throws(FileError) {
      try inspecting { [store, tensors, flow] (inspect) throws(FileError) in
        try store.commitBest(state: state, tensors: tensors, flow: flow, inspect: inspect)
      }
      bytes += size
      return nil
    } catch {
      return attempts > 1 && notFinite == nil ? best(state, attempts: attempts - 1) : error
    }
  }

  private typealias Inspection = (String, UnsafeMutableBufferPointer<Float>) throws(FileError) ->
    Void

  private mutating func inspecting<Value>(
    _ commit: (Inspection) throws(FileError) -> Value
  ) throws(FileError) -> Value {
    var found: String?
    defer { notFinite = found ?? notFinite }
    let folder = store.folder
    return try commit { (name, values) throws(FileError) in
      if StateMemory.isFinite(values) { return }
      found = name
      throw .brokenTensorFile(path: folder, reason: "\(name) holds values that are no numbers")
    }
  }
}

extension LogFlush {
  fileprivate var isDurable: Bool { if case .durable = self { true } else { false } }

  /// The last event before the request; nil when the keeper is gone, and the run with it.
  fileprivate var number: Int? {
    switch self {
    case .durable(let number), .refused(let number): number
    case .keeperGone: nil
    }
  }

  fileprivate func failure(_ store: CheckpointStore) -> FileError? {
    isDurable
      ? nil : .cannotWrite(path: store.folder, reason: "the event log could not be written")
  }
}
