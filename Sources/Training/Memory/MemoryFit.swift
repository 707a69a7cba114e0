import Datasets
import Execution
import Graph
import Nets
import Pose
import Support
import TrainingAPI
import Wording

extension SettledModel {
  /// The memory of a training by kind.
  func memory(keypoints: Int) -> MemoryPlan {
    MemoryPlan(
      model.program, options, input: input, keypoints: keypoints, batch: recipe.batch ?? 1,
      slots: TrainingSetup.slots)
  }

  /// What the training takes of a GPU's memory, and what is free there; nil on the processor.
  private var deviceMemory: (needed: Int, free: Int)? {
    backend.deviceMemory(for: model.program, options)
  }

  /// Bytes of the memory in which it computes.
  private func needed(keypoints: Int) -> Int {
    deviceMemory?.needed ?? memory(keypoints: keypoints).total
  }

  /// The recipe's model in a batch that fits: `--batch auto` halves the model's batch and doubles the
  /// batches of a step until it does, so that a step sees as many samples as it would have.
  ///
  /// - Parameter available: bytes that may be taken; nil where that is not known.
  /// - Throws: `memoryTooSmall` with the ways out, when what was asked for needs more.
  static func fitting(
    _ asked: RunRecipe, schema: KeypointSchema, available: Int?,
    makeBackend: BackendMaker
  ) throws(TrainingError) -> SettledModel {
    var settled = try SettledModel(asked, schema: schema, makeBackend: makeBackend)
    guard let available = settled.deviceMemory?.free ?? available else { return settled }
    if asked.fitsBatch == true {
      while settled.needed(keypoints: schema.count) > available,
        let batch = settled.recipe.batch, batch > 1
      {
        var smaller = asked
        (smaller.batch, smaller.accumulate) = (
          (batch + 1) / 2, 2 * (settled.recipe.accumulate ?? 1)
        )
        settled = try SettledModel(smaller, schema: schema, makeBackend: makeBackend)
      }
    }
    let needed = settled.needed(keypoints: schema.count)
    if needed > available {
      throw .memoryTooSmall(
        needed: needed, available: available,
        ways: waysOut(settled, asked, schema, makeBackend))
    }
    return settled
  }

  /// What could be done instead, each with what it would need.
  private static func waysOut(
    _ settled: SettledModel, _ asked: RunRecipe, _ schema: KeypointSchema,
    _ makeBackend: BackendMaker
  ) -> String {
    // From the batch on that was tried last.
    var asked = asked
    (asked.batch, asked.accumulate, asked.fitsBatch) = (
      settled.recipe.batch, settled.recipe.accumulate, nil
    )
    let needed = settled.needed(keypoints: schema.count)
    var ways: [(option: String, recipe: RunRecipe)] = []
    if let batch = settled.recipe.batch, batch > 1 {
      var smaller = asked
      let times = 4 * (settled.recipe.accumulate ?? 1)
      (smaller.batch, smaller.accumulate) = (max(1, batch / 4), times)
      ways.append(("--batch \(max(1, batch / 4)) --accumulate \(times)", smaller))
    }
    if settled.precision == .float32 {
      var halved = asked
      halved.precision = Precision.bfloat16.rawValue
      ways.append(("--precision bf16", halved))
    }
    // Two thirds of each side, in the steps that the model can take.
    let divisor = settled.model.variant.divisor
    func shrunk(_ extent: Int) -> Int { max(divisor, extent * 2 / 3 / divisor * divisor) }
    let size = (shrunk(settled.input.width), shrunk(settled.input.height))
    if size.0 < settled.input.width {
      var smaller = asked
      (smaller.inputWidth, smaller.inputHeight) = size
      ways.append(("--input \(size.0)x\(size.1)", smaller))
    }
    return ways.compactMap { option, recipe in
      guard let other = try? SettledModel(recipe, schema: schema, makeBackend: makeBackend) else {
        return nil
      }
      let bytes = other.memory(keypoints: schema.count).total
      return bytes < needed ? "\(option) (\(NumberText.bytes(bytes)))" : nil
    }.joined(separator: ", ")
  }
}
