import Graph
import Support
import TestSupport
import Testing

/// The oracle itself is checked: its gradients against differences of its own forward kernels.
@Suite struct ReferenceTests {
  /// A forward case, its gradient cases, and which input each gradient output belongs to.
  private func numericGradient(
    _ opCase: OpCase, input: Int, dy: [Double], samples: [Int]
  ) -> [Double] {
    func value(_ at: Int, _ change: Double) -> Double {
      var executor = ReferenceExecutor(opCase.graph)
      for index in opCase.inputs.indices {
        executor[TensorID(index: index)] = opCase.values(ofInput: index).map(Double.init)
      }
      executor[TensorID(index: input)][at] += change
      executor.run()
      return zip(executor[TensorID(index: opCase.inputs.count)], dy).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let step = 1e-6
    return samples.map { (value($0, step) - value($0, -step)) / (2 * step) }
  }

  private static let differentiable = OpCase.all.filter { opCase in
    switch opCase.op {
    case .convolution, .transposedConvolution, .batchNorm, .batchNormInference, .linear, .maxPool,
      .globalAveragePool, .upsample, .add, .simccLinear:
      opCase.inputs[0].count < 2000 && opCase.inputs.reduce(0) { $0 + $1.count } < 20_000
    default: false
    }
  }

  @Test(arguments: differentiable)
  func `the reference's gradients are those of its forward kernels`(_ opCase: OpCase) {
    var forward = ReferenceExecutor(opCase.graph)
    for index in opCase.inputs.indices {
      forward[TensorID(index: index)] = opCase.values(ofInput: index).map(Double.init)
    }
    forward.run()
    let y = forward[TensorID(index: opCase.inputs.count)]
    let random = CounterRandom(seed: 3, name: opCase.name)
    let dy = y.indices.map { random.normal($0) }
    for (input, gradient) in gradients(opCase, forward, dy: dy) {
      let count = opCase.inputs[input].count
      let samples = (0..<min(count, 12)).map { Int(random.bits(1000 + $0) % UInt64(count)) }
      let numeric = numericGradient(opCase, input: input, dy: dy, samples: samples)
      let scale = gradient.map { abs($0) }.max() ?? 1
      for (sample, expected) in zip(samples, numeric) {
        #expect(abs(gradient[sample] - expected) < 1e-5 * max(scale, 1e-3))
      }
    }
  }

  /// The gradients that the reference computes for each input that has one.
  private func gradients(
    _ opCase: OpCase, _ forward: ReferenceExecutor, dy: [Double]
  ) -> [(input: Int, gradient: [Double])] {
    let inputs = opCase.inputs.indices.map { forward[TensorID(index: $0)] }
    let outputs = opCase.outputs.indices.map {
      forward[TensorID(index: opCase.inputs.count + $0)]
    }
    let shapes = opCase.inputs
    let yShape = opCase.outputs[0]
    func run(_ op: Op, _ values: [[Double]], _ from: [Shape], _ to: [Shape]) -> [[Double]] {
      let single = OpCase(
        name: "", op: op, inputs: from, outputs: to, accumulates: to.map { _ in false },
        tolerance: 0)
      var executor = ReferenceExecutor(single.graph)
      for (index, value) in values.enumerated() { executor[TensorID(index: index)] = value }
      executor.run()
      return to.indices.map { executor[TensorID(index: from.count + $0)] }
    }
    switch opCase.op {
    case .convolution(let a):
      let g = a.relu ? zip(dy, outputs[0]).map { $1 > 0 ? $0 : 0 } : dy
      let dx = run(.convolutionDataGradient(a), [g, inputs[1]], [yShape, shapes[1]], [shapes[0]])
      let dw = run(
        .convolutionWeightGradient(a), [inputs[0], g], [shapes[0], yShape],
        [shapes[1]] + (a.hasBias ? [shapes[2]] : []))
      return [(0, dx[0]), (1, dw[0])] + (a.hasBias ? [(2, dw[1])] : [])
    case .batchNorm(let a):
      let result = run(
        .batchNormGradient(a),
        [dy, inputs[0], inputs[1], inputs[2], outputs[1], outputs[2]]
          + (a.masksByOutput ? [outputs[0]] : []),
        [yShape, shapes[0], shapes[1], shapes[1], shapes[1], shapes[1]]
          + (a.masksByOutput ? [yShape] : []),
        [shapes[0], shapes[1], shapes[1]] + (a.hasResidual ? [shapes[0]] : []))
      return [(0, result[0]), (1, result[1]), (2, result[2])]
        + (a.hasResidual ? [(5, result[3])] : [])
    case .batchNormInference(let a):
      let result = run(
        .batchNormInferenceGradient(a), [dy, outputs[0], inputs[1], inputs[4]],
        [yShape, yShape, shapes[1], shapes[4]], [shapes[0]] + (a.hasResidual ? [shapes[0]] : []))
      return [(0, result[0])] + (a.hasResidual ? [(5, result[1])] : [])
    case .transposedConvolution(let a):
      let dx = run(
        .transposedConvolutionDataGradient(a), [dy, inputs[1]], [yShape, shapes[1]], [shapes[0]])
      let dw = run(
        .transposedConvolutionWeightGradient(a), [inputs[0], dy], [shapes[0], yShape],
        [shapes[1]])
      return [(0, dx[0]), (1, dw[0])]
    case .add(let a):
      let result = run(
        .addGradient(a), a.relu ? [dy, outputs[0]] : [dy], a.relu ? [yShape, yShape] : [yShape],
        [shapes[0], shapes[1]])
      return [(0, result[0]), (1, result[1])]
    case .simccLinear(let a):
      let dx = run(
        .simccLinearDataGradient(a), [dy, inputs[1], inputs[3]], [yShape, shapes[1], shapes[3]],
        [shapes[0]])
      let dw = run(
        .simccLinearWeightGradient(a), [inputs[0], dy], [shapes[0], yShape],
        Array(shapes[1...]))
      return [(0, dx[0]), (1, dw[0]), (2, dw[1]), (3, dw[2]), (4, dw[3])]
    case .linear(let a):
      let g = a.relu ? zip(dy, outputs[0]).map { $1 > 0 ? $0 : 0 } : dy
      let dx = run(.linearDataGradient(a), [g, inputs[1]], [yShape, shapes[1]], [shapes[0]])
      let dw = run(
        .linearWeightGradient(a), [inputs[0], g], [shapes[0], yShape], [shapes[1], shapes[2]])
      return [(0, dx[0]), (1, dw[0]), (2, dw[1])]
    case .maxPool(let a):
      let more = a.relu ? [outputs[0]] : []
      return [
        (
          0,
          run(
            .maxPoolGradient(a), [dy, outputs[1]] + more,
            [yShape, yShape] + (a.relu ? [yShape] : []), [shapes[0]])[0]
        )
      ]
    case .globalAveragePool:
      return [(0, run(.globalAveragePoolGradient, [dy], [yShape], [shapes[0]])[0])]
    case .upsample(let a):
      return [(0, run(.upsampleGradient(a), [dy], [yShape], [shapes[0]])[0])]
    default: return []
    }
  }

  private static let losses = OpCase.all.filter { opCase in
    switch opCase.op {
    case .heatmapLoss, .coordinateLoss, .simccLoss, .likelihoodLoss: true
    default: false
    }
  }

  @Test(arguments: losses)
  func `the reference's loss gradients are differences of its losses`(_ opCase: OpCase) {
    func run(_ change: (inout Values) -> Void) -> (loss: Double, gradient: Values) {
      var executor = ReferenceExecutor(opCase.graph)
      for index in opCase.inputs.indices {
        executor[TensorID(index: index)] = opCase.values(ofInput: index).map(Double.init)
      }
      change(&executor[TensorID(index: 0)])
      executor.run()
      return (
        executor[TensorID(index: opCase.inputs.count)].reduce(0, +),
        executor[TensorID(index: opCase.inputs.count + 1)]
      )
    }
    let gradient = run { _ in }.gradient
    let scale = max(gradient.map { abs($0) }.max() ?? 0, 1e-9)
    let random = CounterRandom(seed: 3, name: opCase.name)
    for sample in 0..<24 {
      let at = Int(random.bits(sample) % UInt64(gradient.count))
      let step = 1e-6
      let numeric =
        (run { $0[at] += step }.loss - run { $0[at] -= step }.loss) / (2 * step)
      #expect(abs(gradient[at] - numeric) < 1e-4 * scale)
    }
  }

  /// Every parameter of the flow is asked at three places.
  @Test func `the gradients of the flow are differences of the likelihood loss`() throws {
    let loss = try #require(OpCase.all.first { $0.name == "likelihood loss" })
    let gradient = try #require(OpCase.all.first { $0.name == "likelihood gradient" })
    func executor(_ opCase: OpCase) -> ReferenceExecutor {
      var executor = ReferenceExecutor(opCase.graph)
      for index in opCase.inputs.indices {
        executor[TensorID(index: index)] = loss.values(ofInput: index).map(Double.init)
      }
      return executor
    }
    var analytic = executor(gradient)
    analytic.run()
    let random = CounterRandom(seed: 3, name: "flow")
    for tensor in 2..<loss.inputs.count {
      let values = analytic[TensorID(index: gradient.inputs.count + tensor - 2)]
      let scale = values.map { abs($0) }.max() ?? 0
      #expect(scale > 0)
      for sample in 0..<3 {
        let at = Int(random.bits(3 * tensor + sample) % UInt64(values.count))
        func run(_ step: Double) -> Double {
          var changed = executor(loss)
          changed[TensorID(index: tensor)][at] += step
          changed.run()
          return changed[TensorID(index: loss.inputs.count)].reduce(0, +)
        }
        // A small step: a larger one crosses kinks of the couplings behind.
        let numeric = (run(1e-8) - run(-1e-8)) / 2e-8
        #expect(abs(numeric - values[at]) < 1e-4 * scale, "\(tensor), \(at)")
      }
    }
  }
}
