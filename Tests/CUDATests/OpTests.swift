import Graph
import TestSupport
import Testing

extension CUDATests {
  /// Each op by our own kernels, as the made-up GPU runs them.
  @Suite struct Ops {
    @Test(arguments: OpCase.all)
    func `every op agrees with the float64 reference`(_ opCase: OpCase) throws {
      try check(opCase, .float32)
    }

    @Test(arguments: OpCase.halves)
    func `so it does over bfloat16 maps`(_ opCase: OpCase) throws {
      try check(opCase, .bfloat16)
    }

    /// The kernels of both 16-bit kinds are one text, which the test before runs whole; what is left is the
    /// conversion, so that a third of the cases is worth its time.
    @Test(arguments: OpCase.halves.enumerated().filter { $0.offset % 3 == 0 }.map(\.element))
    func `so it does over half-precision maps`(_ opCase: OpCase) throws {
      try check(opCase, .float16)
    }

    private func check(_ opCase: OpCase, _ precision: Precision) throws {
      let result = try OpRunner.run(
        opCase, on: FakeDevice.backend(precision, recordsGraphs: false))
      let reference = ReferenceExecutor(running: opCase)
      for index in opCase.outputs.indices {
        let expected = reference[TensorID(index: opCase.inputs.count + index)]
        let error = OpRunner.error(result.outputs[index], expected)
        #expect(error <= opCase.tolerance, "output \(index) is off by \(error)")
      }
      for index in opCase.inputs.indices where opCase.byteInput != index {
        let error = OpRunner.error(result.inputs[index], reference[TensorID(index: index)])
        #expect(error <= opCase.tolerance, "input \(index) changed to something else by \(error)")
      }
    }
  }
}
