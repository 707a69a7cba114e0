import BackendCPU
import RunFiles
import Support
import TestSupport
import Training
import TrainingAPI
import TrainingSupport

extension Ground {
  /// Trains on the processor, with what goes wrong.
  @discardableResult
  func train(
    _ name: String, threads: Int = 2, sink: Recorder = Recorder(),
    mailbox: CommandMailbox = CommandMailbox(), fault: Fault? = nil,
    storage: any StorageCalls = SystemStorage(), room: (pictures: Int, tells: Bool)? = nil,
    change: (inout RunRecipe) -> Void = { _ in }
  ) throws -> (succeeded: Bool, folder: RunFolder) {
    try train(
      name, threads: threads, sink: sink, mailbox: mailbox, storage: storage,
      on: { recipe in
        let backend = CPUBackend(threads: recipe.threads ?? 1)
        if let room {
          return TightBackend(backend: backend, room: room.pictures, tells: room.tells)
        }
        return fault.map { FaultyBackend(backend: backend, fault: $0) } ?? backend
      }, change: change)
  }
}
