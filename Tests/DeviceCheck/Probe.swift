import BackendCUDA
import Execution
import Graph
import NVIDIA

/// Prints the times of cuDNN's ways for typical convolutions: KIND:N:H:W:C:K:KERNEL:STRIDE:PADDING.
func probe(
  _ libraries: NVIDIALibraries, _ processor: GraphicsProcessorFacts, _ asked: [String]
) -> Int {
  do {
    let backend = try CUDABackend(libraries, processor: processor, precision: .bfloat16)
    for way in try backend.probeUpdate(batch: 32, inputs: 200_704, outputs: 1_024) {
      print("\(way.name): \(way.milliseconds) ms")
    }
    for text in asked {
      let parts = text.split(separator: ":").map(String.init)
      let numbers = parts.dropFirst().compactMap { Int($0) }
      guard numbers.count == 8 else { return 1 }
      let attributes = Convolution(
        kernel: numbers[5], stride: numbers[6], padding: numbers[7], hasBias: false, relu: false)
      let shape = Shape(n: numbers[0], h: numbers[1], w: numbers[2], c: numbers[3])
      let flops = Double(
        attributes.flops(
          input: shape, output: attributes.outputShape(shape, channels: numbers[4])))
      for way in try backend.probe(parts[0], attributes, shape, channels: numbers[4]) {
        let best = way.milliseconds.first ?? .infinity
        let times = way.milliseconds.prefix(4).map { "\(($0 * 1000).rounded() / 1000)" }
          .joined(separator: " ")
        print(
          "\(text) \(way.name): \(times) ms of \(way.milliseconds.count), \((flops / best / 1e9).rounded()) TFLOP/s, workspace \((way.workspaces.first ?? 0) >> 20) MiB"
        )
      }
    }
  } catch {
    print("FAILED \(error)")
    return 1
  }
  return 0
}
