public import Execution
public import Graph
public import Nets
public import Support

/// What a golden file of `Tests/Peers/golden.py` says: PyTorch's losses of one training.
public struct ParityGolden {
  /// The whole file.
  public let json: JSONValue
  /// Images in a batch.
  public let batch: Int
  /// Input width, px.
  public let width: Int
  /// Input height, px.
  public let height: Int
  static let keypoints = 17
  static let batches = 8

  /// Reads `<name>.json` in a folder.
  public init(_ name: String, folder: String) throws {
    let json = try FileReading.json(of: Path.join(folder, "\(name).json"), limit: 1 << 24)
    func number(_ key: String) throws -> Int {
      guard let value = json[key]?.int else { throw ParityError(missing: key, golden: name) }
      return value
    }
    self.json = json
    batch = try number("batch")
    width = try number("width")
    height = try number("height")
  }

  /// A list of numbers.
  public func numbers(_ key: String) -> [Double] { json[key]?.array?.compactMap(\.double) ?? [] }

  /// A list of lists of numbers.
  public func lists(_ key: String) -> [[Double]] {
    json[key]?.array?.compactMap { $0.array?.compactMap(\.double) } ?? []
  }

  /// The learning rate of a step, counted from 1.
  public func rate(step: Int) throws -> Double {
    guard let base = json["lr"]?.double, let warmup = json["warmup"]?.int else {
      throw ParityError(missing: "lr, warmup", golden: "")
    }
    let schedule = LearningRateSchedule(
      base: base, warmup: warmup, total: 1000, stepsPerEpoch: 1000,
      definition: try Catalog.schedule("constant"))
    return schedule.rate(atStep: step)
  }
}

/// A golden file without what it should hold.
public struct ParityError: Error {
  let missing: String
  let golden: String
}

/// The training of a golden file on a backend: the same initial weights, pictures and keypoints, all
/// made by the same formula there and here.
public final class ParityRun {
  /// What PyTorch got.
  public let golden: ParityGolden
  /// The model.
  public let model: ModelProgram
  /// Its memory.
  public let session: any BackendSession
  private let rule: OptimizerUpdate.Rule
  private let images: [Float]
  private let points: [Float]

  /// A training that has not begun.
  ///
  /// - Parameter folder: where the golden files are.
  public init(
    _ name: String, folder: String, on backend: any Backend, precision: Precision = .float32
  ) throws {
    golden = try ParityGolden(name, folder: folder)
    let definition = try Catalog.model(golden.json["model"]?.string ?? "")
    let isFrozen = golden.json["frozen"]?.bool == true
    model = try ModelProgram(
      definition: definition, head: Head(rawValue: golden.json["head"]?.string ?? ""),
      loss: Catalog.loss(golden.json["loss"]?.string ?? ""), batch: golden.batch,
      width: golden.width, height: golden.height, keypoints: .plain(ParityGolden.keypoints),
      isUnbiased: true, precision: precision,
      isFrozen: { isFrozen && !$0.contains(".fc.") }, workspace: backend.workspaceBytes)
    rule = try Catalog.optimizer(golden.json["optimizer"]?.string ?? "")
    let session = try backend.makeSession(model.program)
    self.session = session
    session.writeFirstValues(of: model.program.parameters, seed: 0)
    let samples = ParityGolden.batches * golden.batch
    let pixels = CounterRandom(seed: 1, name: "images")
    images = (0..<samples * golden.width * golden.height * 3).map { Float(pixels.normal($0)) }
    let places = CounterRandom(seed: 1, name: "keypoints")
    let (width, height) = (golden.width, golden.height)
    points = (0..<samples * ParityGolden.keypoints).flatMap { point -> [Float] in
      [
        Float(2 + places.uniform(2 * point) * Double(width - 5)),
        Float(2 + places.uniform(2 * point + 1) * Double(height - 5)), point % 5 == 4 ? 0 : 1,
      ]
    }
  }

  /// Forward and backward of a step (from 0) with its loss.
  public func step(_ number: Int) -> Double {
    let at = number % ParityGolden.batches
    let plan = model.program.training
    func write(_ values: [Float], _ tensor: TensorID) {
      let count = values.count / ParityGolden.batches
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

  /// The optimiser's step after it.
  public func update(_ number: Int) throws {
    session.update(
      OptimizerUpdate(
        rule: rule, learningRate: try golden.rate(step: number + 1), weightDecay: 0.01,
        momentum: 0.9, step: number + 1))
  }
}
