import BackendCPU
import BackendCUDA
import Execution
import Graph
import NVIDIA
import Support
import Training
import TrainingAPI
import Wording

/// What computes: `--device cpu`, `cuda`, `cuda:N`, or `auto`, which takes a GPU where one can train.
///
/// - Throws: why the GPU that was asked for by name cannot be used.
func backend(for recipe: RunRecipe) throws(TrainingError) -> any Backend {
  let device = recipe.device ?? "auto"
  func processor() -> CPUBackend { CPUBackend(threads: recipe.threads ?? HostProcessors.usable) }
  if device == "cpu" { return processor() }
  let index = device.split(separator: ":").dropFirst().first.flatMap { Int($0) }
  let libraries = NVIDIALibraries.load(onlyWithDriver: true)
  switch libraries.usability(ofProcessor: index) {
  case .unusable(let error):
    if device == "auto" { return processor() }
    throw .graphics(error.sentence)
  case .usable(let graphics, _):
    let asked = Precision(rawValue: recipe.precision ?? "auto")
    do throws(ExecutionError) {
      return try CUDABackend(
        libraries, processor: graphics,
        precision: asked ?? CUDABackend.bestPrecision(of: graphics))
    } catch {
      throw .execution(error)
    }
  }
}
