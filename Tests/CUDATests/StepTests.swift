import BackendCPU
import Execution
import Graph
import TestSupport
import Testing

@testable import BackendCUDA

extension CUDATests {
  /// What is done to slabs, beside the processor's session over the same program.
  @Suite struct Steps {
    private static let all = SessionOptions(moments: 2, accumulates: true, averages: true)

    private static func pair(
      _ small: SmallModel, _ options: SessionOptions = SessionOptions()
    ) throws -> (gpu: Trainee, cpu: Trainee) {
      let pair = (
        gpu: try Trainee(small, batch: 3, options: options, on: FakeDevice.backend()),
        cpu: try Trainee(small, batch: 3, options: options, on: CPUBackend(threads: 1))
      )
      for trainee in [pair.gpu, pair.cpu] { trainee.fillMoments() }
      return pair
    }

    private static let updates: [OptimizerUpdate] = [
      OptimizerUpdate(rule: .adam, learningRate: 0.01, weightDecay: 0.1, step: 3),
      OptimizerUpdate(
        rule: .adamw, learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-3,
        weightDecay: 0.1, gradientScale: 0.3, step: 1),
      OptimizerUpdate(rule: .sgd, learningRate: 0.01, weightDecay: 0.1, step: 2),
      OptimizerUpdate(rule: .sgd, learningRate: 0.01, weightDecay: 0.1, momentum: 0.9, step: 2),
      OptimizerUpdate(
        rule: .sgd, learningRate: 0.01, weightDecay: 0.1, momentum: 0.9, nesterov: true,
        gradientScale: 2, step: 2),
    ]

    @Test(arguments: updates)
    func `an update is the processor's`(_ update: OptimizerUpdate) throws {
      let (gpu, cpu) = try Self.pair(.pooled)
      for trainee in [gpu, cpu] {
        trainee.fill(.gradients, seed: 13)
        trainee.session.update(update)
      }
      for slab in [Slab.weights, .firstMoments, .secondMoments] {
        let error = distance(gpu.values(slab), cpu.values(slab))
        #expect(error < 1e-6, "\(slab) is off by \(error)")
      }
    }

    @Test(arguments: updates)
    func `so it is for layers that are updated with their gradients`(
      _ update: OptimizerUpdate
    ) throws {
      let (gpu, cpu) = try Self.pair(.updatedCNN)
      let before = cpu.values(.weights)
      for trainee in [gpu, cpu] {
        trainee.run(step: 1, batch: 3)
        trainee.session.update(update)
      }
      for slab in [Slab.weights, .firstMoments, .secondMoments] {
        let error = distance(gpu.parameters(slab), cpu.parameters(slab))
        #expect(error < 1e-5, "\(slab) is off by \(error)")
      }
      #expect(distance(before, cpu.values(.weights)) > 1e-3)
    }

    @Test func `an optimiser without moments needs none`() throws {
      let (gpu, cpu) = (
        try Trainee(.pooled, batch: 2, options: .init(moments: 0), on: FakeDevice.backend()),
        try Trainee(.pooled, batch: 2, options: .init(moments: 0), on: CPUBackend(threads: 1))
      )
      for trainee in [gpu, cpu] {
        trainee.fill(.gradients, seed: 13)
        trainee.session.update(
          OptimizerUpdate(rule: .sgd, learningRate: 0.1, weightDecay: 0.1, step: 1))
      }
      #expect(distance(gpu.values(.weights), cpu.values(.weights)) < 1e-6)
    }

    @Test func `gradients of several batches add up, and an update takes their sum`() throws {
      let (gpu, cpu) = try Self.pair(.pooled, Self.all)
      for trainee in [gpu, cpu] {
        trainee.fill(.accumulatedGradients, seed: 1)  // of a step before
        for batch in 0..<3 {
          trainee.fill(.gradients, seed: UInt64(20 + batch))
          trainee.session.accumulateGradients(weight: [1, 1, 0.5][batch], isFirst: batch == 0)
        }
      }
      let error = distance(gpu.values(.accumulatedGradients), cpu.values(.accumulatedGradients))
      #expect(error < 1e-6, "off by \(error)")
      #expect(abs(gpu.session.gradientNorm() / cpu.session.gradientNorm() - 1) < 1e-6)
      for trainee in [gpu, cpu] { trainee.session.update(Self.updates[0]) }
      #expect(distance(gpu.values(.weights), cpu.values(.weights)) < 1e-6)
    }

    @Test func `the norm of the gradients is the processor's`() throws {
      let (gpu, cpu) = try Self.pair(.cnn)
      for trainee in [gpu, cpu] { trainee.fill(.gradients, seed: 4) }
      let (found, expected) = (gpu.session.gradientNorm(), cpu.session.gradientNorm())
      #expect(abs(found / expected - 1) < 1e-6)
      gpu.put([.nan], .gradients, from: 77)
      #expect(!gpu.session.gradientNorm().isFinite)
    }

    @Test func `running means follow, and change places with what they follow`() throws {
      let (gpu, cpu) = try Self.pair(.lite, Self.all)
      for trainee in [gpu, cpu] {
        trainee.fill(.averagedWeights, seed: 30)
        trainee.fill(.averagedStatistics, seed: 31)
        trainee.session.updateAverages(keep: 0.75)
      }
      for slab in [Slab.averagedWeights, .averagedStatistics] {
        #expect(distance(gpu.values(slab), cpu.values(slab)) < 1e-6, "\(slab)")
      }
      let pairs: [(Slab, Slab)] = [
        (.weights, .averagedWeights), (.statistics, .averagedStatistics),
      ]
      let before = pairs.map { (gpu.bits($0), gpu.bits($1)) }
      gpu.session.exchangeAverages()
      for (pair, old) in zip(pairs, before) {
        #expect(gpu.bits(pair.0) == old.1)
        #expect(gpu.bits(pair.1) == old.0)
      }
    }

    /// The copies are what 16-bit products read.
    @Test(arguments: [Precision.bfloat16, .float16])
    func `16-bit copies of the weights follow whatever changes the weights`(
      _ precision: Precision
    ) throws {
      let trainee = try Trainee(
        .updatedCNN, batch: 2, precision: precision, options: .init(averages: true),
        on: FakeDevice.backend(precision))
      let session = try #require(trainee.session as? CUDASession)
      var before: [UInt16] = []
      func check(_ what: String) throws {
        session.finish()
        let count = session.count(of: .weights)
        let weights = try #require(
          UnsafePointer<Float>(bitPattern: UInt(session.memory.slabs[.weights] ?? 0)))
        let copies = try #require(UnsafePointer<UInt16>(bitPattern: UInt(session.memory.shadow)))
        let found = (0..<count).map { copies[$0] }
        let expected = (0..<count).map {
          precision == .float16
            ? SixteenBits.half(weights[$0]) : SixteenBits.bfloat16(weights[$0])
        }
        #expect(found == expected, "after \(what)")
        #expect(found != before, "\(what) changed nothing")
        before = found
      }
      try check("the first weights")
      trainee.run(step: 1, batch: 2)
      session.update(OptimizerUpdate(rule: .adam, learningRate: 0.01, weightDecay: 0, step: 1))
      try check("an update")
      trainee.fill(.averagedWeights, seed: 5)
      session.exchangeAverages()
      try check("an exchange")
      trainee.put([1, 2, 3], .weights, from: 5)
      try check("a write")
    }
  }
}
