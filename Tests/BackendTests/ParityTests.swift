import BackendCPU
import Execution
import Glibc
import Graph
import Nets
import Support
import TestSupport
import Testing

/// The engine beside PyTorch, by the golden files that `Tests/Peers/golden.py` wrote: the same initial
/// weights, pictures and keypoints, all made by the same formula on both sides.
@Suite(.serialized) struct ParityTests {
  /// What a golden file says.
  private struct Golden {
    let json: JSONValue
    let batch: Int
    let width: Int
    let height: Int
    static let keypoints = 17
    static let batches = 8

    init(_ name: String) throws {
      let folder = Path.join(Path.parent(of: #filePath), "Goldens")
      json = try FileReading.json(of: Path.join(folder, "\(name).json"), limit: 1 << 24)
      batch = try #require(json["batch"]?.int)
      width = try #require(json["width"]?.int)
      height = try #require(json["height"]?.int)
    }

    func numbers(_ key: String) -> [Double] { json[key]?.array?.compactMap(\.double) ?? [] }

    func rate(step: Int) throws -> Double {
      let schedule = LearningRateSchedule(
        base: try #require(json["lr"]?.double), warmup: try #require(json["warmup"]?.int),
        total: 1000, stepsPerEpoch: 1000, definition: try Catalog.schedule("constant"))
      return schedule.rate(atStep: step)
    }
  }

  /// A model with its session and the golden file's data.
  private final class Run {
    let golden: Golden
    let model: ModelProgram
    let session: any BackendSession
    let rule: OptimizerUpdate.Rule
    private let images: [Float]
    private let points: [Float]

    init(_ name: String) throws {
      golden = try Golden(name)
      let definition = try Catalog.model(try #require(golden.json["model"]?.string))
      let backend = CPUBackend(threads: 2)
      let isFrozen = golden.json["frozen"]?.bool == true
      model = try ModelProgram(
        definition: definition, head: Head(rawValue: golden.json["head"]?.string ?? ""),
        loss: Catalog.loss(golden.json["loss"]?.string ?? ""), batch: golden.batch,
        width: golden.width, height: golden.height, keypoints: .plain(Golden.keypoints),
        isUnbiased: true, isFrozen: { isFrozen && !$0.contains(".fc.") },
        workspace: backend.workspaceBytes)
      rule = try Catalog.optimizer(golden.json["optimizer"]?.string ?? "")
      let session = try backend.makeSession(model.program)
      self.session = session
      let table = model.program.parameters
      for (parameter, offset) in zip(table.parameters, table.offsets) {
        InitialWeights.values(of: parameter, seed: 0).withUnsafeBufferPointer {
          session.write($0, to: .weights, from: offset)
        }
      }
      for (statistic, offset) in zip(table.statistics, table.statisticOffsets) {
        InitialWeights.values(of: statistic, seed: 0).withUnsafeBufferPointer {
          session.write($0, to: .statistics, from: offset)
        }
      }
      let samples = Golden.batches * golden.batch
      let pixels = CounterRandom(seed: 1, name: "images")
      images = (0..<samples * golden.width * golden.height * 3).map { Float(pixels.normal($0)) }
      let places = CounterRandom(seed: 1, name: "keypoints")
      let (width, height) = (golden.width, golden.height)
      points = (0..<samples * Golden.keypoints).flatMap { point -> [Float] in
        [
          Float(2 + places.uniform(2 * point) * Double(width - 5)),
          Float(2 + places.uniform(2 * point + 1) * Double(height - 5)), point % 5 == 4 ? 0 : 1,
        ]
      }
    }

    /// Forward and backward of a step (from 0) with its loss.
    func step(_ number: Int) -> Double {
      let at = number % Golden.batches
      let plan = model.program.training
      func write(_ values: [Float], _ tensor: TensorID) {
        let count = values.count / Golden.batches
        values[(at * count)..<((at + 1) * count)].withUnsafeBufferPointer {
          session.write($0, to: tensor, of: .training)
        }
      }
      write(images, plan.images)
      write(points, plan.keypoints)
      session.run(.training, batch: golden.batch)
      var losses = [Float](repeating: 0, count: golden.batch)
      losses.withUnsafeMutableBufferPointer { session.read(plan.losses, of: .training, into: $0) }
      return losses.reduce(0) { $0 + Double($1) }
    }

    func update(_ number: Int) throws {
      session.update(
        OptimizerUpdate(
          rule: rule, learningRate: try golden.rate(step: number + 1), weightDecay: 0.01,
          momentum: 0.9, step: number + 1))
    }
  }

  static let cases = [
    "cnn", "lite", "resnet18-wing", "resnet18-frozen", "resnet18-simcc",
    "resnet50-heatmap",
  ]

  /// Within a thousandth of PyTorch's float32, or where float32 itself drifts, no further from its
  /// float64 than twice as far as its float32 is.
  @Test(arguments: cases)
  func `losses are PyTorch's`(_ name: String) throws {
    let run = try Run(name)
    let single = run.golden.numbers("losses_float32")
    let double = run.golden.numbers("losses_float64")
    let isLong = getenv("POSETOP_LONG_TESTS") != nil
    var drift = 0.0
    for step in 0..<(isLong ? 50 : 5) {
      let loss = run.step(step)
      drift = max(drift, abs(single[step] - double[step]))
      let isClose = abs(loss - single[step]) <= 1e-3 * abs(single[step])
      #expect(
        isClose || abs(loss - double[step]) <= 2 * drift,
        "step \(step + 1): \(loss), PyTorch \(single[step]), in float64 \(double[step])")
      try run.update(step)
    }
  }
}
