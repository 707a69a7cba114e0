import BackendCPU
import Execution
import Graph
import TestSupport
import Testing

@Suite struct OpTests {
  @Test(arguments: OpCase.all + OpCase.halves)
  func `every op agrees with the float64 reference`(_ opCase: OpCase) throws {
    let backend = CPUBackend(threads: 2)
    let result = try OpRunner.run(opCase, on: backend)
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

  @Test(arguments: OpCase.all + OpCase.halves)
  func `one, two and four threads give the same bits`(_ opCase: OpCase) throws {
    let one = try OpRunner.run(opCase, on: CPUBackend(threads: 1))
    for threads in [2, 4] {
      let many = try OpRunner.run(opCase, on: CPUBackend(threads: threads))
      for index in opCase.outputs.indices {
        #expect(one.outputs[index].map(\.bitPattern) == many.outputs[index].map(\.bitPattern))
      }
    }
  }

  @Test(arguments: [2, 3, 4])
  func `the lower instruction sets agree with this processor's`(_ level: Int) throws {
    guard let lower = CPUBackend(threads: 1, level: level) else { return }
    for opCase in OpCase.all + OpCase.halves {
      let fast = try OpRunner.run(opCase, on: CPUBackend(threads: 1))
      let slow = try OpRunner.run(opCase, on: lower)
      for index in opCase.outputs.indices {
        let error = OpRunner.error(slow.outputs[index], fast.outputs[index].map(Double.init))
        // Each is rounded to one of two neighbours of the true value.
        let tolerance = opCase.isHalf ? 2 * opCase.tolerance : max(opCase.tolerance, 1e-6)
        #expect(error <= tolerance, "\(opCase.name): \(error)")
      }
    }
  }
}
