import Datasets
import Pose
import Support
import TrainingAPI
import Wording

// What a running training can be told besides its rate. Each change takes effect before the next step,
// when no batch is in use; a training that goes on from a saved state has it again.

extension Trainer {
  /// Freezes other layers.
  func obeyFreeze(_ request: CommandRequest, _ layers: String) {
    guard layers != setup.freeze else {
      return reject(request, Sentence(EngineSentence.frozenAlready, layers))
    }
    let before = setup.freeze
    do throws(TrainingError) {
      try changeFreezing(to: layers)
    } catch {
      return reject(request, error.sentence)
    }
    live.add(request.command, step: progress.step + 1, frozenBefore: before)
    requeue()
    accept(request)
  }

  /// Varies pictures otherwise.
  func obeyAugment(_ request: CommandRequest, _ change: AugmentationChange) {
    if case .preset(let name) = change, Augmentation.named(name) == nil {
      return reject(
        request,
        Sentence(
          EngineSentence.noPreset, UntrustedText.clean(name, limit: 60),
          Augmentation.presets.map(\.name).joined(separator: ", ")))
    }
    if case .strength = change, recipeAugmentation == .none {
      return reject(request, Sentence(EngineSentence.nothingToScale))
    }
    live.add(request.command, step: progress.step + 1)
    applyLiveEdits()
    accept(request)
  }

  /// Lets a keypoint count more or less.
  func obeyWeight(_ request: CommandRequest, _ name: String) {
    let schema = setup.dataset.schema
    guard !LiveEdits.keypoints(named: name, schema).isEmpty else {
      return reject(
        request,
        Sentence(
          EngineSentence.noKeypoint, UntrustedText.clean(name, limit: 60),
          schema.keypoints.joined(separator: ", ")))
    }
    live.add(request.command, step: progress.step + 1)
    useLiveEdits()
    accept(request)
  }

  /// Takes back the newest change: of the rate, or of what else was changed by hand. Where it is one of
  /// the frozen layers, the optimiser's moments stay empty as after any such change.
  func obeyUndo(_ request: CommandRequest) {
    let rateStep = rates.edits.last { $0.undoneAt == nil }?.step ?? -1
    guard let liveStep = live.lastStep, liveStep >= rateStep else {
      return answer(request, rates.undo(atStep: progress.step + 1))
    }
    if let before = live.edits.last?.frozenBefore, before != setup.freeze {
      do throws(TrainingError) {
        try changeFreezing(to: before)
      } catch {
        return reject(request, error.sentence)
      }
      requeue()
    }
    live.removeLast()
    applyLiveEdits()
    accept(request)
  }

  private func accept(_ request: CommandRequest) {
    record(request, .accepted)
    record(request, .applied(step: progress.step + 1))
  }

  /// Brings loader and losses to what the edits ask for; whether the loader is another one now.
  @discardableResult
  func useLiveEdits() -> Bool {
    keypointWeights = live.weights(setup.dataset.schema)
    let augmentation = live.augmentation(recipeAugmentation)
    guard augmentation != setup.augmentation else { return false }
    setup.augmentation = augmentation
    loader.stop()
    loader = makeLoader()
    evaluator.reset()
    queuedEpoch = progress.isEpochDone ? progress.epoch : progress.epoch - 1
    return true
  }

  /// The same in mid-epoch.
  private func applyLiveEdits() {
    guard useLiveEdits() else { return }
    // Features are of pictures that do not vary.
    prepareFeatures()
    requeue()
  }

  /// The loaders were emptied: what is left of the epoch is queued before the next step.
  private func requeue() {
    mustQueueAnew = true
    evaluator.prepare()
  }

  /// The points of a batch with the weights that were set by hand.
  func weighted(_ points: UnsafeBufferPointer<Float>) -> [Float]? {
    guard let weights = keypointWeights else { return nil }
    var result = Array(points)
    for place in stride(from: 2, to: result.count, by: 3) {
      result[place] *= weights[place / 3 % weights.count]
    }
    return result
  }
}
