import Execution
import Report
import RunFiles
import RunLink
import Support
import Training
import TrainingAPI
import Wording

/// Trains: the one place where the engine's process meets the training.
///
/// - Parameter halvesBatch: whether the batch of the engine before was too large for the memory.
/// - Returns: whether the run finished without an error.
func runEngine(
  folder: RunFolder, halvesBatch: Bool, link: EngineLink, mailbox: CommandMailbox
) -> Bool {
  do throws(RunError) {
    let recipe = try folder.recipe()
    return train(folder, recipe, halvesBatch, link, mailbox)
  } catch {
    link.publish(.failed(error.sentence))
    _ = link.flush()
    return false
  }
}

private func train(
  _ folder: RunFolder, _ recipe: RunRecipe, _ halvesBatch: Bool, _ link: EngineLink,
  _ mailbox: CommandMailbox
) -> Bool {
  let sink: any EventSink =
    recipe.writesTensorBoard == true ? TensorBoardSink(link, folder: folder) : link
  return runTraining(
    folder: folder, recipe: recipe, halvesBatch: halvesBatch, sink: sink, commands: mailbox,
    makeBackend: backend(for:))
}
