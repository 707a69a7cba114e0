import Datasets
import Execution
import Graph

extension BackendSession {
  /// Takes a batch's pictures as the training pass's input: those that were copied ahead, or now.
  func take(_ batch: LoadedBatch, as images: TensorID) {
    if !takeStaged(batch: batch.number) { write(batch.pictures, to: images, of: .training) }
  }

  /// Begins to copy the batch that comes next beside what runs, where it is ready by now.
  func stageNext(of loader: BatchLoader) {
    if isRemote, let next = loader.peek() { stage(next.pictures, batch: next.number) }
  }
}
