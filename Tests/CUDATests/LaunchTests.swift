import Execution
import FakeCUDA
import Graph
import Testing

extension CUDATests {
  @Suite struct Launches {
    /// Three times convolution with ReLU and max pooling, the mean, one fully connected layer, smooth L1.
    private let forward = [
      "convolutionForward", "maxPool", "convolutionForward", "maxPool", "convolutionForward",
      "maxPool", "globalAveragePool", "matrixProduct", "addBiasFloat", "countLabelled",
      "coordinateLoss",
    ]
    private let backward = [
      // The fully connected layer: weights, bias, what went in.
      "matrixProduct", "columnSumsFloat", "sumParts", "matrixProduct",
      "globalAveragePoolGradient",
      // Convolutions: filters, bias, what went in, but for the pictures.
      "maxPoolGradient", "convolutionWeightGradient", "sumParts", "columnSumsFloat", "sumParts",
      "convolutionDataGradient",
      "maxPoolGradient", "convolutionWeightGradient", "sumParts", "columnSumsFloat", "sumParts",
      "convolutionDataGradient",
      "maxPoolGradient", "convolutionWeightGradient", "sumParts", "columnSumsFloat", "sumParts",
    ]
    /// What is decayed and what is not.
    private let update = ["optimizerStep", "optimizerStep"]

    /// A step of a small network: what is launched, in order.
    @Test func `a step launches its kernels in the graph's order`() throws {
      let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
      trainee.feed(step: 1, batch: 2)
      trainee.session.finish()
      fakecuda_reset()
      trainee.session.run(.training, batch: 2)
      trainee.session.update(
        OptimizerUpdate(rule: .adam, learningRate: 1e-3, weightDecay: 0.1, step: 1))
      let launches = FakeDevice.log.compactMap { line -> String? in
        let words = line.split(separator: " ")
        return words.first == "launch" ? String(words[1]) : nil
      }
      #expect(launches == forward + backward + update)
    }
  }
}
