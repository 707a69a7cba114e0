import BackendCPU
import Execution
import Graph
import Nets
import Support
import TestSupport
import Testing

@Suite struct ModelGradientTests {
  @Test(arguments: ["lite", "cnn-pooled", "cnn"])
  func `a model's losses and gradients agree with the float64 reference`(_ name: String) throws {
    let (loss, tensors, whole) = try errors(of: name, .float32)
    #expect(loss < 1e-4)
    for tensor in tensors {
      let isSmall = tensor.difference < 1e-4 * tensor.norm
      let isNoise = tensor.difference < 1e-6 * whole
      #expect(isSmall || isNoise, "\(tensor.name): \(tensor.difference / tensor.norm)")
    }
  }

  @Test(arguments: ["lite", "cnn-pooled", "cnn"])
  func `with bfloat16 maps they agree as far as 8 bits can`(_ name: String) throws {
    let (loss, tensors, whole) = try errors(of: name, .bfloat16)
    #expect(loss < 0.02)
    let difference = tensors.reduce(0) { $0 + $1.difference * $1.difference }.squareRoot()
    #expect(difference < 0.1 * whole, "the gradient is off by \(difference / whole)")
    // Rounding is there: were it not, this would test the other precision once more.
    #expect(difference > 1e-4 * whole)
  }

  private struct TensorError {
    var name: String
    var difference: Double
    var norm: Double
  }

  /// Errors of the losses, of each parameter's gradient, and the norm of the whole gradient.
  private func errors(
    of name: String, _ precision: Precision
  ) throws -> (loss: Double, tensors: [TensorError], whole: Double) {
    let backend = CPUBackend(threads: 2)
    let definition = try Catalog.model(name)
    let batch = 2
    let model = try ModelProgram(
      definition: definition, loss: Catalog.loss(definition.variant(nil).defaults.loss),
      batch: batch, width: 32, height: 48, keypoints: .plain(5), isUnbiased: true,
      precision: precision, workspace: backend.workspaceBytes)
    let session = try backend.makeSession(model.program)
    let plan = model.program.training
    var reference = ReferenceExecutor(plan.graph)

    let table = model.program.parameters
    var weights = [Float](repeating: 0, count: table.slabCount)
    var statistics = [Float](repeating: 0, count: table.statisticSlabCount)
    for (index, tensor) in plan.graph.tensors.enumerated() {
      switch tensor.storage {
      case .parameter(let parameter):
        let values = InitialWeights.values(of: table.parameters[parameter], seed: 3)
        weights.replaceSubrange(
          table.offsets[parameter]..<table.offsets[parameter] + values.count, with: values)
        reference.values[index] = values.map(Double.init)
      case .statistic(let statistic):
        let values = InitialWeights.values(of: table.statistics[statistic], seed: 3)
        statistics.replaceSubrange(
          table.statisticOffsets[statistic]..<table.statisticOffsets[statistic] + values.count,
          with: values)
        reference.values[index] = values.map(Double.init)
      default: break
      }
    }
    weights.withUnsafeBufferPointer { session.write($0, to: .weights) }
    statistics.withUnsafeBufferPointer { session.write($0, to: .statistics) }
    let random = CounterRandom(seed: 5, name: name)
    let images = (0..<batch * 32 * 48 * 3).map { Float(random.normal($0)) }
    let points = (0..<batch * 5 * 3).map { at in
      at % 3 == 2 ? 1 : Float(random.uniform(at, in: 2...30))
    }
    reference[plan.images] = images.map(Double.init)
    reference[plan.keypoints] = points.map(Double.init)
    images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: .training) }
    points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: .training) }
    session.run(.training, batch: batch)
    reference.run()

    var losses = [Float](repeating: 0, count: batch)
    losses.withUnsafeMutableBufferPointer { session.read(plan.losses, of: .training, into: $0) }
    var gradients = [Float](repeating: 0, count: table.slabCount)
    gradients.withUnsafeMutableBufferPointer { session.read(.gradients, into: $0) }
    var (whole, tensors) = (0.0, [TensorError]())
    for (index, tensor) in plan.graph.tensors.enumerated() {
      guard case .parameterGradient(let parameter) = tensor.storage else { continue }
      let offset = table.offsets[parameter]
      var (difference, norm) = (0.0, 0.0)
      for (at, value) in reference.values[index].enumerated() {
        let d = Double(gradients[offset + at]) - value
        difference += d * d
        norm += value * value
      }
      whole += norm
      tensors.append(
        TensorError(
          name: tensor.name, difference: difference.squareRoot(), norm: norm.squareRoot()))
    }
    return (OpRunner.error(losses, reference[plan.losses]), tensors, whole.squareRoot())
  }
}
