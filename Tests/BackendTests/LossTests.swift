import BackendCPU
import Execution
import Glibc
import Graph
import Nets
import TestSupport
import Testing

/// Losses against values from papers, other programs' tests, and formulae worked out by hand.
@Suite struct LossTests {
  /// The batch's loss for predictions and keypoints.
  private func loss(
    _ op: Op, prediction shape: Shape, _ prediction: [Float], _ keypoints: [Float]
  ) throws -> Double {
    let opCase = OpCase(
      name: "loss", op: op,
      inputs: [shape, Shape(n: shape.n, h: 1, w: keypoints.count / 3 / shape.n, c: 3)],
      outputs: [Shape(n: shape.n, c: 1), shape], accumulates: [false, false], tolerance: 0)
    let result = try OpRunner.run(
      opCase, on: CPUBackend(threads: 1), inputs: [prediction, keypoints])
    return result.outputs[0].reduce(0) { $0 + Double($1) }
  }

  /// The loss of one keypoint at (0, 0) of a 1×1 input whose x is predicted `difference` px off,
  /// and y right: half of the value of `difference`.
  private func value(_ kind: CoordinateLoss.Kind, _ difference: Float) throws -> Double {
    try 2
      * loss(
        .coordinateLoss(CoordinateLoss(width: 1, height: 1, kind: kind)),
        prediction: Shape(n: 1, c: 2), [difference, 0], [0, 0, 1])
  }

  /// From the formula of arXiv 1711.06753 with omega 10, epsilon 2.
  @Test(arguments: [
    (0.5, 2.231436), (1, 4.054651), (2, 6.931472), (5, 12.52763), (10, 17.917595), (20, 27.917595),
  ])
  func `wing has its values`(_ difference: Double, _ expected: Double) throws {
    let got = try value(.wing(omega: 10, epsilon: 2), Float(difference))
    #expect(abs(got - expected) < 1e-4)
  }

  /// From mmpose's formula: B = 2 - 20 ln 5 = -30.188758; 20 ln(1 + 2 d) + B above 2.
  @Test(arguments: [(0.5, 0.5), (1.5, 1.5), (2, 2), (10, 30.701693), (-10, 30.701693)])
  func `soft wing has its values`(_ difference: Double, _ expected: Double) throws {
    let got = try value(.softWing(omega1: 2, omega2: 20, epsilon: 0.5), Float(difference))
    #expect(abs(got - expected) < 1e-4)
  }

  @Test(arguments: [(0.5, 0.125), (1, 0.5), (-3, 2.5)])
  func `smooth L1 has its values`(_ difference: Double, _ expected: Double) throws {
    #expect(abs(try value(.smoothL1(beta: 1), Float(difference)) - expected) < 1e-6)
  }

  /// (target, prediction, value): the first two from mmpose's unit test and formula.
  @Test(arguments: [
    (0, 1, 8.495946), (1, 0, 10.259383), (1, 0.9, 1.0701), (0, 0.1, 0.110767),
  ])
  func `adaptive wing has its values`(
    _ target: Double, _ prediction: Double, _ expected: Double
  ) throws {
    // Two pixels: the point lies beyond the second, so that the first has the target 0, and the
    // second gets what it wants; or the point lies on the first.
    let center: Float = target == 1 ? 0 : 1 + 2.9
    let second = Float(target == 1 ? exp(-0.5) : exp(-2.9 * 2.9 / 2))
    let op = Op.heatmapLoss(
      HeatmapLoss(
        sigma: 1, scaleX: 1, scaleY: 1,
        kind: .adaptiveWing(alpha: 2.1, omega: 14, epsilon: 1, theta: 0.5)))
    let got = try loss(
      op, prediction: Shape(n: 1, h: 1, w: 2, c: 1), [Float(prediction), second], [center, 0, 1])
    #expect(abs(2 * got - expected) < 1e-4)
  }

  /// The sum of squares is 12.5663 for sigma 2 within 13×13, so 12.5663 / (64 · 48) for a zero output.
  @Test func `a zero output costs the Gaussian's sum of squares`() throws {
    let shape = Shape(n: 1, h: 64, w: 48, c: 1)
    let zeros = [Float](repeating: 0, count: shape.count)
    for normalization in [HeatmapLoss.Normalization.labelled, .all, .hardest(count: 1)] {
      let op = Op.heatmapLoss(
        HeatmapLoss(sigma: 2, scaleX: 1, scaleY: 1, normalization: normalization))
      let got = try loss(op, prediction: shape, zeros, [24, 32, 1])
      #expect(abs(got - 0.0040906) < 1e-6)
    }
  }

  @Test func `missing points shrink the mean over all, and not the one by labelled count`() throws {
    let shape = Shape(n: 1, h: 32, w: 32, c: 2)
    let zeros = [Float](repeating: 0, count: shape.count)
    func got(_ normalization: HeatmapLoss.Normalization) throws -> Double {
      try loss(
        .heatmapLoss(HeatmapLoss(sigma: 2, scaleX: 1, scaleY: 1, normalization: normalization)),
        prediction: shape, zeros, [16, 16, 1, 8, 8, 0])
    }
    #expect(abs(try got(.labelled) / got(.all) - 2) < 1e-6)
  }

  /// COCO's kernel by hand: area 0.53 · 100 · 200, sigma 0.107, 20 px off.
  @Test func `the OKS loss is one minus the kernel`() throws {
    let op = Op.coordinateLoss(
      CoordinateLoss(
        width: 192, height: 256, kind: .objectKeypointSimilarity, pointValues: [0.107, 0.107, 0.05])
    )
    let points: [Float] = [20, 20, 1, 120, 220, 1, 0, 0, 0]
    let prediction: [Float] = [40 / 192, 20 / 256, 120 / 192, 220 / 256, 0.7, 0.7]
    let kernel = 0.662325
    #expect(
      abs(try loss(op, prediction: Shape(n: 1, c: 6), prediction, points) - (1 - kernel) / 2)
        < 1e-4)
  }
}
