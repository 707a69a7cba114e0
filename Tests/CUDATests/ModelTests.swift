import BackendCPU
import Execution
import Graph
import TestSupport
import Testing

extension CUDATests {
  @Suite struct Models {
    @Test(arguments: [
      SmallModel.lite, .pooled, .cnn, .updatedCNN, .likelihood, .regression, .simcc,
    ])
    func `a model trains as on the processor`(_ small: SmallModel) throws {
      let gpu = try Trainee(small, batch: 3, on: FakeDevice.backend())
      let cpu = try Trainee(small, batch: 3, on: CPUBackend(threads: 2))
      for step in 1...3 {
        // Batch norm over the few pixels that two images have at the end of a ResNet multiplies rounding errors
        // by thousands.
        let batch = step == 2 && small.name != "resnet18" ? 2 : 3
        let found = gpu.run(step: step, batch: batch)
        let expected = cpu.run(step: step, batch: batch)
        let error = distance(found, expected)
        #expect(error < 1e-4, "step \(step): losses are off by \(error)")
        for trainee in [gpu, cpu] {
          trainee.session.update(
            OptimizerUpdate(
              rule: .sgd, learningRate: 1e-4, weightDecay: 0.01, momentum: 0.9, step: step))
        }
      }
      let found = gpu.run(step: 9, batch: 3, .evaluation)
      let error = distance(found, cpu.run(step: 9, batch: 3, .evaluation))
      #expect(error < 1e-4, "evaluation: losses are off by \(error)")
    }

    @Test(arguments: [Precision.bfloat16, .float16])
    func `with 16-bit maps losses and gradients agree as far as their bits can`(
      _ precision: Precision
    ) throws {
      let gpu = try Trainee(
        .lite, batch: 3, precision: precision, on: FakeDevice.backend(precision))
      let cpu = try Trainee(.lite, batch: 3, on: CPUBackend(threads: 2))
      let losses = distance(gpu.run(step: 1, batch: 3), cpu.run(step: 1, batch: 3))
      // 8 and 11 bits of mantissa.
      let share = precision == .bfloat16 ? 1.0 : 1.0 / 8
      #expect(losses < 0.02 * share, "losses are off by \(losses)")
      let (found, expected) = (gpu.values(.gradients), cpu.values(.gradients))
      var (difference, norm) = (0.0, 0.0)
      for (value, wanted) in zip(found, expected) {
        difference += Double(value - wanted) * Double(value - wanted)
        norm += Double(wanted) * Double(wanted)
      }
      let error = (difference / norm).squareRoot()
      #expect(error < 0.1 * share, "the gradient is off by \(error)")
      // Rounding is there: were it not, this would test single precision once more.
      #expect(error > 1e-5)
    }
  }
}
