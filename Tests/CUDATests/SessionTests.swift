import BackendCPU
import Cropping
import Execution
import FakeCUDA
import Graph
import Nets
import Support
import TestSupport
import Testing

@testable import BackendCUDA

extension CUDATests {
  @Suite struct Sessions {
    @Test(arguments: [SmallModel.lite, .cnn, .updatedCNN, .likelihood, .simcc])
    func `a batch smaller than planned gives the bits of a session planned for it`(
      _ small: SmallModel
    ) throws {
      let backend = try FakeDevice.backend()
      let large = try Trainee(small, batch: 4, on: backend)
      let fitting = try Trainee(small, batch: 2, on: backend)
      // What a larger batch left behind must not be seen.
      large.run(step: 7, batch: 4)
      large.put(fitting.values(.statistics), .statistics)
      for pass in Pass.allCases {
        let (some, all) = (large.run(step: 1, batch: 2, pass), fitting.run(step: 1, batch: 2, pass))
        #expect(some.map(\.bitPattern) == all.map(\.bitPattern), "\(pass)")
      }
      for slab in [Slab.gradients, .statistics] {
        #expect(large.bits(slab) == fitting.bits(slab), "\(slab)")
      }
      // The last pass of training is what an update takes.
      for trainee in [large, fitting] {
        trainee.session.update(
          OptimizerUpdate(rule: .adam, learningRate: 1e-3, weightDecay: 0, step: 1))
      }
      for slab in [Slab.weights, .firstMoments, .secondMoments] {
        #expect(large.bits(slab) == fitting.bits(slab), "\(slab)")
      }
    }

    @Test func `pictures that were copied ahead are the next step's, and no other's`() throws {
      let backend = try FakeDevice.backend()
      let trainee = try Trainee(.lite, batch: 2, on: backend)
      let plan = trainee.model.program.training
      let count = plan.graph[plan.images].shape.count
      let pictures = (0..<count).map { Float($0 % 251) }
      var images = [Float](repeating: 0, count: count)
      func seen() -> [Float] {
        images.withUnsafeMutableBufferPointer {
          trainee.session.read(plan.images, of: .training, into: $0)
        }
        return images
      }
      pictures.withUnsafeBufferPointer { values in
        let pictures = PictureBatch(
          rows: UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped), count: 2, width: 32,
          height: 48)
        // The GPU does not read this memory by itself, so that it is left to a write.
        trainee.session.stage(pictures, batch: 4)
        #expect(!trainee.session.takeStaged(batch: 4))
        backend.pin(UnsafeRawBufferPointer(values))
        trainee.session.stage(pictures, batch: 5)
        #expect(seen() != Array(values))
        #expect(!trainee.session.takeStaged(batch: 4))
        #expect(trainee.session.takeStaged(batch: 5))
        #expect(seen() == Array(values))
        // Once only; and not when another loader counts anew.
        #expect(!trainee.session.takeStaged(batch: 5))
        trainee.session.stage(pictures, batch: 6)
        trainee.session.forgetStaged()
        #expect(!trainee.session.takeStaged(batch: 6))
        backend.unpin(UnsafeRawBufferPointer(values))
      }
    }

    @Test(arguments: [
      (SmallModel.lite, Precision.bfloat16), (.updatedCNN, .float32), (.pooled, .float16),
    ])
    func `recorded graphs give the bits of work that is enqueued anew`(
      _ small: SmallModel, _ precision: Precision
    ) throws {
      func train(recordsGraphs: Bool) throws -> (losses: [[Float]], slabs: [[UInt32]]) {
        let trainee = try Trainee(
          small, batch: 3, precision: precision,
          on: FakeDevice.backend(precision, recordsGraphs: recordsGraphs))
        var losses: [[Float]] = []
        // The first run is eager, the second recorded, later ones replayed.
        for step in 1...4 {
          let batch = step == 3 ? 2 : 3
          losses.append(trainee.run(step: step, batch: batch))
          trainee.session.update(
            OptimizerUpdate(
              rule: .adamw, learningRate: 1e-3 / Double(step), weightDecay: 0.1, step: step))
          losses.append(trainee.run(step: 9, batch: 3, .evaluation))
        }
        let slabs = [Slab.weights, .firstMoments, .secondMoments, .statistics, .gradients]
        return (losses, slabs.map(trainee.bits))
      }
      let eager = try train(recordsGraphs: false)
      #expect(FakeDevice.calls("cuGraphLaunch") == 0)
      let recorded = try train(recordsGraphs: true)
      // Of four evaluations all but the first, of three training passes of three images too, and with these the
      // nodes of an update where there are any.
      #expect(FakeDevice.calls("cuGraphLaunch") == (small.updatesFrom == nil ? 5 : 7))
      #expect(eager.losses.joined().map(\.bitPattern) == recorded.losses.joined().map(\.bitPattern))
      #expect(eager.slabs == recorded.slabs)
      #expect(eager.losses.joined().allSatisfy { $0.isFinite })
    }

    @Test func `slabs are read as they are written, in whole and in part`() throws {
      let options = SessionOptions(moments: 2, accumulates: true, averages: true)
      let trainee = try Trainee(.lite, batch: 2, options: options, on: FakeDevice.backend())
      let random = CounterRandom(seed: 2, name: "ranges")
      var draws = 0
      func draw(_ bound: Int) -> Int {
        draws += 1
        return Int(random.bits(draws) % UInt64(bound))
      }
      for slab in Slab.allCases {
        let count = trainee.session.count(of: slab)
        #expect(count > 0)
        var mirror = (0..<count).map { Float($0) + 0.5 }
        trainee.put(mirror, slab)
        #expect(trainee.values(slab) == mirror, "\(slab)")
        for _ in 0..<12 {
          let first = draw(count)
          let part = (0..<1 + draw(min(count - first, 3000))).map { _ in Float(draw(1 << 20)) }
          trainee.put(part, slab, from: first)
          mirror.replaceSubrange(first..<first + part.count, with: part)
          let from = draw(count)
          let range = from..<from + 1 + draw(count - from)
          #expect(trainee.values(slab, range) == Array(mirror[range]), "\(slab) \(range)")
        }
        #expect(trainee.values(slab) == mirror, "\(slab)")
      }
    }

    @Test func `a filter is the same values as a part of its slab and as a tensor`() throws {
      let trainee = try Trainee(.simcc, batch: 1, on: FakeDevice.backend())
      trainee.run(step: 1, batch: 1)
      let (table, graph) = (trainee.model.program.parameters, trainee.model.program.training.graph)
      let (offsets, gradients) = (table.offsets, table.gradientOffsets)
      var seen = 0
      for (index, tensor) in graph.tensors.enumerated() {
        let place: (slab: Slab, first: Int, parameter: Int)
        switch tensor.storage {
        case .parameter(let parameter): place = (.weights, offsets[parameter], parameter)
        case .parameterGradient(let parameter):
          place = (.gradients, gradients[parameter], parameter)
        default: continue
        }
        let count = table.parameters[place.parameter].layout.count
        var values = [Float](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer {
          trainee.session.read(TensorID(index: index), of: .training, into: $0)
        }
        #expect(
          values == trainee.values(place.slab, place.first..<place.first + count), "\(tensor.name)")
        seen += 1
      }
      #expect(seen >= 2 * table.parameters.count)
    }

    @Test(arguments: [SmallModel.lite, .cnn])
    func `the first result that is not finite is named as on the processor`(
      _ small: SmallModel
    ) throws {
      let gpu = try Trainee(small, batch: 2, on: FakeDevice.backend())
      let cpu = try Trainee(small, batch: 2, on: CPUBackend(threads: 1))
      let table = gpu.model.program.parameters
      for trainee in [gpu, cpu] {
        trainee.feed(step: 1, batch: 2)
        #expect(trainee.session.firstNotFinite(.training, batch: 2) == nil)
      }
      // A bias may be added by the pooling behind its convolution.
      let filters = table.parameters.indices.filter {
        table.parameters[$0].name.hasSuffix("weight") && table.parameters[$0].layout.count > 64
      }
      for broken in [filters[0], filters[filters.count / 2]] {
        for trainee in [gpu, cpu] {
          trainee.put([.infinity], .weights, from: table.offsets[broken])
        }
        let found = try #require(gpu.session.firstNotFinite(.training, batch: 2))
        let expected = try #require(cpu.session.firstNotFinite(.training, batch: 2))
        #expect(found == expected)
        for trainee in [gpu, cpu] { trainee.put([0.1], .weights, from: table.offsets[broken]) }
      }
    }

    @Test func `node times are those of the pass, and no weight moves`() throws {
      let trainee = try Trainee(.updatedCNN, batch: 2, on: FakeDevice.backend())
      let before = trainee.bits(.weights)
      trainee.feed(step: 1, batch: 2)
      let seconds = trainee.session.nodeSeconds(.training, batch: 2)
      #expect(seconds.count == trainee.session.nodeCount(.training))
      #expect(seconds.allSatisfy { $0 >= 0 })
      #expect(trainee.bits(.weights) == before)
    }

    /// A training stood still for minutes at its first saved weights: weight files ask for rows of a filter.
    @Test func `a filter that is read row by row comes from the GPU once, and anew after a step`()
      throws
    {
      let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
      let table = trainee.model.program.parameters
      let place = try #require(
        table.parameters.indices.first {
          if case .convolution = table.parameters[$0].layout { true } else { false }
        })
      let (parameter, offset) = (table.parameters[place], table.offsets[place])
      let columns = parameter.layout.columns
      func rows() -> [Float] {
        (0..<parameter.layout.count / columns).flatMap { row in
          var values = [Float](repeating: 0, count: columns)
          values.withUnsafeMutableBufferPointer {
            trainee.session.read(.weights, from: offset + row * columns, into: $0)
          }
          return values
        }
      }
      fakecuda_reset()
      let first = rows()
      #expect(first == InitialWeights.values(of: parameter, seed: 3))
      #expect(FakeDevice.calls("cuMemcpyDtoHAsync_v2") == 1)
      trainee.run(step: 1, batch: 2)
      trainee.session.update(
        OptimizerUpdate(rule: .adam, learningRate: 1e-3, weightDecay: 0, step: 1))
      #expect(rows() != first)
    }

    @Test func `a pass that is asked to stop is not begun`() throws {
      let trainee = try Trainee(.pooled, batch: 2, on: FakeDevice.backend())
      trainee.feed(step: 1, batch: 2)
      fakecuda_reset()
      #expect(!trainee.session.run(.training, batch: 2, nodes: nil, unless: { true }))
      #expect(FakeDevice.log.isEmpty)
      #expect(trainee.session.run(.training, batch: 2, nodes: nil, unless: { false }))
      #expect(!FakeDevice.log.isEmpty)
    }
  }
}
