public import Execution
public import RunFiles
public import Support
public import TrainingAPI

/// Trains a run from its recipe to the end; called on the engine's worker thread.
///
/// - Parameters:
///   - folder: the run's folder; its recipe is replaced by the one in force.
///   - recipe: what was asked for.
///   - halvesBatch: whether the engine before had no memory for the batch: half of it, and twice as many
///     of them in a step.
///   - sink: where events go.
///   - commands: where requests come from.
///   - storage: how states and weights reach the disk.
///   - makeBackend: chooses what computes.
/// Where the folder holds a complete state, the training goes on from the newest.
///
/// - Returns: whether the run finished without an error.
public func runTraining(
  folder: RunFolder, recipe: RunRecipe, halvesBatch: Bool = false, sink: any EventSink,
  commands: CommandMailbox, storage: any StorageCalls = SystemStorage(),
  makeBackend: BackendMaker
) -> Bool {
  do throws(TrainingError) {
    let setup = try TrainingSetup(
      recipe, goesOn: !CheckpointStore(folder).generations.isEmpty, halvesBatch: halvesBatch,
      onRead: { sink.publish(.opening(done: $0, total: $1)) }, makeBackend: makeBackend)
    try wrapping(TrainingError.run) { () throws(RunError) in
      try folder.write(
        setup.recipe,
        record: [
          ("data_identity", .string(setup.origin.data)), ("arithmetic", .string(setup.arithmetic)),
          ("validation_images", setup.validationPictures),
        ])
    }
    try Trainer(setup, folder: folder, sink: sink, mailbox: commands, storage: storage).run()
    _ = sink.flush()
    return true
  } catch {
    sink.publish(.failed(error.sentence))
    _ = sink.flush()
    return false
  }
}
