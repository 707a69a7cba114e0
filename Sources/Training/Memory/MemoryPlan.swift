import Datasets
import Execution
import Graph
import Nets
import Support

/// The memory of a training by kind, known before anything is allocated.
struct MemoryPlan {
  /// Of the memory in which it computes: `weights`, `gradients`, `optimizer`, `activations`,
  /// `workspace`, `input`, in this order, and `driver` on a GPU.
  let kinds: [(kind: String, count: Int)]
  /// Of the process's memory beside a GPU's: `workspace`, `input`; empty where there is no GPU.
  let hostKinds: [(kind: String, count: Int)]
  /// Bytes of one complete training state on disk.
  let checkpoint: Int

  /// - Parameters:
  ///   - slots: batches that each of the two loaders holds.
  ///   - device: what lies in the memory of a GPU.
  init(
    _ program: Program, _ options: SessionOptions, input: InputSpec, keypoints: Int, batch: Int,
    slots: Int, device: DevicePlan? = nil
  ) {
    func bytes(_ slabs: [Slab]) -> Int {
      slabs.reduce(0) { $0 + 4 * options.count(of: $1, program.parameters) }
    }
    // Each plan has its own arena peak; both use one arena.
    let workspace = max(
      program.training.peakWorkspaceBytes, program.evaluation.peakWorkspaceBytes)
    let arena = max(program.training.arenaBytes, program.evaluation.arenaBytes)
    let loaders =
      2
      * BatchLoader.bytes(
        input: input, keypoints: keypoints, batch: batch, slots: slots,
        leavesCrops: options.cropsPictures)
    let weights = bytes([.weights, .statistics, .averagedWeights, .averagedStatistics])
    let moments = bytes([.firstMoments, .secondMoments])
    checkpoint = weights + moments
    // The copy of the state that is being saved counts as scratch memory.
    let saving =
      StateMemory.plannedBytes(state: checkpoint) + WeightFile.scratchBytes(program.parameters)
    if let device {
      kinds = device.kinds
      hostKinds = [("workspace", saving), ("input", loaders)]
      return
    }
    hostKinds = []
    kinds = [
      ("weights", weights), ("gradients", bytes([.gradients, .accumulatedGradients])),
      ("optimizer", moments), ("activations", arena - workspace),
      ("workspace", workspace + saving), ("input", program.training.inputBytes + loaders),
    ]
  }

  /// Bytes of all kinds of the memory in which it computes.
  var total: Int { kinds.reduce(0) { $0 + $1.count } }

  /// Bytes of the process's memory beside a GPU's.
  var hostTotal: Int { hostKinds.reduce(0) { $0 + $1.count } }
}
