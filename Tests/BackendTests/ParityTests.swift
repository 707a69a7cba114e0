import BackendCPU
import Glibc
import Support
import TestSupport
import Testing

/// The engine beside PyTorch, by the golden files that `Tests/Peers/golden.py` wrote: the same initial
/// weights, pictures and keypoints, all made by the same formula on both sides.
@Suite(.serialized) struct ParityTests {
  static let cases = [
    "cnn", "lite", "resnet18-wing", "resnet18-frozen", "resnet18-simcc",
    "resnet50-heatmap",
  ]

  /// Within a thousandth of PyTorch's float32, or where float32 itself drifts, no further from its
  /// float64 than twice as far as its float32 is.
  @Test(arguments: cases)
  func `losses are PyTorch's`(_ name: String) throws {
    let run = try ParityRun(
      name, folder: Path.join(Path.parent(of: #filePath), "Goldens"),
      on: CPUBackend(threads: 2))
    let single = run.golden.numbers("losses_float32")
    let double = run.golden.numbers("losses_float64")
    let runs = [single] + run.golden.lists("more_losses_float32")
    let isLong = getenv("POSETOP_LONG_TESTS") != nil
    var drift = 0.0
    for step in 0..<(isLong ? 50 : 5) {
      let loss = run.step(step)
      drift = runs.reduce(drift) { max($0, abs($1[step] - double[step])) }
      let isClose = abs(loss - single[step]) <= 1e-3 * abs(single[step])
      #expect(
        isClose || abs(loss - double[step]) <= 2 * drift,
        "step \(step + 1): \(loss), PyTorch \(single[step]), in float64 \(double[step])")
      try run.update(step)
    }
  }
}
