import BackendCPU
import Execution
import Graph
import Support
import Training

/// What this machine reaches at most, for `posetop doctor`.
let ceilingsJob = EngineJobDefinition(name: "ceilings") { (_, _) throws(JobError) in
  let backend = CPUBackend(threads: Processors.count)
  do throws(ExecutionError) {
    let ceilings = try backend.measureCeilings()
    return [
      "device": .string(backend.deviceName),
      "arithmetic": .string(backend.arithmetic(in: .float32)),
      "flops_per_second": .finite(ceilings.flopsPerSecond),
      "bytes_per_second": .finite(ceilings.bytesPerSecond),
    ]
  } catch {
    throw JobError(sentence: error.sentence)
  }
}
