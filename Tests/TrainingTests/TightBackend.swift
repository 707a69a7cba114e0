import BackendCPU
import Execution
import Graph

/// The processor, posing as a device with a memory of its own in which there is room for few pictures.
struct TightBackend: Backend {
  let backend: CPUBackend
  /// Pictures of a batch for which there is room.
  let room: Int
  /// Whether the device says so when the training is planned; else its memory is gone when it is taken.
  let tells: Bool

  var deviceName: String { "Tight GPU, fp32" }
  func arithmetic(in precision: Precision) -> String { backend.arithmetic(in: precision) }
  func supports(_ precision: Precision) -> Bool { backend.supports(precision) }

  func workspaceBytes(of node: Node, in graph: Graph) -> Int {
    backend.workspaceBytes(of: node, in: graph)
  }

  func measureCeilings() throws(ExecutionError) -> Ceilings { try backend.measureCeilings() }

  private func batch(_ program: Program) -> Int {
    program.training.graph[program.training.images].shape.n
  }

  func deviceMemory(for program: Program, _ options: SessionOptions) -> DevicePlan? {
    DevicePlan(
      kinds: [("activations", batch(program) << 20), ("driver", 400 << 20)],
      needed: batch(program) << 20, free: (tells ? room : 1 << 10) << 20, capacity: 1 << 30,
      place: "0000:65:00.0")
  }

  func makeSession(
    _ program: Program, _ options: SessionOptions
  ) throws(ExecutionError) -> any BackendSession {
    if batch(program) > room { throw .outOfMemory(bytes: batch(program) << 20) }
    return try backend.makeSession(program, options)
  }
}
