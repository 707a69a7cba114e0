import BackendCUDA
import Execution
import Graph
import NVIDIA
import Nets
import Support
import TestSupport

/// Compares the memory that was planned with what NVIDIA's management library sees, before a session is
/// made, after it and after ten steps: MODEL:HEAD:LOSS:WIDTH:HEIGHT:BATCH:PRECISION.
///
/// - Returns: how many plans are off by more than 32 MiB.
func checkMemory(
  _ libraries: NVIDIALibraries, _ processor: GraphicsProcessorFacts, _ asked: [String]
) -> Int {
  // One context each process: the driver's share is measured from where the first began.
  guard let before = processor.reading?.memory?.used else {
    print("skipped: the management library does not say what is used")
    return 0
  }
  var failures = 0
  for text in asked.prefix(1) {
    let parts = text.split(separator: ":").map(String.init)
    guard parts.count == 7, let precision = Precision(rawValue: parts[6]) else { return 1 }
    do {
      let backend = try CUDABackend(libraries, processor: processor, precision: precision)
      let batch = Int(parts[5]) ?? 1
      let model = try ModelProgram(
        definition: try Catalog.model(parts[0]), head: Head(rawValue: parts[1]),
        loss: Catalog.loss(parts[2]), batch: batch, width: Int(parts[3]) ?? 64,
        height: Int(parts[4]) ?? 64, keypoints: .plain(17), isUnbiased: true,
        precision: precision, updatesFrom: 1 << 24, workspace: backend.workspaceBytes)
      func planned() -> Int {
        backend.deviceMemory(for: model.program, SessionOptions())?.total ?? 0
      }
      let early = planned()
      let session = try backend.makeSession(model.program)
      let late = planned()
      for step in 1...10 {
        session.run(.training, batch: batch)
        session.update(
          OptimizerUpdate(rule: .adam, learningRate: 1e-4, weightDecay: 0, step: step))
      }
      session.run(.evaluation, batch: batch)
      session.finish()
      let used = (processor.reading?.memory?.used ?? 0) - before
      let isClose = abs(used - late) <= 32 << 20
      if !isClose { failures += 1 }
      print(
        "\(isClose ? "ok" : "FAILED") \(text): used \(used >> 20) MiB, planned \(early >> 20) MiB before the session, \(late >> 20) MiB with it"
      )
      for (kind, count) in backend.deviceMemory(for: model.program, SessionOptions())?.kinds ?? [] {
        print("    \(kind): \(count >> 20) MiB")
      }
    } catch {
      failures += 1
      print("FAILED \(text): \(error)")
    }
  }
  return failures
}
