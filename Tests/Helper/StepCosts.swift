import BackendCPU
import CAllocations
import Execution
import Graph
import Nets
import Support
import TestSupport

/// What a training step of a small model takes of the system: prints the largest of four steps after
/// the first ones, as `allocations A blas B threads T`: A made by us, B by OpenBLAS, T new threads.
///
/// - Parameter model: `MODEL`, `MODEL:HEAD` or `MODEL:HEAD:PRECISION`.
func stepCosts(_ model: String, updatesFrom: Int?) throws {
  posetop_count_allocations()
  let backend = CPUBackend(threads: 2)
  let words = model.split(separator: ":").map(String.init)
  let definition = try Catalog.model(words[0])
  let head = words.dropFirst().first.flatMap(Head.init)
  let precision = words.dropFirst(2).first.flatMap(Precision.init)
  let model = try ModelProgram(
    definition: definition, head: head,
    loss: Catalog.loss(definition.variant(head).defaults.loss), batch: 2, width: 64, height: 64,
    keypoints: .plain(17), isUnbiased: true, precision: precision ?? .float32,
    updatesFrom: updatesFrom, workspace: backend.workspaceBytes)
  let session = try backend.makeSession(model.program)
  func threads() -> Int { Path.names(in: "/proc/self/task")?.count ?? 0 }
  var (ours, blas, new) = (0, 0, 0)
  for step in 1...6 {
    let threadsBefore = threads()
    let (before, blasBefore) = (posetop_allocations(), posetop_blas_allocations())
    session.run(.training, batch: 2)
    session.update(
      OptimizerUpdate(rule: .adam, learningRate: 1e-4, weightDecay: 0, step: step))
    let (all, byBLAS) = (
      posetop_allocations() - before, posetop_blas_allocations() - blasBefore
    )
    // The first steps may build caches.
    if step < 3 { continue }
    ours = max(ours, all - byBLAS)
    blas = max(blas, byBLAS)
    new = max(new, threads() - threadsBefore)
  }
  if posetop_allocations() < 0 { return print("not counted") }
  if posetop_allocations() == 0 { return print("the session was made without an allocation?") }
  print("allocations \(ours) blas \(blas) threads \(new)")
}
