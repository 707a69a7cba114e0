import BackendCPU
import Execution
import Graph
import Support
import TestSupport
import Testing

@testable import BackendCUDA

extension CUDATests {
  /// The scale that keeps half-precision gradients from vanishing, as PyTorch's `GradScaler` moves it.
  @Suite struct LossScale {
    private static let half = Precision.float16

    private static func make(_ small: SmallModel = .pooled) throws -> (Trainee, CUDASession) {
      let trainee = try Trainee(small, batch: 2, precision: half, on: FakeDevice.backend(half))
      return (trainee, try #require(trainee.session as? CUDASession))
    }

    private static func adam(_ step: Int) -> OptimizerUpdate {
      OptimizerUpdate(rule: .adam, learningRate: 0.01, weightDecay: 0, step: step)
    }

    @Test(arguments: [SmallModel.pooled, .updatedCNN])
    func `gradients that overflow leave everything as it is, and halve the scale`(
      _ small: SmallModel
    ) throws {
      let (trainee, session) = try Self.make(small)
      trainee.fillMoments()
      trainee.run(step: 1, batch: 2)
      let slabs = [Slab.weights, .firstMoments, .secondMoments]
      let before = slabs.map(trainee.bits)
      trainee.put([.infinity], .gradients, from: 40)
      session.update(Self.adam(1))
      #expect(slabs.map(trainee.bits) == before)
      trainee.run(step: 2, batch: 2)
      #expect(session.slabWork.scale() == 32_768)
      session.update(Self.adam(2))
      for (slab, old) in zip(slabs, before) { #expect(trainee.bits(slab) != old) }
      trainee.run(step: 3, batch: 2)
      #expect(session.slabWork.scale() == 32_768)
    }

    @Test
    func `after enough good steps the scale is doubled, and an overflow begins the count anew`()
      throws
    {
      let (trainee, session) = try Self.make()
      #expect(session.slabWork.growthInterval == 2000)
      session.slabWork.growthInterval = 5
      var step = 0
      func update(_ count: Int, overflows: Bool = false) -> Float {
        for _ in 0..<count {
          step += 1
          trainee.put([overflows ? .nan : 1], .gradients)
          session.update(OptimizerUpdate(rule: .sgd, learningRate: 0, weightDecay: 0, step: step))
        }
        session.slabWork.settleScale()
        return session.slabWork.scale()
      }
      #expect(update(4) == 65_536)
      #expect(update(1, overflows: true) == 32_768)
      #expect(update(4) == 32_768)
      #expect(update(1) == 65_536)
      #expect(update(4) == 65_536)
      #expect(update(1) == 131_072)
    }

    @Test func `gradients and their norm are read without the scale, before an update and after`()
      throws
    {
      let (trainee, session) = try Self.make()
      let plain = try Trainee(.pooled, batch: 2, on: CPUBackend(threads: 1))
      trainee.run(step: 1, batch: 2)
      plain.run(step: 1, batch: 2)
      let norm = plain.session.gradientNorm()
      #expect(abs(session.gradientNorm() / norm - 1) < 0.02)
      let gradients = trainee.values(.gradients)
      let length = gradients.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(length / session.gradientNorm() - 1) < 1e-5)
      // An update may move the scale, but not what was computed with the old one.
      session.slabWork.growthInterval = 1
      session.update(Self.adam(1))
      #expect(trainee.values(.gradients) == gradients)
      // What is written is read.
      trainee.fill(.gradients, seed: 3)
      let random = CounterRandom(seed: 3, name: Slab.gradients.rawValue)
      let written = (0..<session.count(of: .gradients)).map { Float(random.normal($0)) }
      #expect(trainee.values(.gradients) == written)
    }

    @Test func `a norm that overflowed does not look like a breakdown`() throws {
      let (trainee, session) = try Self.make()
      trainee.run(step: 1, batch: 2)
      trainee.put([.infinity], .gradients, from: 3)
      #expect(session.gradientNorm() == 0)
    }

    /// PyTorch's `GradScaler` does not call the optimiser's step at an overflow, so that Adam does not count it.
    @Test(arguments: [OptimizerUpdate.Rule.adam, .adamw, .sgd])
    func `steps that are left out do not count`(_ rule: OptimizerUpdate.Rule) throws {
      let (trainee, session) = try Self.make()
      let plain = try Trainee(.pooled, batch: 2, on: CPUBackend(threads: 1))
      // Which steps overflow.
      var done = 0
      for (index, overflows) in [true, true, false, true, false, false].enumerated() {
        func update(_ step: Int) -> OptimizerUpdate {
          OptimizerUpdate(
            rule: rule, learningRate: 0.01 / Double(index + 1), weightDecay: 0.1, momentum: 0.9,
            step: step)
        }
        trainee.fill(.gradients, seed: UInt64(index))
        if overflows { trainee.put([.infinity], .gradients, from: 9) }
        session.update(update(index + 1))
        if overflows { continue }
        done += 1
        plain.fill(.gradients, seed: UInt64(index))
        plain.session.update(update(done))
        let error = distance(trainee.values(.weights), plain.values(.weights))
        #expect(error < 1e-6, "step \(index + 1): weights are off by \(error)")
      }
      // Another optimiser counts from its own first step.
      trainee.put(plain.values(.weights), .weights)
      for one in [trainee, plain] {
        one.fillMoments()
        one.fill(.gradients, seed: 50)
        one.session.update(Self.adam(1))
      }
      #expect(distance(trainee.values(.weights), plain.values(.weights)) < 1e-6)
    }

    @Test func `a training that goes on with the saved scale and counters gives the same bits`()
      throws
    {
      let (whole, session) = try Self.make()
      session.slabWork.growthInterval = 3
      // Two overflows at the beginning, one behind the place where the training is taken up.
      func step(_ step: Int, _ trainee: Trainee) {
        trainee.run(step: step, batch: 2)
        if [1, 2, 6].contains(step) { trainee.put([.infinity], .gradients, from: 40) }
        trainee.session.update(Self.adam(step))
      }
      for number in 1...4 { step(number, whole) }
      let saved = try #require(session.lossScaling)
      #expect(saved == LossScaling(scale: 16_384, goodSteps: 2, skippedSteps: 2))
      // Asking changed nothing: the gradients are still read without the scale that they carry.
      #expect(session.lossScaling == saved)
      let slabs: [Slab] = [.weights, .firstMoments, .secondMoments, .statistics]
      let values = slabs.map { whole.values($0) }
      let (other, second) = try Self.make()
      for (slab, values) in zip(slabs, values) { other.put(values, slab) }
      second.slabWork.growthInterval = 3
      second.lossScaling = saved
      #expect(second.lossScaling == saved && second.slabWork.scale() == 16_384)
      for number in 5...9 { for trainee in [whole, other] { step(number, trainee) } }
      #expect(slabs.map(whole.bits) == slabs.map(other.bits))
      #expect(session.lossScaling == second.lossScaling)
      #expect(session.lossScaling == LossScaling(scale: 32_768, goodSteps: 0, skippedSteps: 3))
      // Without a saved one it begins anew; other precisions have none.
      second.lossScaling = nil
      #expect(second.lossScaling == LossScaling(scale: 65_536))
      let plain = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
      plain.session.lossScaling = saved
      #expect(plain.session.lossScaling == nil)
    }

    /// A learning rate that throws the network far off, so that three scales overflow one after the other.
    @Test func `a training with steps left out is the processor's without these steps`() throws {
      let small = SmallModel(name: "cnn", loss: "wing", width: 24, height: 16)
      let (gpu, session) = try Self.make(small)
      let cpu = try Trainee(small, batch: 2, on: CPUBackend(threads: 1))
      var left: [Int] = []
      for step in 1...6 {
        let error = distance(gpu.run(step: step, batch: 2), cpu.run(step: step, batch: 2))
        // Far off, rounding counts for more after the next step.
        #expect(error < (step < 6 ? 0.01 : 0.1), "step \(step): losses are off by \(error)")
        let scale = session.slabWork.scale()
        session.update(Self.adam(step))
        session.slabWork.settleScale()
        if session.slabWork.scale() < scale {
          left.append(step)
        } else {
          cpu.session.update(Self.adam(step - left.count))
        }
      }
      #expect(left == [2, 3, 4])
    }
  }
}
