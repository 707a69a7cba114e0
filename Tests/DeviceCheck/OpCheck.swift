import BackendCUDA
import Execution
import Graph
import NVIDIA
import Support
import TestSupport
import Wording

/// Every op case in every precision; the number of failures.
func checkOps(
  _ libraries: NVIDIALibraries, _ processor: GraphicsProcessorFacts, _ asked: [String]
) -> Int {
  var failures = 0
  let isSmall = asked.contains("small")
  for precision in Precision.allCases
  where asked.isEmpty || asked.contains(precision.rawValue) {
    do {
      let backend = try CUDABackend(libraries, processor: processor, precision: precision)
      failures += checkOps(backend, isSmall: isSmall)
    } catch {
      print("\(precision.rawValue): \(error.sentence.text())")
      failures += 1
    }
  }
  return failures
}

/// - Parameter isSmall: whether only small cases run, for tools that slow everything down.
private func checkOps(_ backend: CUDABackend, isSmall: Bool) -> Int {
  let precision = backend.precision
  let start = Clock.monotonic()
  let cases = (precision.mapBytes == 2 ? OpCase.halves : OpCase.all).filter {
    !isSmall || $0.inputs.reduce(0) { $0 + $1.count } < 4_000
  }
  var failures = 0
  var worst: (error: Double, name: String) = (0, "")
  for opCase in cases {
    let share = relativeTolerance(opCase, precision)
    do {
      let results = try [1, 3].map { try OpRunner.run(opCase, on: backend, times: $0) }
      let reference = ReferenceExecutor(running: opCase)
      for index in opCase.outputs.indices {
        let expected = reference[TensorID(index: opCase.inputs.count + index)]
        let error = OpRunner.error(results[0].outputs[index], expected)
        if error / share > worst.error { worst = (error / share, opCase.name) }
        if !(error <= share) {
          failures += 1
          print(
            "FAILED \(precision.rawValue) \(opCase.name): output \(index) off by \(error), allowed \(share)"
          )
        }
        let same = zip(results[0].outputs[index], results[1].outputs[index]).allSatisfy {
          $0.bitPattern == $1.bitPattern
        }
        if !same {
          failures += 1
          print(
            "FAILED \(precision.rawValue) \(opCase.name): output \(index): a recorded graph gives other bits"
          )
        }
      }
    } catch {
      failures += 1
      print("FAILED \(precision.rawValue) \(opCase.name): \(error)")
    }
  }
  print(
    "\(precision.rawValue): \(cases.count) cases, \(failures) failures, closest to its tolerance: \(worst.name) (\(worst.error) of it), \(Clock.monotonic() - start) s"
  )
  return failures
}

/// A share of the largest value: the case's own, and for products of rounded operands what their
/// rounding explains (2⁻¹¹ for TF32 and half precision).
private func relativeTolerance(_ opCase: OpCase, _ precision: Precision) -> Double {
  switch (precision, opCase.op) {
  case (.tensorFloat32, .convolution), (.tensorFloat32, .convolutionDataGradient),
    (.tensorFloat32, .convolutionWeightGradient), (.tensorFloat32, .transposedConvolution),
    (.tensorFloat32, .transposedConvolutionDataGradient),
    (.tensorFloat32, .transposedConvolutionWeightGradient), (.tensorFloat32, .linear),
    (.tensorFloat32, .linearDataGradient), (.tensorFloat32, .linearWeightGradient),
    (.tensorFloat32, .simccLinear), (.tensorFloat32, .simccLinearDataGradient),
    (.tensorFloat32, .simccLinearWeightGradient):
    max(opCase.tolerance, 2e-3)
  // Filters' gradients of 16-bit maps are rounded, as PyTorch's are.
  case (.bfloat16, .convolutionWeightGradient), (.bfloat16, .transposedConvolutionWeightGradient):
    max(opCase.tolerance, 0x1p-8)
  case (.float16, .convolutionWeightGradient), (.float16, .transposedConvolutionWeightGradient):
    max(opCase.tolerance, 0x1p-11)
  // A bias is added to what is rounded already.
  case (.bfloat16, .convolution): max(opCase.tolerance, 0x1p-7)
  default: opCase.tolerance
  }
}
