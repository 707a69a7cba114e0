import Datasets
import Execution
import Graph
import Nets
import RunFiles
import Support
import TensorFiles
import TrainingAPI
import Wording

// Going back: to the newest state when the run goes on, to the best one by request, and to either
// when a number is no number any more. The log is cut back with it, so each step stands there once.

extension Trainer {
  /// What is no number.
  enum Breakdown {
    /// The loss of the next step: where it began, and the batch's samples.
    case loss(place: Sentence, samples: String)
    /// The gradient's norm, before the update.
    case gradient
    /// A tensor of the state, found when it was to be saved.
    case state(tensor: String)
  }

  /// Recoveries from a loss that is no number before the run is given up.
  static let recoveryLimit = 3

  // MARK: - The beginning

  /// Goes on from the newest state, or begins.
  func begin() throws(TrainingError) {
    let store = checkpointer.store
    try wrapping(TrainingError.file) { () throws(FileError) in try store.prepare() }
    for name in ["", "previews", "predictions"] {
      DurableFile.removeLeftovers(in: Path.join(folder.path, name))
    }
    var discarded: [FileError] = []
    let found = store.newest { discarded.append($0) }
    let saved = try found.map { (found) throws(TrainingError) in try restore(found) }
    guard let commands = sink.cut(to: saved?.eventNumber ?? 0) else { throw .logNotCut }
    replays = commands.compactMap(Self.replay)
    PredictionSet.remove(after: progress.epoch, runFolder: folder.path)
    if let saved { sink.publish(.resumed(step: saved.progress.step)) }
    sink.publish(.planned(setup.report))
    for error in discarded {
      warn(Sentence(EngineSentence.stateDiscarded, error.sentence))
    }
    if let saved { sayDifferences(saved.origin) }
  }

  /// Puts a state into the session and everything else that goes with it.
  private func restore(_ found: CheckpointStore.Found) throws(TrainingError) -> SavedState {
    guard let state = SavedState(json: found.state),
      state.origin.parameters == origin.parameters
    else { throw .stateUnknown(path: found.file.path) }
    if state.freeze != setup.freeze { try refreeze(to: state.freeze) }
    let saved = try wrapping(TrainingError.file) { () throws(FileError) in
      try checkpointer.restore(found)
    }
    progress = saved.progress
    // A smaller memory may have made the batches smaller since; no sample comes twice.
    if let batch = saved.batch { progress.batches = progress.batches * batch / setup.batch }
    rates.edits = saved.edits
    live = saved.live
    lossScaling = saved.lossScaling
    setup.session.lossScaling = saved.lossScaling
    useLiveEdits()
    // Who goes on with a run that its patience ended wants to see more of it.
    if progress.validationsSinceBest >= setup.recipe.patience ?? .max {
      progress.validationsSinceBest = 0
    }
    return saved
  }

  /// The run goes on, but perhaps not to the last bit: says why.
  private func sayDifferences(_ saved: SavedState.Origin) {
    if saved.arithmetic != origin.arithmetic {
      warn(Sentence(EngineSentence.otherArithmetic, saved.arithmetic, origin.arithmetic))
    }
    if saved.data != origin.data { warn(Sentence(EngineSentence.otherData)) }
  }

  /// A command that changed the numbers and has to be told again; a roll back's new rate too.
  private static func replay(_ record: CommandRecord) -> Replay? {
    guard case .applied(let step) = record.status,
      var command = try? EngineCommand(words: record.command.split(separator: " ").map(String.init))
    else { return nil }
    if case .rollBack = command, let change = record.change {
      command = .learningRate(.value(change.to))
    }
    guard command.changesNumbers else { return nil }
    return Replay(
      step: step, request: CommandRequest(id: record.id, by: record.by, command: command))
  }

  // MARK: - Going back in mid-run

  /// Goes back to a state, or to the first weights without one. No batch is in use.
  ///
  /// - Returns: why not; nothing has changed then.
  private func goBack(to found: CheckpointStore.Found?) -> Sentence? {
    checkpointer.wait()
    let (freeze, augmentation) = (setup.freeze, setup.augmentation)
    do throws(FileError) {
      // A state that is not the newest becomes the newest first, so that a death from here on leads
      // to it.
      if let found { try checkpointer.store.adopt(found) } else { checkpointer.store.removeAll() }
    } catch {
      return error.sentence
    }
    do throws(TrainingError) {
      if let found {
        _ = try restore(found)
      } else {
        let first = setup.recipe.freeze ?? "none"
        if setup.freeze != first { try refreeze(to: first) }
        try setup.restart()
        progress = TrainingProgress()
        lossScaling = nil
        rates.edits = []
        live = LiveEdits()
        useLiveEdits()
      }
    } catch {
      return error.sentence
    }
    // A step that was held back would come after the cut.
    reporter.forget()
    guard sink.cut(to: found.flatMap { SavedState(json: $0.state)?.eventNumber } ?? 0) != nil else {
      return Sentence(EngineSentence.logNotCut)
    }
    replays = []
    loader.clear()
    evaluator.reset()
    queuedEpoch = progress.isEpochDone ? progress.epoch : progress.epoch - 1
    PredictionSet.remove(after: progress.epoch, runFolder: folder.path)
    if found == nil { sink.publish(.planned(setup.report)) }
    sink.publish(.resumed(step: progress.step))
    sink.publish(.state(state))
    if setup.freeze != freeze || setup.augmentation != augmentation { prepareFeatures() }
    return nil
  }

  /// Goes back to the best epoch, as somebody asked.
  func rollBack(_ request: CommandRequest) {
    checkpointer.settleBest()
    let found: CheckpointStore.Found?
    do throws(FileError) { found = try checkpointer.store.best() } catch {
      return reject(request, error.sentence)
    }
    guard let found else { return reject(request, Sentence(EngineSentence.noBestState)) }
    if let reason = goBack(to: found) {
      return reject(request, Sentence(EngineSentence.notRolledBack, reason))
    }
    var change: (from: Double, to: Double)?
    if case .rollBack(let wanted?) = request.command {
      switch rates.change(wanted, atStep: progress.step + 1) {
      case .success(let done): change = done
      case .failure(let refusal): warn(refusal.sentence)
      }
    }
    record(request, .accepted, change: change)
    record(request, .applied(step: progress.step + 1), change: change)
    saveState(.generation, waits: false)
  }

  // MARK: - Numbers that are none

  /// What is known of a batch whose loss is no number; the session still holds its inputs.
  func lossBreakdown(_ batch: StepBatch) -> Breakdown {
    let names = batch.samples.prefix(4).map {
      UntrustedText.clean(setup.dataset.samples[$0].name)
    }
    let more = batch.samples.count > 4 ? ", ..." : ""
    return .loss(place: brokenPlace(batch.count), samples: names.joined(separator: ", ") + more)
  }

  private func brokenPlace(_ batch: Int) -> Sentence {
    let table = setup.model.program.parameters
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      var values = [Float](repeating: 0, count: parameter.layout.count)
      values.withUnsafeMutableBufferPointer {
        setup.session.read(.weights, from: offset, into: $0)
      }
      if values.contains(where: { !$0.isFinite }) {
        return Sentence(EngineSentence.inWeights, parameter.name)
      }
    }
    // With features the pictures are not in the session.
    guard features == nil, let found = setup.session.firstNotFinite(.training, batch: batch) else {
      return Sentence(EngineSentence.inInput)
    }
    return Sentence(EngineSentence.inLayer, found.scope.isEmpty ? "-" : found.scope, found.op)
  }

  /// Goes back with a tenth of the rate: first to the newest state, after that to the best.
  func recover(from breakdown: Breakdown) throws(TrainingError) {
    let brokenStep = progress.step + 1
    let recoveries = progress.recoveries + 1
    checkpointer.settleBest()
    if recoveries > Self.recoveryLimit {
      let (place, samples) =
        switch breakdown {
        case .loss(let place, let samples): (place.description, samples)
        case .gradient: (Sentence(EngineSentence.inGradient).description, "-")
        case .state(let tensor): (tensor, "-")
        }
      throw .lossNotFinite(
        step: brokenStep, recoveries: Self.recoveryLimit, place: place, samples: samples)
    }
    // The best state is older than all recoveries since it, so it needs all their tenths.
    var factor = 0.1
    var target = checkpointer.store.newest()
    if recoveries > 1 || target == nil, let best = try? checkpointer.store.best() {
      target = best
      factor = [0.1, 0.01, 0.001][recoveries - 1]
    }
    if let reason = goBack(to: target) { throw .cannotGoBack(reason: reason) }
    progress.recoveries = recoveries
    // Where the rate is as low as it may be, going back has to do.
    _ = rates.change(.factor(factor), atStep: progress.step + 1)
    let sentence =
      switch breakdown {
      case .loss(let place, let samples):
        Sentence(EngineSentence.lossBroken, brokenStep, place, samples, progress.step)
      case .gradient:
        Sentence(
          EngineSentence.weightsBroken, Sentence(EngineSentence.inGradient), progress.step)
      case .state(let tensor): Sentence(EngineSentence.weightsBroken, tensor, progress.step)
      }
    sink.publish(.notice(Notice(.error, sentence)))
    saveState(.generation, waits: false)
  }
}
