import Datasets
import Execution
import Graph
import Nets
import RunFiles
import TrainingAPI
import Wording

extension Trainer {
  /// Unfreezes everything when the epoch comes at which the recipe wants it.
  func unfreezeIfDue() throws(TrainingError) {
    guard progress.epoch == setup.recipe.unfreezeAt, setup.freeze != "none" else { return }
    try changeFreezing(to: "none")
  }

  /// Freezes other layers than so far, between two steps, and says so.
  ///
  /// - Parameter text: as `--freeze` takes it.
  func changeFreezing(to text: String) throws(TrainingError) {
    let before = setup.model.program.parameters.trainedCount
    try refreeze(to: text)
    progress.optimizerStart = progress.step
    let table = setup.model.program.parameters
    sink.publish(.planned(setup.report))
    inform(
      Sentence(
        EngineSentence.unfrozen, progress.epoch, table.trainedCount, table.count, before))
    prepareFeatures()
  }

  /// Plans the model anew with other layers frozen, and goes on with the same weights and statistics
  /// and with empty moments. No batch may be in use.
  func refreeze(to text: String) throws(TrainingError) {
    checkpointer.wait()
    setup = try setup.refrozen(to: text)
    checkpointer.adopt(setup)
    evaluator.adopt(setup)
    weightFile = WeightFile(setup, storage: checkpointer.store.storage)
    averages = WeightAverages(decay: setup.recipe.averageDecay, setup.session)
    features = nil
    loader.clear()
    evaluator.reset()
    queuedEpoch = progress.isEpochDone ? progress.epoch : progress.epoch - 1
  }
}
