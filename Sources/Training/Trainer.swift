import Datasets
import Execution
import Graph
import Nets
import Pose
import RunFiles
import Support
import TrainingAPI
import Wording

// The order of events:
//
//   resumed, when a saved state is there; planned; state running
//   for each epoch
//     for each batch
//       commands that have arrived: accepted or rejected, applied
//       forward, backward; the loss is looked at before it may touch the weights
//       update
//       step; the complete state, when it is time
//     state evaluating; forward over the validation samples
//     epoch; best.safetensors when it is the best; last.safetensors and the complete state, when it is
//     time; state running
//   the complete state, last.safetensors; finished
//
// `TrainerCommands.swift` obeys commands, `TrainerSaving.swift` saves, `TrainerRecovery.swift` goes back
// to saved states.

/// The training loop of one run; built and run by one thread, which owns all its memory.
final class Trainer {
  var setup: TrainingSetup
  let folder: RunFolder
  let sink: any EventSink
  let mailbox: CommandMailbox
  var loader: BatchLoader {
    didSet {
      setup.session.forgetStaged()
      pinned = PinnedPictures(loader, setup.backend)
    }
  }
  private var pinned: PinnedPictures
  let evaluator: Evaluator
  let checkpointer: Checkpointer
  let origin: SavedState.Origin
  /// Pictures that are not touched, because they have killed a decoder.
  let quarantine: Set<String>
  var weightFile: WeightFile
  /// The running mean of the weights, where one is kept.
  var averages: WeightAverages?
  /// What frozen layers make of every sample, where it is computed once.
  var features: FeatureCache?
  /// Where the run only checks that a few samples can be learned.
  private var sanity: SanityCheck?
  /// Samples of the epoch whose features are still to be trained on.
  var featureOrder: ArraySlice<Int> = []
  var losses: [Float]
  /// Batch norm's statistics before the step that is being done: a step that is given up half done
  /// must leave nothing behind.
  var statisticsBefore: [Float]
  /// The best weights, as long as the disk does not take them.
  var unsavedBest: WeightFile.Image?
  /// Whether the newest state was saved behind the end of its epoch.
  var savedEpochDone = false

  var progress = TrainingProgress()
  var rates: LearningRateControl
  /// What else was changed by hand.
  var live = LiveEdits()
  /// The scale of 16-bit gradients with which the run came here.
  var lossScaling: LossScaling?
  /// How the recipe varies pictures.
  let recipeAugmentation: Augmentation
  /// The factor of each keypoint's loss; nil where all are 1.
  var keypointWeights: [Float]?
  /// Whether an edit has emptied the loader, so that the rest of the epoch must be queued anew.
  var mustQueueAnew = false
  var reporter: StepReporter
  var state = RunState.planning
  var isStopping = false
  /// Whether the validations have not got better for as long as is allowed.
  var isPatienceSpent = false
  /// What the last validation of a sanity check found at fault.
  var sanityFault: Sentence?
  let budget: BudgetGuard?
  /// Steps that may be done although the run is paused.
  var singleSteps = 0
  /// The request to go back to the best epoch, until no batch is in use.
  var rollback: CommandRequest?
  /// Commands that a part of the log held that was cut off, by the step at which they applied.
  var replays: [Replay] = []
  /// Epochs up to this one are queued in the loader.
  var queuedEpoch = 0

  /// How the training part of an epoch ended.
  private enum EpochEnd {
    case done
    case stopped
    case broken(Breakdown)
    case rollback(CommandRequest)
    /// What is left of it must be queued anew.
    case edited
  }

  init(
    _ setup: TrainingSetup, folder: RunFolder, sink: any EventSink, mailbox: CommandMailbox,
    storage: any StorageCalls
  ) {
    self.setup = setup
    self.folder = folder
    self.sink = sink
    self.mailbox = mailbox
    let notice = { @Sendable (sentence: Sentence) in
      sink.publish(.notice(Notice(.warning, sentence)))
    }
    CrashNotes.open(folder.notesPath, slots: TrainingSetup.NoteSlots.count)
    quarantine = Quarantine(folder).files
    recipeAugmentation = setup.augmentation
    loader = Self.makeLoader(setup, quarantine, sink)
    pinned = PinnedPictures(loader, setup.backend)
    evaluator = Evaluator(setup, quarantine: quarantine, onNotice: notice)
    checkpointer = Checkpointer(setup, folder: folder, sink: sink, storage: storage)
    origin = setup.origin
    weightFile = WeightFile(setup, storage: storage)
    averages = WeightAverages(decay: setup.recipe.averageDecay, setup.session)
    sanity = SanityCheck(setup)
    reporter = StepReporter(sink)
    budget = BudgetGuard(setup.recipe, log: folder.eventsPath)
    rates = LearningRateControl(setup.schedule)
    losses = [Float](repeating: 0, count: setup.batch)
    statisticsBefore = [Float](repeating: 0, count: setup.session.count(of: .statistics))
  }

  /// A loader for the training samples as they are varied now.
  func makeLoader() -> BatchLoader { Self.makeLoader(setup, quarantine, sink) }

  private static func makeLoader(
    _ setup: TrainingSetup, _ quarantine: Set<String>, _ sink: any EventSink
  ) -> BatchLoader {
    BatchLoader(
      dataset: setup.dataset, input: setup.input, augmentation: setup.augmentation,
      seed: setup.recipe.seed ?? 0, batch: setup.batch, slots: TrainingSetup.slots,
      loaders: setup.recipe.loaders ?? 1, quarantine: quarantine,
      firstNote: TrainingSetup.NoteSlots.training, leavesCrops: setup.leavesCrops
    ) { sink.publish(.notice(Notice(.warning, $0))) }
  }

  /// Trains to the end, or until a command stops it; returns when everything is on disk.
  func run() throws(TrainingError) {
    try begin()
    for notice in setup.notices { inform(notice) }
    if let averages { inform(Sentence(EngineSentence.averagesNote, averages.decay)) }
    for notice in setup.dataset.notices { sink.publish(.notice(Notice(.warning, notice))) }
    let previews = PreviewWriter.start(
      setup, runFolder: folder.path, quarantine: quarantine, sink: sink)
    defer { previews.join() }
    move(to: .running)
    prepareFeatures()
    repeat {
      move(to: .running)
      try trainEpochs()
      move(to: .saving)
    } while try !saveEnd()
    // Only now: a loader may hang on a disk that does not answer.
    loader.stop()
    if let fault = sanityFault { throw .notLearned(fault: fault) }
    move(to: .finished)
    sink.publish(
      .finished(
        FinishReport(
          reason: isStopping
            ? .stopped : isPatienceSpent || sanity?.isLearned == true ? .converged : .completed,
          step: progress.step, epoch: progress.epoch,
          bestEpoch: progress.bestEpoch, peakResidentBytes: ProcessMemory.peakResidentBytes())))
  }

  // MARK: - Training

  private func trainEpochs() throws(TrainingError) {
    while !isStopping {
      if progress.isEpochDone {
        if isPatienceSpent || sanity?.isLearned == true { break }
        if progress.epoch >= setup.epochs || progress.step >= setup.totalSteps { break }
        progress.beginEpoch()
        try unfreezeIfDue()
      }
      switch try trainEpoch() {
      case .stopped: break
      case .broken(let breakdown): try recover(from: breakdown)
      case .rollback(let request): rollBack(request)
      case .done: try finishEpoch()
      case .edited: break
      }
    }
  }

  /// Queues the epoch in progress from its next batch on, and the one after it.
  private func queueEpochs() {
    for epoch in [progress.epoch, progress.epoch + 1] where epoch <= setup.epochs {
      guard epoch > queuedEpoch, features == nil || epoch == progress.epoch else { continue }
      queuedEpoch = epoch
      let order = EpochOrder.order(
        setup.split.training, epoch: epoch, seed: setup.recipe.seed ?? 0,
        shuffle: setup.recipe.shuffle ?? true)
      let done = epoch == progress.epoch ? progress.batches * setup.batch : 0
      if features != nil {
        featureOrder = order.dropFirst(done)
      } else {
        loader.begin(epoch: epoch, order: Array(order.dropFirst(done)))
      }
    }
  }

  private func trainEpoch() throws(TrainingError) -> EpochEnd {
    if mustQueueAnew { evaluator.reset() }
    mustQueueAnew = false
    queueEpochs()
    evaluator.prepare()
    reporter.restart()
    while progress.step < setup.totalSteps {
      obeyCommands()
      if isStopping { return .stopped }
      if let request = rollback {
        rollback = nil
        return .rollback(request)
      }
      if mustQueueAnew { return .edited }
      if let tensor = checkpointer.takeNotFinite() { return .broken(.state(tensor: tensor)) }
      let start = Clock.monotonic()
      let end = optimizerStep()
      if case .broken(let breakdown) = end { return .broken(breakdown) }
      if case .interrupted = end { continue }
      if case .endOfEpoch = end { break }
      progress.trainSeconds += Clock.monotonic() - start
      let purpose = checkpointer.due(step: progress.step, isEpochEnd: false, isBest: false)
      if !purpose.isEmpty { saveState(purpose, waits: false) }
    }
    reporter.flush()
    return .done
  }

  // MARK: - The end of an epoch

  private func finishEpoch() throws(TrainingError) {
    guard let (isBest, loss) = evaluate() else {
      // A request to stop came first; behind the last step nobody else would look at it.
      obeyCommands()
      return
    }
    if let tensor = checkpointer.takeNotFinite() {
      return try recover(from: .state(tensor: tensor))
    }
    progress.isEpochDone = true
    followValidation(loss)
    if isBest { progress.recoveries = 0 }
    watchPatience(isBest)
    if let sanity, sanity.isLearned {
      inform(Sentence(EngineSentence.learnedByHeart, setup.split.validation.count))
    }
    if checkpointer.allowsLastWeights { save(folder.lastPath, kind: "last") }
    _ = saveBestAgain()
    let purpose = checkpointer.due(step: progress.step, isEpochEnd: true, isBest: isBest)
    if !purpose.isEmpty { saveState(purpose, waits: false) }
  }

  /// Counts validations since the best one, and says when they have become too many.
  private func watchPatience(_ isBest: Bool) {
    progress.validationsSinceBest = isBest ? 0 : progress.validationsSinceBest + 1
    guard let patience = setup.recipe.patience, progress.validationsSinceBest >= patience else {
      return
    }
    isPatienceSpent = true
    inform(Sentence(EngineSentence.patienceSpent, patience, progress.bestEpoch))
  }

  /// Cuts the rate when the schedule watches the validation loss and that has stopped falling.
  private func followValidation(_ loss: Double) {
    guard setup.schedule.definition.followsValidation else { return }
    if progress.plateau.observe(loss, rate: rates.rate(atStep: progress.step + 1)) {
      _ = rates.change(.factor(PlateauWatch.factor), atStep: progress.step + 1)
    }
  }

  /// Validates the present weights, or their running mean, and saves them when they are the best so
  /// far.
  ///
  /// - Returns: whether they are, and the loss; nil when a request to stop came first.
  func evaluate() -> (isBest: Bool, loss: Double)? {
    averages.map { $0.inPlace(evaluatePresent) } ?? evaluatePresent()
  }

  private func evaluatePresent() -> (isBest: Bool, loss: Double)? {
    let before = state
    move(to: .evaluating)
    defer { move(to: before == .paused ? .paused : .running) }
    let mailbox = mailbox
    guard let outcome = evaluator.run(isInterrupted: { mailbox.asksToStop }) else {
      evaluator.reset()
      return nil
    }
    let evaluation = outcome.evaluation
    let metrics = evaluation.named
    func metric(_ name: String) -> Double { metrics.first { $0.name == name }?.value ?? .nan }
    let score = [metric("AP"), metric("PCK@0.05"), -outcome.loss]
    // A running mean that is no number shows itself here first.
    let isBroken =
      !outcome.loss.isFinite && checkpointer.findNotFinite(isExchanged: averages != nil)
    let isBest = !isBroken && progress.best.map { Self.isBetter(score, than: $0) } ?? true
    if isBest {
      progress.best = score
      progress.bestEpoch = progress.epoch
    }
    let trainLoss = progress.lossSum / Double(max(progress.samples, 1))
    sanity?.take(trainLoss: trainLoss, metrics: metrics)
    if sanity?.isLearned == false {
      sanityFault = sanity?.fault(
        trainLoss: trainLoss, validationLoss: outcome.loss, pck: metric("PCK@0.05"))
    } else {
      sanityFault = nil
    }
    savePredictions(outcome)
    sink.publish(
      .epoch(
        EpochReport(
          epoch: progress.epoch, step: progress.step,
          trainLoss: trainLoss, validationLoss: outcome.loss, metrics: metrics,
          keypointErrors: evaluation.keypointNME, keypointPCK: evaluation.keypointPCK10,
          isBest: isBest, trainSeconds: progress.trainSeconds,
          validationSeconds: outcome.seconds, errorKinds: evaluation.errorKinds,
          meanPoseMetrics: outcome.meanPose)))
    for notice in outcome.notices { warn(notice) }
    if isBest { save(folder.bestPath, kind: "best") }
    return (isBest, outcome.loss)
  }

  /// Whether a validation is better than another: a higher AP, between equal ones (at first all are 0) a
  /// higher PCK@0.05, then a loss that is lower by a ten-thousandth at least.
  static func isBetter(_ values: [Double], than other: [Double]) -> Bool {
    for (place, (mine, theirs)) in zip(values, other).enumerated() where mine != theirs {
      if mine.isNaN && theirs.isNaN { continue }
      if !mine.isFinite { return false }
      return !theirs.isFinite || mine > theirs + (place == 2 ? 1e-4 * abs(theirs) : 0)
    }
    return false
  }

  private func savePredictions(_ outcome: Evaluator.Outcome) {
    let count = PreviewWriter.shown(setup).count
    let predictions = PredictionSet(
      epoch: progress.epoch, step: progress.step,
      keypoints: Array(outcome.predictions.prefix(count)),
      oks: Array(outcome.sampleOKS.prefix(count)))
    do throws(FileError) {
      try predictions.write(runFolder: folder.path)
    } catch {
      warn(Sentence(EngineSentence.predictionsNotSaved, error.sentence))
    }
  }

  func inform(_ sentence: Sentence) { sink.publish(.notice(Notice(.info, sentence))) }

  func warn(_ sentence: Sentence) { sink.publish(.notice(Notice(.warning, sentence))) }

  func move(to next: RunState) {
    if next == state { return }
    precondition(state.canMove(to: next), "\(state) cannot become \(next)")
    state = next
    sink.publish(.state(next))
  }
}
