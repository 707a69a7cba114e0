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
/// - Returns: whether the run finished without an error.
func runEngine(folder: RunFolder, link: EngineLink, mailbox: CommandMailbox) -> Bool {
  do throws(RunError) {
    let recipe = try folder.recipe()
    return train(folder, recipe, link, mailbox)
  } catch {
    link.publish(.failed(error.sentence))
    _ = link.flush()
    return false
  }
}

private func train(
  _ folder: RunFolder, _ recipe: RunRecipe, _ link: EngineLink, _ mailbox: CommandMailbox
) -> Bool {
  let sink: any EventSink =
    recipe.writesTensorBoard == true ? TensorBoardSink(link, folder: folder) : link
  return runTraining(
    folder: folder, recipe: recipe, sink: sink, commands: mailbox, makeBackend: backend(for:))
}
