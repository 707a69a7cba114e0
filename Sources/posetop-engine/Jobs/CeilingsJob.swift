import Execution
import Graph
import Support
import Training
import TrainingAPI

/// What this machine's processor, or the GPU that `device` names, reaches at most, for `posetop doctor`.
let ceilingsJob = EngineJobDefinition(name: "ceilings") { (arguments, _) throws(JobError) in
  var recipe = RunRecipe()
  recipe.device = arguments["device"]?.string ?? "cpu"
  do throws(TrainingError) {
    let backend = try backend(for: recipe)
    let precision = backend.defaultPrecision
    let ceilings = try measured(backend)
    return [
      "device": .string(backend.deviceName), "precision": .string(precision.rawValue),
      "arithmetic": .string(backend.arithmetic(in: precision)),
      "flops_per_second": .finite(ceilings.flopsPerSecond),
      "bytes_per_second": .finite(ceilings.bytesPerSecond),
    ]
  } catch {
    throw JobError(sentence: error.sentence)
  }
}

private func measured(_ backend: any Backend) throws(TrainingError) -> Ceilings {
  do throws(ExecutionError) {
    return try backend.measureCeilings()
  } catch {
    throw .execution(error)
  }
}
