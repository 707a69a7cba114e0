import BackendCPU
import Execution
import Graph
import Nets
import Support
import TestSupport
import Testing

@Suite struct UpdateTests {
  private static let batch = 3

  /// A small `cnn` with a session and its first weights.
  private static func make(
    updatesFrom: Int?, threads: Int = 2
  ) throws -> (model: ModelProgram, session: any BackendSession) {
    let backend = CPUBackend(threads: threads)
    let model = try ModelProgram(
      definition: try Catalog.model("cnn"), loss: Catalog.loss("mse"), batch: batch, width: 24,
      height: 16, keypoints: .plain(5), isUnbiased: true, updatesFrom: updatesFrom,
      workspace: backend.workspaceBytes)
    let session = try backend.makeSession(model.program)
    let table = model.program.parameters
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      InitialWeights.values(of: parameter, seed: 3).withUnsafeBufferPointer {
        session.write($0, to: .weights, from: offset)
      }
    }
    let plan = model.program.training
    let random = CounterRandom(seed: 5, name: "update")
    let images = (0..<batch * 16 * 24 * 3).map { Float(random.normal($0)) }
    let points = (0..<batch * 5 * 3).map { at -> Float in
      at % 3 == 2 ? 1 : Float(random.uniform(at, in: 2...14))
    }
    images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: .training) }
    points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: .training) }
    return (model, session)
  }

  private static func values(_ slab: Slab, _ session: any BackendSession) -> [UInt32] {
    var values = [Float](repeating: 0, count: session.count(of: slab))
    values.withUnsafeMutableBufferPointer { session.read(slab, into: $0) }
    return values.map(\.bitPattern)
  }

  private static func train(
    _ session: any BackendSession, _ rule: OptimizerUpdate.Rule, steps: Int = 4
  ) {
    for step in 1...steps {
      // The last batch of an epoch is smaller.
      session.run(.training, batch: step == 3 ? 2 : batch)
      session.update(
        OptimizerUpdate(
          rule: rule, learningRate: 1e-2, weightDecay: 0.1, momentum: 0.9, nesterov: true,
          step: step))
    }
  }

  @Test(arguments: OptimizerUpdate.Rule.allCases)
  func `a layer that is updated with its gradient gets the same bits as by the plain way`(
    _ rule: OptimizerUpdate.Rule
  ) throws {
    let plain = try Self.make(updatesFrom: nil)
    // All of fc1 and fc2; fc1 alone; the same on one thread.
    let variants = [
      try Self.make(updatesFrom: 1), try Self.make(updatesFrom: 1_000_000),
      try Self.make(updatesFrom: 1, threads: 1),
    ]
    Self.train(plain.session, rule)
    for (model, session) in variants {
      Self.train(session, rule)
      #expect(!model.program.parameters.updatedWithGradient.isEmpty)
      for slab in [Slab.weights, .firstMoments, .secondMoments] {
        #expect(Self.values(slab, session) == Self.values(slab, plain.session), "\(slab)")
      }
    }
  }

  @Test func `what is updated with its gradient has no place among the gradients`() throws {
    let plain = try Self.make(updatesFrom: nil)
    let (model, session) = try Self.make(updatesFrom: 1_000_000)
    let table = model.program.parameters
    let named = table.updatedWithGradient.map { table.parameters[$0].name }.sorted()
    #expect(named == ["fc1.bias", "fc1.weight"])
    let left = 256 * 2 * 3 * 1024 + 1024
    #expect(session.count(of: .gradients) == plain.session.count(of: .gradients) - left)
    #expect(session.count(of: .firstMoments) == plain.session.count(of: .firstMoments))
    // The gradients that are left are the plain way's.
    plain.session.run(.training, batch: Self.batch)
    session.run(.training, batch: Self.batch)
    let (all, some) = (Self.values(.gradients, plain.session), Self.values(.gradients, session))
    let gradients = zip(table.offsets, table.gradientOffsets)
    for (index, (whole, packed)) in zip(table.parameters.indices, gradients)
    where !table.updatedWithGradient.contains(index) {
      let count = table.parameters[index].layout.count
      #expect(some[packed..<packed + count] == all[whole..<whole + count])
    }
  }

  @Test func `a pass and a look into it leave the weights alone`() throws {
    let (_, session) = try Self.make(updatesFrom: 1)
    let before = Self.values(.weights, session)
    session.run(.training, batch: Self.batch)
    #expect(session.nodeSeconds(.training, batch: Self.batch).count == session.nodeCount(.training))
    #expect(session.firstNotFinite(.training, batch: Self.batch) == nil)
    #expect(Self.values(.weights, session) == before)
  }
}
