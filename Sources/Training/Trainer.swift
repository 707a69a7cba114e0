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
//   planned, state running
//   for each epoch
//     for each batch
//       commands that have arrived: accepted or rejected, applied
//       forward, backward; the loss is looked at before it may touch the weights
//       update
//       step
//     state evaluating; forward over the validation samples
//     epoch; last.safetensors; best.safetensors when it is the best; state running
//   finished

/// The training loop of one run; built and run by one thread, which owns all its memory.
final class Trainer {
  private let setup: TrainingSetup
  private let folder: RunFolder
  private let sink: any EventSink
  private let mailbox: CommandMailbox
  private let loader: BatchLoader
  private let evaluator: Evaluator
  private let weightFile: WeightFile
  private var reporter: StepReporter
  private var rates: LearningRateControl
  private var plateau = PlateauWatch()
  private var state = RunState.planning
  private var losses: [Float]

  private var step = 0
  private var epoch = 0
  private var bestEpoch = 0
  private var best: Score?
  private var epochLossSum = 0.0
  private var epochSamples = 0
  private var trainSeconds = 0.0
  private var isStopping = false
  private let budget: BudgetGuard?
  /// Steps that may be done although the run is paused.
  private var singleSteps = 0

  /// How good an epoch is: the highest AP, else PCK@0.05, else the lowest loss; the earliest on ties.
  private struct Score {
    let values: [Double]

    func isBetter(than other: Score) -> Bool {
      for (mine, theirs) in zip(values, other.values) where mine.isFinite || theirs.isFinite {
        if !mine.isFinite { return false }
        if !theirs.isFinite || mine > theirs { return true }
        return false
      }
      return false
    }
  }

  init(
    _ setup: TrainingSetup, folder: RunFolder, sink: any EventSink, mailbox: CommandMailbox
  ) {
    self.setup = setup
    self.folder = folder
    self.sink = sink
    self.mailbox = mailbox
    let notice = { @Sendable (sentence: Sentence) in
      sink.publish(.notice(Notice(.warning, sentence)))
    }
    loader = BatchLoader(
      dataset: setup.dataset, input: setup.input, augmentation: setup.augmentation,
      seed: setup.recipe.seed ?? 0, batch: setup.batch, slots: TrainingSetup.slots,
      loaders: setup.recipe.loaders ?? 1, onNotice: notice)
    evaluator = Evaluator(setup, onNotice: notice)
    weightFile = WeightFile(setup)
    reporter = StepReporter(sink)
    budget = BudgetGuard(setup.recipe, log: folder.eventsPath)
    rates = LearningRateControl(setup.schedule)
    losses = [Float](repeating: 0, count: setup.batch)
  }

  /// Trains to the end, or until a command stops it.
  func run() throws(TrainingError) {
    sink.publish(.planned(setup.report))
    for notice in setup.notices { sink.publish(.notice(Notice(.info, notice))) }
    for notice in setup.dataset.notices { sink.publish(.notice(Notice(.warning, notice))) }
    let previews = PreviewWriter.start(setup, runFolder: folder.path, sink: sink)
    defer { previews.join() }
    queueEpoch(1)
    move(to: .running)
    while epoch < setup.epochs, step < setup.totalSteps, !isStopping {
      epoch += 1
      if epoch < setup.epochs { queueEpoch(epoch + 1) }
      try trainEpoch()
      if isStopping { break }
      followValidation(evaluate())
      saveWeights()
    }
    loader.stop()
    if isStopping {
      move(to: .saving)
      save(folder.lastPath, kind: "last")
    }
    move(to: .finished)
    sink.publish(
      .finished(
        FinishReport(
          reason: isStopping ? .stopped : .completed, step: step, epoch: epoch,
          bestEpoch: bestEpoch)))
  }

  private func queueEpoch(_ number: Int) {
    loader.begin(
      epoch: number,
      order: EpochOrder.order(
        setup.split.training, epoch: number, seed: setup.recipe.seed ?? 0,
        shuffle: setup.recipe.shuffle ?? true))
  }

  private func trainEpoch() throws(TrainingError) {
    epochLossSum = 0
    epochSamples = 0
    trainSeconds = 0
    evaluator.prepare()
    reporter.restart()
    while step < setup.totalSteps {
      obeyCommands()
      if isStopping { break }
      let start = Clock.monotonic()
      guard let batch = loader.next() else { break }
      defer { loader.release(batch) }
      try trainStep(batch)
      trainSeconds += Clock.monotonic() - start
    }
    reporter.flush()
  }

  private func trainStep(_ batch: LoadedBatch) throws(TrainingError) {
    let plan = setup.model.program.training
    let session = setup.session
    let pixels = setup.input.width * setup.input.height * 3
    session.write(
      UnsafeBufferPointer(start: batch.images, count: batch.count * pixels), to: plan.images,
      of: .training)
    session.write(
      UnsafeBufferPointer(
        start: batch.keypoints, count: batch.count * setup.dataset.schema.count * 3),
      to: plan.keypoints, of: .training)
    session.run(.training, batch: batch.count)
    losses.withUnsafeMutableBufferPointer {
      session.read(plan.losses, of: .training, into: .init(rebasing: $0[..<batch.count]))
    }
    let loss = losses[..<batch.count].reduce(0) { $0 + Double($1) }
    guard loss.isFinite else {
      let names = batch.samples.prefix(4).map {
        UntrustedText.clean(setup.dataset.samples[$0].name)
      }
      throw .lossNotFinite(step: step + 1, samples: names.joined(separator: ", "))
    }
    step += 1
    let rate = rates.rate(atStep: step)
    session.update(
      OptimizerUpdate(
        rule: setup.rule, learningRate: rate, weightDecay: setup.recipe.weightDecay ?? 0,
        momentum: setup.recipe.momentum ?? 0, nesterov: setup.recipe.nesterov ?? false, step: step))
    epochLossSum += loss * Double(batch.count)
    epochSamples += batch.count
    reporter.report(
      step: step, epoch: epoch, loss: loss, learningRate: rate, images: batch.count,
      wait: batch.waitSeconds)
  }

  /// Cuts the rate when the schedule watches the validation loss and that has stopped falling.
  private func followValidation(_ loss: Double) {
    guard setup.schedule.definition.followsValidation else { return }
    if plateau.observe(loss, rate: rates.rate(atStep: step + 1)) {
      _ = rates.change(.factor(PlateauWatch.factor), atStep: step + 1)
    }
  }

  /// Validates; returns the loss.
  @discardableResult
  private func evaluate() -> Double {
    let before = state
    move(to: .evaluating)
    let outcome = evaluator.run()
    let evaluation = outcome.evaluation
    let metrics = evaluation.named
    func metric(_ name: String) -> Double { metrics.first { $0.name == name }?.value ?? .nan }
    let score = Score(values: [metric("AP"), metric("PCK@0.05"), -outcome.loss])
    let isBest = best.map { score.isBetter(than: $0) } ?? true
    if isBest {
      best = score
      bestEpoch = epoch
    }
    savePredictions(outcome)
    sink.publish(
      .epoch(
        EpochReport(
          epoch: epoch, step: step, trainLoss: epochLossSum / Double(max(epochSamples, 1)),
          validationLoss: outcome.loss, metrics: metrics,
          keypointErrors: evaluation.keypointNME, keypointPCK: evaluation.keypointPCK10,
          isBest: isBest, trainSeconds: trainSeconds, validationSeconds: outcome.seconds,
          errorKinds: evaluation.errorKinds, meanPoseMetrics: outcome.meanPose)))
    for notice in outcome.notices { sink.publish(.notice(Notice(.warning, notice))) }
    move(to: before == .paused ? .paused : .running)
    return outcome.loss
  }

  private func savePredictions(_ outcome: Evaluator.Outcome) {
    let count = PreviewWriter.shown(setup).count
    let predictions = PredictionSet(
      epoch: epoch, step: step, keypoints: Array(outcome.predictions.prefix(count)),
      oks: Array(outcome.sampleOKS.prefix(count)))
    do throws(FileError) {
      try predictions.write(runFolder: folder.path)
    } catch {
      sink.publish(
        .notice(
          Notice(
            .warning, Sentence(EngineSentence.predictionsNotSaved, error.sentence.text()))))
    }
  }

  private func saveWeights() {
    save(folder.lastPath, kind: "last")
    if bestEpoch == epoch { save(folder.bestPath, kind: "best") }
  }

  /// Commits the weights; a failure is a warning, since the next epoch tries again.
  private func save(_ path: String, kind: String) {
    let start = Clock.monotonic()
    do throws(FileError) {
      try weightFile.write(path, steps: step)
      sink.publish(
        .checkpoint(
          CheckpointReport(
            step: step, kind: kind, file: Path.name(of: path),
            seconds: Clock.monotonic() - start)))
    } catch {
      sink.publish(
        .notice(
          Notice(.warning, Sentence(EngineSentence.weightsNotSaved, error.sentence.text()))))
    }
  }

  private func move(to next: RunState) {
    if next == state { return }
    precondition(state.canMove(to: next), "\(state) cannot become \(next)")
    state = next
    sink.publish(.state(next))
  }

  // MARK: - Commands

  /// Carries out what has arrived; while paused, waits for more.
  private func obeyCommands() {
    repeat {
      for request in mailbox.drain() { obey(request) }
      if !isStopping, let reason = budget?.reasonToStop() {
        sink.publish(.notice(Notice(.warning, reason)))
        isStopping = true
      }
      if state == .paused, singleSteps > 0 {
        singleSteps -= 1
        return
      }
      if state == .paused, !isStopping {
        reporter.flush()
        mailbox.wait(seconds: 1)
      }
    } while state == .paused && !isStopping
  }

  private func obey(_ request: CommandRequest) {
    func record(
      _ status: CommandRecord.Status, change: (from: Double, to: Double)? = nil
    ) {
      sink.publish(
        .command(
          CommandRecord(
            id: request.id, by: request.by, command: request.command.text, status: status,
            change: change)))
    }
    func answer(_ result: Result<(from: Double, to: Double), LearningRateControl.Refusal>) {
      switch result {
      case .success(let change):
        record(.accepted, change: change)
        record(.applied(step: step + 1), change: change)
      case .failure(let refusal): record(.rejected(refusal.sentence))
      }
    }
    switch request.command {
    case .pause:
      guard state == .running else {
        return record(.rejected(Sentence(EngineSentence.alreadyPaused)))
      }
      record(.applied(step: step))
      move(to: .paused)
    case .resume:
      guard state == .paused else {
        return record(.rejected(Sentence(EngineSentence.notPaused)))
      }
      record(.applied(step: step))
      move(to: .running)
      reporter.restart()
    case .step:
      guard state == .paused else {
        return record(.rejected(Sentence(EngineSentence.notPaused)))
      }
      singleSteps += 1
      record(.applied(step: step + 1))
    case .stop:
      record(.applied(step: step))
      isStopping = true
    case .save:
      record(.accepted)
      let before = state
      move(to: .saving)
      save(folder.lastPath, kind: "last")
      move(to: before)
      record(.applied(step: step))
    case .evaluate:
      record(.accepted)
      evaluate()
      evaluator.prepare()
      record(.applied(step: step))
    case .learningRate(let change): answer(rates.change(change, atStep: step + 1))
    case .undoLearningRate: answer(rates.undo(atStep: step + 1))
    }
  }
}
