import Execution
import RunFiles
import Support
import TrainingAPI
import Wording

extension Trainer {
  /// Saves the complete state.
  func saveState(_ purpose: Checkpointer.Purpose, waits: Bool) {
    reporter.flush()
    savedEpochDone = progress.isEpochDone
    let (progress, edits, freeze, origin) = (progress, rates.edits, setup.freeze, origin)
    let (live, batch) = (live, setup.batch)
    // What needs no scale keeps the one that was found out for a device that does.
    let scaling = setup.session.lossScaling ?? lossScaling
    checkpointer.save(purpose, step: progress.step, waits: waits) { number in
      SavedState(
        progress: progress, batch: batch, edits: edits, live: live, freeze: freeze,
        lossScaling: scaling, eventNumber: number, origin: origin)
    }
  }

  /// Saves the state and the weights with which the run ends. What the disk refuses is tried until it
  /// is taken, or until somebody asks once more to stop: nothing is given up unasked.
  ///
  /// - Returns: false when the state held numbers that are none, so that the training went back.
  func saveEnd() throws(TrainingError) -> Bool {
    if isStopping { sayHowLong() }
    checkpointer.wait()
    var attempt = 0
    var (hasState, hasWeights) = (false, false)
    while true {
      if !hasState {
        let isEqual = savedEpochDone == progress.isEpochDone
        if !isEqual || checkpointer.durableStep != progress.step {
          saveState(.generation, waits: true)
        }
        if let tensor = checkpointer.takeNotFinite() {
          if isStopping { return true }
          try recover(from: .state(tensor: tensor))
          return false
        }
        hasState =
          savedEpochDone == progress.isEpochDone && checkpointer.durableStep == progress.step
      }
      if !hasWeights { hasWeights = save(folder.lastPath, kind: "last") }
      let hasBest = saveBestAgain() && checkpointer.settleBest()
      if hasBest, hasState, hasWeights { return true }
      attempt += 1
      // Requests that came before anything was amiss do not mean this.
      let asked = mailbox.drain()
      if attempt == 1 {
        warn(Sentence(EngineSentence.waitingForDisk))
      } else if asked.contains(where: { $0.command == .stop }) {
        return true
      }
      mailbox.wait(seconds: min(30, Double(1 << min(attempt, 5))))
    }
  }

  /// A machine that is going away gives some seconds: says how many are needed.
  private func sayHowLong() {
    let estimate = checkpointer.estimate
    let size = NumberText.bytes(estimate.bytes)
    inform(
      estimate.seconds.map {
        Sentence(EngineSentence.stopping, progress.step, size, NumberText.duration($0))
      } ?? Sentence(EngineSentence.stoppingUnmeasured, progress.step, size))
  }

  /// Commits the weights, or their running mean; a failure is a warning, since it is tried again.
  @discardableResult
  func save(_ path: String, kind: String) -> Bool {
    if let averages {
      averages.inPlace { savePresent(path, kind: kind) }
    } else {
      savePresent(path, kind: kind)
    }
  }

  private func savePresent(_ path: String, kind: String) -> Bool {
    let isSaved = commit(weightFile.present(steps: progress.step), path, kind: kind)
    if kind == "best" { unsavedBest = isSaved ? nil : weightFile.copy(steps: progress.step) }
    return isSaved
  }

  /// Saves the best weights once more where the disk refused them; whether nothing is left to save.
  func saveBestAgain() -> Bool {
    guard let image = unsavedBest else { return true }
    if commit(image, folder.bestPath, kind: "best") { unsavedBest = nil }
    return unsavedBest == nil
  }

  private func commit(_ image: WeightFile.Image, _ path: String, kind: String) -> Bool {
    let start = Clock.monotonic()
    do throws(FileError) {
      try weightFile.commit(image, to: path)
      let seconds = Clock.monotonic() - start
      checkpointer.payWeights(seconds)
      sink.publish(
        .checkpoint(
          CheckpointReport(
            step: image.steps, kind: kind, file: Path.name(of: path), seconds: seconds)))
      return true
    } catch {
      warn(Sentence(EngineSentence.weightsNotSaved, error.sentence))
      return false
    }
  }
}
