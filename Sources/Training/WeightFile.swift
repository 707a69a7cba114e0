import Datasets
import Execution
import Graph
import Nets
import Pose
import RunFiles
import Support
import TensorFiles

/// Writes weights under PyTorch's names and layouts, such that `load_state_dict(strict=True)` of the
/// same network takes them.
final class WeightFile {
  private let setup: TrainingSetup
  private let storage: any StorageCalls
  private var weights: [Float]
  private var statistics: [Float]
  /// The mean training pose, which evaluations set beside the model's figures.
  private let meanPose: JSONValue

  init(_ setup: TrainingSetup, storage: any StorageCalls) {
    self.setup = setup
    self.storage = storage
    let table = setup.model.program.parameters
    weights = [Float](repeating: 0, count: table.slabCount)
    statistics = [Float](repeating: 0, count: table.statisticSlabCount)
    let pose = MeanPose.inInput(
      setup.dataset, samples: setup.split.training, input: setup.input)
    meanPose = .array(
      pose.flatMap { [$0.x, $0.y] }.map { .number(($0 * 1000).rounded() / 1000) })
  }

  /// One tensor of the file, in the file's layout.
  fileprivate struct Tensor {
    let name: String
    let element: TensorElement
    let shape: [Int]
    let bytes: [UInt8]
  }

  /// Weights as they go into a file, now or when the disk takes them again.
  struct Image {
    /// Optimiser steps done.
    let steps: Int
    fileprivate let tensors: [Tensor]
    /// The bytes of all tensors in one array, which outlives the commit.
    fileprivate let bytes: [UInt8]
  }

  /// The present weights.
  ///
  /// - Parameter steps: optimiser steps done, PyTorch's `num_batches_tracked`.
  func image(steps: Int) -> Image {
    weights.withUnsafeMutableBufferPointer { setup.session.read(.weights, into: $0) }
    statistics.withUnsafeMutableBufferPointer { setup.session.read(.statistics, into: $0) }
    let tensors = tensors(steps: steps)
    return Image(steps: steps, tensors: tensors, bytes: tensors.flatMap(\.bytes))
  }

  /// Commits weights.
  func commit(_ image: Image, to path: String) throws(FileError) {
    let outcome: Result<Void, FileError> = image.bytes.withUnsafeBytes { buffer in
      var offset = 0
      let parts = image.tensors.map { tensor in
        defer { offset += tensor.bytes.count }
        return TensorToWrite(
          name: tensor.name, element: tensor.element, shape: tensor.shape,
          bytes: UnsafeRawBufferPointer(rebasing: buffer[offset..<offset + tensor.bytes.count]))
      }
      do throws(FileError) {
        return .success(
          try TensorFileWriter.commit(path, tensors: parts, metadata: metadata, storage: storage))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  /// The tensors in PyTorch's order: after a batch norm's bias its running statistics.
  private func tensors(steps: Int) -> [Tensor] {
    let table = setup.model.program.parameters
    let statisticsByPrefix = Dictionary(
      grouping: zip(table.statistics, table.statisticOffsets), by: { prefix($0.0.name) })
    var result: [Tensor] = []
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      result.append(tensor(parameter, weights, offset))
      guard parameter.name.hasSuffix(".bias"),
        let running = statisticsByPrefix[prefix(parameter.name)]
      else { continue }
      for (statistic, place) in running { result.append(tensor(statistic, statistics, place)) }
      let count = Int64(steps).littleEndian
      result.append(
        Tensor(
          name: "\(prefix(parameter.name)).num_batches_tracked", element: .int64, shape: [],
          bytes: withUnsafeBytes(of: count) { Array($0) }))
    }
    return result
  }

  private func tensor(_ parameter: Parameter, _ slab: [Float], _ offset: Int) -> Tensor {
    var values = [Float](repeating: 0, count: parameter.layout.count)
    for index in values.indices {
      values[index] = slab[offset + parameter.layout.position(ofFileIndex: index)]
    }
    return Tensor(
      name: parameter.name, element: .float32, shape: parameter.layout.fileShape,
      bytes: values.withUnsafeBytes { Array($0) })
  }

  private func prefix(_ name: String) -> String {
    name.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// What a reader must know to use the weights.
  private var metadata: [(key: String, value: String)] {
    let input = setup.input
    return [
      ("format", "pt"), ("model", setup.model.definition.name),
      ("head", setup.model.variant.output.head.rawValue),
      ("loss", setup.model.loss.name), ("input", "\(input.width)x\(input.height)"),
      ("convention", input.convention.rawValue), ("channel_order", "RGB"),
      ("mean", "\(input.mean.x) \(input.mean.y) \(input.mean.z)"),
      ("std", "\(input.deviation.x) \(input.deviation.y) \(input.deviation.z)"),
      ("schema", setup.dataset.schema.json.text), ("mean_pose", meanPose.text),
    ]
  }
}
