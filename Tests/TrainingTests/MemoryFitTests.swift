import BackendCPU
import Execution
import Nets
import Pose
import Support
import Testing
import TrainingAPI
import Wording

@testable import Training

/// What happens when a training needs more memory than there is.
@Suite struct MemoryFitTests {
  private func recipe(auto: Bool) -> RunRecipe {
    var recipe = RunRecipe()
    recipe.model = "resnet18"
    recipe.inputWidth = 96
    recipe.inputHeight = 128
    recipe.batch = auto ? nil : 32
    recipe.fitsBatch = auto ? true : nil
    recipe.threads = 2
    return recipe
  }

  private func settle(_ recipe: RunRecipe, available: Int?) throws -> SettledModel {
    try SettledModel.fitting(recipe, schema: .coco17, available: available) { recipe in
      CPUBackend(threads: recipe.threads ?? 1)
    }
  }

  private func total(_ settled: SettledModel) -> Int {
    settled.memory(keypoints: KeypointSchema.coco17.count).total
  }

  @Test func `an automatic batch is halved until it fits, and a step sees as many samples`() throws
  {
    let whole = try settle(recipe(auto: false), available: nil)
    #expect(try settle(recipe(auto: true), available: .max).recipe.batch == 32)
    let available = total(whole) * 9 / 10
    let fitted = try settle(recipe(auto: true), available: available)
    #expect(total(fitted) <= available)
    let (batch, accumulate) = (fitted.recipe.batch ?? 0, fitted.recipe.accumulate ?? 0)
    #expect(batch < 32 && batch * accumulate == 32)
  }

  @Test func `where not even one picture fits, the ways out start from there`() throws {
    do {
      _ = try settle(recipe(auto: true), available: 1 << 20)
      Issue.record("it fitted")
    } catch TrainingError.memoryTooSmall(let needed, _, let ways) {
      #expect(!ways.contains("--batch") && ways.contains("--input 64x64 ("), "\(ways)")
      #expect(needed < total(try settle(recipe(auto: false), available: nil)))
    }
  }

  @Test func `what does not fit is refused with ways out that need less`() throws {
    let whole = total(try settle(recipe(auto: false), available: nil))
    let available = whole * 2 / 3
    do {
      _ = try settle(recipe(auto: false), available: available)
      Issue.record("it fitted")
    } catch TrainingError.memoryTooSmall(let needed, let there, let ways) {
      #expect(needed == whole && there == available)
      for way in ["--batch 8 --accumulate 4 (", "--precision bf16 (", "--input 64x64 ("] {
        #expect(ways.contains(way), "\(ways)")
      }
      var half = recipe(auto: false)
      half.precision = "bf16"
      let saved = total(try settle(half, available: nil))
      #expect(ways.contains(NumberText.bytes(saved)) && saved < needed)
    }
  }
}
