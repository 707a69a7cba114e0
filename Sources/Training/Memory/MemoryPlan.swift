import Datasets
import Execution
import Graph
import Nets
import Support

/// The memory of a training by kind, known before anything is allocated.
struct MemoryPlan {
  /// `weights`, `gradients`, `optimizer`, `activations`, `workspace`, `input`, in this order.
  let kinds: [(kind: String, count: Int)]
  /// Bytes of one complete training state on disk.
  let checkpoint: Int

  /// - Parameters:
  ///   - slots: batches that each of the two loaders holds.
  init(
    _ program: Program, _ options: SessionOptions, input: InputSpec, keypoints: Int, batch: Int,
    slots: Int
  ) {
    func bytes(_ slabs: [Slab]) -> Int {
      slabs.reduce(0) { $0 + 4 * options.count(of: $1, program.parameters) }
    }
    // Each plan has its own arena peak; both use one arena.
    let workspace = max(
      program.training.peakWorkspaceBytes, program.evaluation.peakWorkspaceBytes)
    let arena = max(program.training.arenaBytes, program.evaluation.arenaBytes)
    let loaders =
      2 * BatchLoader.bytes(input: input, keypoints: keypoints, batch: batch, slots: slots)
    let weights = bytes([.weights, .statistics, .averagedWeights, .averagedStatistics])
    let moments = bytes([.firstMoments, .secondMoments])
    checkpoint = weights + moments
    kinds = [
      ("weights", weights), ("gradients", bytes([.gradients, .accumulatedGradients])),
      ("optimizer", moments), ("activations", arena - workspace),
      // The copy of the state that is being saved counts as scratch memory.
      (
        "workspace",
        workspace + StateMemory.plannedBytes(state: checkpoint)
          + WeightFile.scratchBytes(program.parameters)
      ),
      ("input", program.training.inputBytes + loaders),
    ]
  }

  /// Bytes of all kinds.
  var total: Int { kinds.reduce(0) { $0 + $1.count } }
}
