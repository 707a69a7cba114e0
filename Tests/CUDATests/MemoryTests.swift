import Execution
import FakeCUDA
import Graph
import Nets
import Testing

@testable import BackendCUDA

extension CUDATests {
  @Suite struct Memory {
    private static let options = SessionOptions(moments: 2, accumulates: true, averages: true)

    @Test(arguments: [Precision.float32, .bfloat16, .float16])
    func `a session takes what was foretold in one piece, and gives it back`(
      _ precision: Precision
    ) throws {
      let backend = try FakeDevice.backend(precision)
      let before = fakecuda_allocated()
      do {
        let trainee = try Trainee(
          .lite, batch: 2, precision: precision, options: Self.options, on: backend)
        let program = trainee.model.program
        let foretold = try #require(backend.deviceMemory(for: program, Self.options))
        #expect(fakecuda_allocated() - before == foretold.needed)
        #expect(
          foretold.needed == DeviceMemory.layout(program, Self.options, backend.kind).bytes)
        #expect(foretold.kinds.reduce(0) { $0 + $1.count } == foretold.needed)
        #expect(FakeDevice.calls("cuMemAlloc_v2") == 1)
        #expect(foretold.free == 16 << 30 - fakecuda_allocated())
      }
      #expect(fakecuda_allocated() == before)
    }

    @Test func `steps take no memory`() throws {
      let trainee = try Trainee(
        .updatedCNN, batch: 3, options: Self.options, on: FakeDevice.backend())
      fakecuda_reset()
      let before = fakecuda_allocated()
      for step in 1...4 {
        trainee.run(step: step, batch: step == 3 ? 2 : 3)
        trainee.session.accumulateGradients(weight: 1, isFirst: true)
        trainee.session.update(
          OptimizerUpdate(rule: .adam, learningRate: 1e-3, weightDecay: 0, step: step))
        trainee.session.updateAverages(keep: 0.9)
        trainee.session.exchangeAverages()
        trainee.run(step: step, batch: 3, .evaluation)
        trainee.session.exchangeAverages()
      }
      trainee.session.finish()
      #expect(!FakeDevice.log.contains { $0.contains("Alloc") || $0.contains("MemFree") })
      #expect(fakecuda_allocated() == before)
    }

    @Test func `pictures in pinned memory are read without a wait, and unpinning waits for them`()
      throws
    {
      let backend = try FakeDevice.backend()
      let trainee = try Trainee(.lite, batch: 12, on: backend)
      let plan = trainee.model.program.training
      let pictures = [Float](repeating: 0.5, count: plan.graph[plan.images].shape.count)
      #expect(4 * pictures.count > 65_536)
      pictures.withUnsafeBufferPointer { pictures in
        let memory = UnsafeRawBufferPointer(pictures)
        func waits(_ body: () -> Void) -> Int {
          let before = FakeDevice.calls("cuStreamSynchronize")
          body()
          return FakeDevice.calls("cuStreamSynchronize") - before
        }
        func write() { trainee.session.write(pictures, to: plan.images, of: .training) }
        #expect(waits(write) == 1)
        backend.pin(memory)
        #expect(waits(write) == 0)
        // For the work, and for what is copied beside it.
        #expect(waits { backend.unpin(memory) } == 2)
        #expect(waits(write) == 1)
        // What the driver does not pin is copied as before.
        fakecuda_fail("cuMemHostRegister_v2", 0, 1)
        backend.pin(memory)
        #expect(waits(write) == 1)
        #expect(waits { backend.unpin(memory) } == 0)
      }
    }

    @Test func `events, graphs and kernels are given back`() throws {
      do {
        let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
        for _ in 0..<3 { trainee.run(step: 1, batch: 2) }
        _ = trainee.session.nodeSeconds(.training, batch: 2)
      }
      for (made, given) in [
        ("cuEventCreate", "cuEventDestroy_v2"), ("cuStreamCreate", "cuStreamDestroy_v2"),
        ("cuGraphInstantiateWithFlags", "cuGraphExecDestroy"),
        ("cuStreamEndCapture", "cuGraphDestroy"), ("cuMemAlloc_v2", "cuMemFree_v2"),
        ("cuModuleLoadData", "cuModuleUnload"),
      ] {
        #expect(FakeDevice.calls(made) > 0)
        #expect(FakeDevice.calls(made) == FakeDevice.calls(given), "\(made)")
      }
    }

    @Test func `a GPU with one byte too little is out of memory, and says how much was asked for`()
      throws
    {
      let backend = try FakeDevice.backend()
      let needed = try needs(backend)
      fakecuda_set_memory(fakecuda_allocated() + needed)
      _ = try Trainee(.pooled, batch: 2, on: backend)
      fakecuda_set_memory(fakecuda_allocated() + needed - 1)
      let error = #expect(throws: ExecutionError.self) {
        try Trainee(.pooled, batch: 2, on: backend)
      }
      #expect(error == .outOfMemory(bytes: needed))
      // Nothing of it is left, and with more room it goes on.
      fakecuda_reset()
      _ = try Trainee(.pooled, batch: 2, on: backend)
    }

    private func needs(_ backend: CUDABackend) throws -> Int {
      let trainee = try Trainee(.pooled, batch: 2, on: backend)
      return try #require(backend.deviceMemory(for: trainee.model.program, SessionOptions())).needed
    }
  }
}
