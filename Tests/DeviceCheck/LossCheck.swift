import BackendCPU
import BackendCUDA
import Execution
import Graph
import NVIDIA
import Support
import TestSupport

/// Trains the golden files' networks on the GPU and on the processor; prints the largest distance of the
/// losses from PyTorch's in float64 as shares, beside that of PyTorch's own float32.
func checkLosses(
  _ libraries: NVIDIALibraries, _ processor: GraphicsProcessorFacts, folder: String,
  _ asked: [String]
) -> Int {
  var failures = 0
  let cases = [
    "lite", "cnn", "resnet18-wing", "resnet18-frozen", "resnet18-simcc", "resnet50-heatmap",
  ]
  for name in cases where asked.isEmpty || asked.contains(name) {
    var curves: [(String, [Double])] = []
    func train(_ title: String, _ backend: any Backend, _ precision: Precision, _ steps: Int) {
      do {
        let run = try ParityRun(name, folder: folder, on: backend, precision: precision)
        var losses: [Double] = []
        for step in 0..<steps {
          losses.append(run.step(step))
          try run.update(step)
        }
        curves.append((title, losses))
      } catch {
        failures += 1
        print("FAILED \(name) \(title): \(error)")
      }
    }
    do {
      let golden = try ParityGolden(name, folder: folder)
      curves.append(("pytorch float32", golden.numbers("losses_float32")))
      for precision in Precision.allCases {
        train(
          precision.rawValue,
          try CUDABackend(libraries, processor: processor, precision: precision), precision, 50)
      }
      train("cpu fp32", CPUBackend(threads: 8), .float32, 20)
      let exact = golden.numbers("losses_float64")
      for (title, losses) in curves {
        func distance(_ steps: Int) -> Double {
          zip(losses.prefix(steps), exact).reduce(0) {
            max($0, abs($1.0 - $1.1) / abs($1.1))
          }
        }
        print(
          "\(name) \(title): first \(distance(1)), 5 steps \(distance(5)), 20 steps \(distance(20)), all \(distance(50)), last \(losses.last ?? 0) (exact \(exact.last ?? 0))"
        )
        if title == "fp16" {
          print("    \(losses.prefix(12)) exact \(exact.prefix(12))")
        }
        if title == "fp32", !(distance(5) < 2e-3) {
          failures += 1
          print("FAILED \(name): fp32 leaves PyTorch's losses")
        }
      }
    } catch {
      failures += 1
      print("FAILED \(name): \(error)")
    }
  }
  return failures
}
