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
      slots: TrainingSetup.slots, device: deviceMemory)
  }

  /// What the training takes of a GPU's memory; nil on the processor.
  var deviceMemory: DevicePlan? { backend.deviceMemory(for: model.program, options) }

  /// Bytes that must be free in the memory in which it computes.
  private func needed(keypoints: Int) -> Int {
    deviceMemory?.needed ?? memory(keypoints: keypoints).total
  }

  /// The same with a batch of half the size and twice as many batches in a step, so that a step sees as
  /// many samples.
  private func halved(_ schema: KeypointSchema) throws(TrainingError) -> SettledModel {
    let backend = backend
    return try SettledModel(recipe.halvingBatch(), schema: schema) { _ in backend }
  }

  /// The recipe's model in a batch that fits: with `--batch auto`, and where a training goes on, the
  /// batch is halved until it does.
  ///
  /// - Parameters:
  ///   - available: bytes that may be taken; nil where that is not known.
  ///   - mustFit: whether the batch is halved although it was named.
  /// - Throws: `memoryTooSmall` with the ways out, when what was asked for needs more.
  static func fitting(
    _ asked: RunRecipe, schema: KeypointSchema, available: Int?, mustFit: Bool = false,
    makeBackend: BackendMaker
  ) throws(TrainingError) -> SettledModel {
    var settled = try SettledModel(asked, schema: schema, makeBackend: makeBackend)
    guard let available = settled.deviceMemory?.free ?? available else { return settled }
    if asked.fitsBatch == true || mustFit {
      while settled.needed(keypoints: schema.count) > available, settled.recipe.batch ?? 1 > 1 {
        settled = try settled.halved(schema)
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

  /// Takes the memory, in a smaller batch where it does not suffice although it did when this was
  /// planned: another process has taken some of it since.
  ///
  /// - Returns: the model in the batch that it came to, its memory, and what is said of its weights.
  func takingMemory(
    _ schema: KeypointSchema
  ) throws(TrainingError) -> (SettledModel, any BackendSession, [Sentence]) {
    var settled = self
    while true {
      do throws(TrainingError) {
        let (session, said) = try settled.makeSession()
        return (settled, session, said)
      } catch {
        guard case .execution(.outOfMemory) = error, settled.recipe.batch ?? 1 > 1 else {
          throw error
        }
        settled = try settled.halved(schema)
      }
    }
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
      let bytes = other.needed(keypoints: schema.count)
      return bytes < needed ? "\(option) (\(NumberText.bytes(bytes)))" : nil
    }.joined(separator: ", ")
  }
}

extension RunRecipe {
  /// The same with a batch of half the size, and twice as many batches in a step; a batch of one is left.
  func halvingBatch() -> RunRecipe {
    guard let batch, batch > 1 else { return self }
    var smaller = self
    smaller.batch = (batch + 1) / 2
    smaller.accumulate = 2 * (accumulate ?? 1)
    return smaller
  }
}
