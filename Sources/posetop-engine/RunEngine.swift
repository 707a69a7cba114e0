import BackendCPU
import Execution
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
  runTraining(folder: folder, recipe: recipe, sink: link, commands: mailbox) { recipe in
    CPUBackend(threads: recipe.threads ?? 1)
  }
}
