import BackendCPU
import Execution
import Glibc
import Graph
import Nets
import Support
import TestSupport
import Testing

/// The gradients of every model beside PyTorch's in float64, by the golden files that
/// `Tests/Peers/gradients.py` wrote; the networks are moved away from the kinks of ReLU and pooling, as
/// it explains.
@Suite(.serialized) struct GradientParityTests {
  static let cases: [String] = {
    let folder = Path.join(Path.parent(of: #filePath), "Goldens/Gradients")
    return (Path.names(in: folder) ?? []).filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }.sorted()
  }()

  @Test func `there is a golden file for every model`() {
    for model in Catalog.models {
      #expect(Self.cases.contains { $0 == model.name }, "\(model.name)")
    }
  }

  /// The session of a golden file's model after one pass forward and backward.
  private func run(_ golden: JSONValue) throws -> (ModelProgram, any BackendSession, Double) {
    let batch = try #require(golden["batch"]?.int)
    let (width, height) = (
      try #require(golden["width"]?.int), try #require(golden["height"]?.int)
    )
    let backend = CPUBackend(threads: 2)
    let model = try ModelProgram(
      definition: Catalog.model(golden["model"]?.string ?? ""),
      head: Head(rawValue: golden["head"]?.string ?? ""),
      loss: Catalog.loss(golden["loss"]?.string ?? ""), batch: batch, width: width,
      height: height, keypoints: .plain(17), isUnbiased: true, workspace: backend.workspaceBytes)
    let session = try backend.makeSession(model.program)
    let table = model.program.parameters
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      var values = InitialWeights.values(of: parameter, seed: 0)
      if let amplitude = golden["biases"]?[parameter.name]?.double {
        for index in values.indices {
          values[index] = Float(index % 2 == 0 ? amplitude : -amplitude)
        }
      }
      if let scale = golden["scales"]?[parameter.name]?.double {
        for index in values.indices { values[index] *= Float(scale) }
      }
      values.withUnsafeBufferPointer { session.write($0, to: .weights, from: offset) }
    }
    for (statistic, offset) in zip(table.statistics, table.statisticOffsets) {
      InitialWeights.values(of: statistic, seed: 0).withUnsafeBufferPointer {
        session.write($0, to: .statistics, from: offset)
      }
    }
    let plan = model.program.training
    let seed = UInt64(try #require(golden["seed"]?.int))
    let pixels = CounterRandom(seed: seed, name: "images")
    let images = (0..<batch * width * height * 3).map { Float(pixels.normal($0)) }
    let places = CounterRandom(seed: seed, name: "keypoints")
    let points = (0..<batch * 17).flatMap { point -> [Float] in
      [
        Float(2 + places.uniform(2 * point) * Double(width - 5)),
        Float(2 + places.uniform(2 * point + 1) * Double(height - 5)), point % 5 == 4 ? 0 : 1,
      ]
    }
    images.withUnsafeBufferPointer { session.write($0, to: plan.images, of: .training) }
    points.withUnsafeBufferPointer { session.write($0, to: plan.keypoints, of: .training) }
    session.run(.training, batch: batch)
    var losses = [Float](repeating: 0, count: batch)
    losses.withUnsafeMutableBufferPointer { session.read(plan.losses, of: .training, into: $0) }
    return (model, session, losses.reduce(0) { $0 + Double($1) })
  }

  /// The error of each tensor is below a ten-thousandth of its norm, or a millionth of that of the whole
  /// gradient where its own is rounding noise.
  @Test(arguments: cases)
  func `gradients are PyTorch's in float64`(_ name: String) throws {
    let folder = Path.join(Path.parent(of: #filePath), "Goldens/Gradients")
    let golden = try FileReading.json(of: Path.join(folder, "\(name).json"), limit: 1 << 24)
    let (model, session, loss) = try run(golden)
    let expectedLoss = try #require(golden["loss_float64"]?.double)
    #expect(abs(loss - expectedLoss) < 1e-5 * abs(expectedLoss), "\(loss), \(expectedLoss)")
    let gradients = try #require(golden["gradients"]?.object)
    let whole = gradients.members.reduce(0) { sum, member in
      let norm = member.value["norm"]?.double ?? 0
      return sum + norm * norm
    }.squareRoot()
    let table = model.program.parameters
    var worst = (error: 0.0, name: "")
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      let expected = try #require(gradients[parameter.name], "\(parameter.name) is missing")
      let norm = try #require(expected["norm"]?.double)
      let samples = expected["samples"]?.array?.compactMap(\.double) ?? []
      let count = parameter.layout.count
      var values = [Float](repeating: 0, count: count)
      values.withUnsafeMutableBufferPointer { session.read(.gradients, from: offset, into: $0) }
      var (squares, error) = (0.0, 0.0)
      for value in values { squares += Double(value) * Double(value) }
      for (index, sample) in samples.enumerated() {
        let place = parameter.layout.position(ofFileIndex: index * 2_654_435_761 % count)
        error += (Double(values[place]) - sample) * (Double(values[place]) - sample)
      }
      // The error of the whole tensor, as the samples tell it.
      error = (error / Double(max(samples.count, 1)) * Double(count)).squareRoot()
      error = max(error, abs(squares.squareRoot() - norm))
      let share = error / max(norm, 1e-2 * whole)
      if share > worst.error { worst = (share, parameter.name) }
      #expect(
        error < 1e-4 * norm || error < 1e-6 * whole, "\(parameter.name): \(error) of \(norm)")
    }
    print("\(name): largest error \(worst.error) of the norm, in \(worst.name)")
  }
}
