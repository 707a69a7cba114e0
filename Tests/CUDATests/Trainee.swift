import Execution
import Graph
import Nets
import Support
import TestSupport

/// A model at a size that a made-up GPU can stand.
struct SmallModel: Sendable, CustomStringConvertible {
  var name: String
  var head: Head?
  var loss: String
  var width: Int
  var height: Int
  /// As `ModelProgram` takes it.
  var updatesFrom: Int?

  var description: String {
    "\(name) \(loss) \(width)x\(height)\(updatesFrom == nil ? "" : ", updated with the gradient")"
  }

  static let lite = SmallModel(name: "lite", loss: "heatmap-mse", width: 32, height: 48)
  static let pooled = SmallModel(name: "cnn-pooled", loss: "smooth-l1", width: 32, height: 48)
  static let cnn = SmallModel(name: "cnn", loss: "mse", width: 24, height: 16)
  /// All its fully connected layers are updated as their gradients are computed.
  static let updatedCNN = SmallModel(
    name: "cnn", loss: "mse", width: 24, height: 16, updatesFrom: 1)
  static let regression = SmallModel(
    name: "resnet18", head: .regression, loss: "wing", width: 64, height: 64)
  static let likelihood = SmallModel(
    name: "cnn-pooled", head: .regression, loss: "rle", width: 32, height: 48)
  static let simcc = SmallModel(
    name: "resnet18", head: .simcc, loss: "simcc-kl", width: 32, height: 64)

  static let keypoints = 5
}

/// A small model on a backend with its first weights; pictures and keypoints are functions of the step.
final class Trainee {
  let small: SmallModel
  let model: ModelProgram
  let session: any BackendSession

  init(
    _ small: SmallModel, batch: Int, precision: Precision = .float32,
    options: SessionOptions = SessionOptions(), on backend: any Backend
  ) throws {
    self.small = small
    model = try ModelProgram(
      definition: try Catalog.model(small.name), head: small.head,
      loss: Catalog.loss(small.loss), batch: batch, width: small.width, height: small.height,
      keypoints: .plain(SmallModel.keypoints), isUnbiased: true, precision: precision,
      updatesFrom: small.updatesFrom, workspace: backend.workspaceBytes)
    let session = try backend.makeSession(model.program, options)
    self.session = session
    session.writeFirstValues(of: model.program.parameters, seed: 3)
  }

  /// Writes the first `batch` pictures and keypoints of a step; those of a smaller batch are the same.
  func feed(step: Int, batch: Int, _ pass: Pass = .training) {
    let plan = pass == .training ? model.program.training : model.program.evaluation
    let random = CounterRandom(seed: 5, name: "step \(step)")
    let images = (0..<batch * small.width * small.height * 3).map { Float(random.normal($0)) }
    let places = CounterRandom(seed: 6, name: "step \(step)")
    let points = (0..<batch * SmallModel.keypoints * 3).map { at -> Float in
      switch at % 3 {
      case 0: Float(places.uniform(at, in: 2...Double(small.width - 3)))
      case 1: Float(places.uniform(at, in: 2...Double(small.height - 3)))
      default: at / 3 % 4 == 3 ? 0 : 1
      }
    }
    images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: pass) }
    points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: pass) }
  }

  /// Forward, and backward when it is the training pass; the losses of the images.
  @discardableResult
  func run(step: Int, batch: Int, _ pass: Pass = .training) -> [Float] {
    feed(step: step, batch: batch, pass)
    session.run(pass, batch: batch)
    let plan = pass == .training ? model.program.training : model.program.evaluation
    var losses = [Float](repeating: 0, count: batch)
    losses.withUnsafeMutableBufferPointer { session.read(plan.losses, of: pass, into: $0) }
    return losses
  }

  /// A slab, or a part of it.
  func values(_ slab: Slab, _ range: Range<Int>? = nil) -> [Float] {
    let range = range ?? 0..<session.count(of: slab)
    var values = [Float](repeating: 0, count: range.count)
    values.withUnsafeMutableBufferPointer {
      session.read(slab, from: range.lowerBound, into: $0)
    }
    return values
  }

  /// A slab of the weights' layout without what lies between the parameters, which means nothing.
  func parameters(_ slab: Slab) -> [Float] {
    let (all, table) = (values(slab), model.program.parameters)
    return zip(table.parameters, table.offsets).flatMap { parameter, offset in
      all[offset..<offset + parameter.layout.count]
    }
  }

  func put(_ values: [Float], _ slab: Slab, from offset: Int = 0) {
    values.withUnsafeBufferPointer { session.write($0, to: slab, from: offset) }
  }

  func bits(_ slab: Slab) -> [UInt32] { values(slab).map(\.bitPattern) }

  /// Fills a slab with numbers: of no size where they are `positive`, in which second moments lie.
  func fill(_ slab: Slab, seed: UInt64, positive: Bool = false) {
    let random = CounterRandom(seed: seed, name: slab.rawValue)
    put(
      (0..<session.count(of: slab)).map {
        positive ? Float(random.uniform($0, in: 0.5...1.5)) : Float(random.normal($0))
      }, slab)
  }

  /// Fills what the optimiser reads beside the weights, so that no step hangs on the sign of a gradient
  /// that is nearly zero.
  func fillMoments() {
    fill(.firstMoments, seed: 11)
    fill(.secondMoments, seed: 12, positive: true)
  }
}

/// Largest difference as a share of the largest value.
func distance(_ values: [Float], _ expected: [Float]) -> Double {
  OpRunner.error(values, expected.map(Double.init))
}
