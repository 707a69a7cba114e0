import BackendCPU
import BackendCUDA
import Execution
import Graph
import NVIDIA
import Support
import TestSupport

/// Trains the golden files' networks on the GPU and on the processor, for as many steps as the files have;
/// prints the largest distances of the losses from PyTorch's in float64 as shares, and that of the mean of
/// the last quarter, beside PyTorch's own in the other precisions that the files have.
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
      let exact = golden.numbers("losses_float64")
      for key in ["float32", "tf32", "bf16", "fp16"] {
        let losses = golden.numbers("losses_\(key)")
        if !losses.isEmpty { curves.append(("pytorch \(key)", losses)) }
      }
      for precision in Precision.allCases {
        train(
          precision.rawValue,
          try CUDABackend(libraries, processor: processor, precision: precision), precision,
          exact.count)
      }
      train("cpu fp32", CPUBackend(threads: 8), .float32, min(exact.count, 60))
      for (title, losses) in curves {
        func distance(_ steps: Int) -> Double {
          zip(losses.prefix(steps), exact).reduce(0) {
            max($0, abs($1.0 - $1.1) / abs($1.1))
          }
        }
        func end(_ losses: [Double]) -> Double {
          losses.suffix(exact.count / 4).reduce(0, +) / Double(exact.count / 4)
        }
        let apart =
          losses.count == exact.count ? "\(end(losses) / end(exact) - 1)" : "not that far"
        print(
          "\(name) \(title): first \(distance(1)), 5 steps \(distance(5)), 20 steps \(distance(20)), all \(distance(exact.count)), last quarter \(apart), last \(losses.last ?? 0) (exact \(exact.last ?? 0))"
        )
        let few = losses.enumerated().filter { $0.offset % max(1, exact.count / 20) == 0 }
        print("    \(few.map(\.element))")
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
