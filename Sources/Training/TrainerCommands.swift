import RunFiles
import TrainingAPI
import Wording

extension Trainer {
  /// A command that the training is told again, because it goes on from an older state.
  struct Replay {
    let step: Int
    let request: CommandRequest
  }

  /// Carries out what has arrived; while paused, waits for more.
  func obeyCommands() {
    while let replay = replays.first, replay.step <= progress.step + 1 {
      replays.removeFirst()
      if replay.step == progress.step + 1 { obey(replay.request) }
    }
    repeat {
      for request in mailbox.drain() { obey(request) }
      if !isStopping, let reason = budget?.reasonToStop() {
        warn(reason)
        isStopping = true
      }
      if state == .paused, singleSteps > 0 {
        // A step that waits until the epoch is queued anew is still to be done.
        if !mustQueueAnew { singleSteps -= 1 }
        return
      }
      if state == .paused, !isStopping, rollback == nil {
        reporter.flush()
        mailbox.wait(seconds: 1)
      }
    } while state == .paused && !isStopping && rollback == nil
  }

  private func obey(_ request: CommandRequest) {
    let step = progress.step
    switch request.command {
    case .pause:
      guard state == .running else {
        return reject(request, Sentence(EngineSentence.alreadyPaused))
      }
      record(request, .applied(step: step))
      move(to: .paused)
    case .resume:
      guard state == .paused else { return reject(request, Sentence(EngineSentence.notPaused)) }
      record(request, .applied(step: step))
      move(to: .running)
      reporter.restart()
    case .step:
      guard state == .paused else { return reject(request, Sentence(EngineSentence.notPaused)) }
      singleSteps += 1
      record(request, .applied(step: step + 1))
    case .stop:
      record(request, .applied(step: step))
      isStopping = true
    case .save:
      record(request, .accepted)
      let before = state
      move(to: .saving)
      saveState(.generation, waits: true)
      save(folder.lastPath, kind: "last")
      move(to: before)
      record(request, .applied(step: step))
    case .evaluate:
      record(request, .accepted)
      if evaluate()?.isBest == true { saveState(.best, waits: false) }
      evaluator.prepare()
      record(request, .applied(step: step))
    case .learningRate(let change): answer(request, rates.change(change, atStep: step + 1))
    case .undoLearningRate: obeyUndo(request)
    case .rollBack: rollback = request
    case .freeze(let layers): obeyFreeze(request, layers)
    case .augment(let change): obeyAugment(request, change)
    case .keypointWeight(let name, _): obeyWeight(request, name)
    case .heatmap(let sample): obeyHeatmap(request, sample)
    case .profile: obeyProfile(request)
    }
  }

  func answer(
    _ request: CommandRequest,
    _ result: Result<(from: Double, to: Double), LearningRateControl.Refusal>
  ) {
    switch result {
    case .success(let change):
      record(request, .accepted, change: change)
      record(request, .applied(step: progress.step + 1), change: change)
    case .failure(let refusal): reject(request, refusal.sentence)
    }
  }

  func reject(_ request: CommandRequest, _ reason: Sentence) { record(request, .rejected(reason)) }

  func record(
    _ request: CommandRequest, _ status: CommandRecord.Status,
    change: (from: Double, to: Double)? = nil
  ) {
    sink.publish(
      .command(
        CommandRecord(
          id: request.id, by: request.by, command: request.command.text, status: status,
          change: change)))
  }
}
