import CNVIDIA
import Glibc
import NVIDIA
import Support
public import Wording

/// What ends the engine when a call of the GPU's libraries fails in the middle of a run: after most
/// errors of CUDA nothing works any more in this process, so the keeper starts another from the last
/// durable state; with half the batch, where the GPU's memory ran out.
public typealias DeviceFailure = @Sendable (Sentence, _ isOutOfMemory: Bool) -> Never

/// Says what failed on the engine's standard error, which is its log, and ends the process.
public let endOnDeviceFailure: DeviceFailure = { sentence, isOutOfMemory in
  let text = "posetop-engine: \(sentence.text())\n"
  _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  exit(isOutOfMemory ? EngineExit.outOfMemory : EngineExit.failure)
}
