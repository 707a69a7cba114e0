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
///
/// The values flow through a panel of some columns of one parameter, so that no copy of the weights is
/// ever made.
struct WeightFile {
  /// Values of a panel at most, unless eight columns have more.
  private static let panelCount = 1 << 20

  private let session: any BackendSession
  private let table: ParameterTable
  private let metadata: [(key: String, value: String)]
  private let storage: any StorageCalls

  init(_ setup: TrainingSetup, storage: any StorageCalls) {
    session = setup.session
    table = setup.model.program.parameters
    let pose = MeanPose.inInput(
      setup.dataset, samples: setup.split.training, input: setup.input)
    // The mean training pose, which evaluations set beside the model's figures.
    let meanPose = JSONValue.array(
      pose.flatMap { [$0.x, $0.y] }.map { .number(($0 * 1000).rounded() / 1000) })
    metadata =
      Self.metadata(setup.model, setup.input, setup.dataset.schema) + [("mean_pose", meanPose.text)]
    self.storage = storage
  }

  /// The weights of a model that was loaded.
  ///
  /// - Parameter metadata: what the file says of itself.
  init(_ loaded: LoadedModel, metadata: [(key: String, value: String)]) {
    session = loaded.session
    table = loaded.model.program.parameters
    self.metadata = metadata
    storage = SystemStorage()
  }

  /// Bytes of scratch memory for the parameters of a table.
  static func scratchBytes(_ table: ParameterTable) -> Int {
    table.parameters.map { parameter in
      let rows = parameter.layout.count / parameter.layout.columns
      return 8 * rows * panelColumns(parameter.layout) + 8 * rows
    }.max() ?? 0
  }

  private static func panelColumns(_ layout: ParameterLayout) -> Int {
    min(layout.columns, max(8, panelCount / (layout.count / layout.columns)))
  }

  /// Weights as they go into a file: the session's at that time, or a copy for when the disk takes them
  /// again.
  struct Image {
    /// Optimiser steps done.
    let steps: Int
    fileprivate let read: (Slab, _ offset: Int, UnsafeMutableBufferPointer<Float>) -> Void
  }

  /// The session's weights; a copy of them where they lie on a device, because the file's order takes them
  /// in pieces of a few values.
  ///
  /// - Parameter steps: optimiser steps done, PyTorch's `num_batches_tracked`.
  func present(steps: Int) -> Image {
    if session.isRemote { return copy(steps: steps) }
    let session = session
    return Image(steps: steps) { slab, offset, values in
      session.read(slab, from: offset, into: values)
    }
  }

  /// A copy of the session's weights.
  func copy(steps: Int) -> Image {
    var slabs: [Slab: [Float]] = [:]
    for slab in [Slab.weights, .statistics] {
      var values = [Float](repeating: 0, count: session.count(of: slab))
      values.withUnsafeMutableBufferPointer { session.read(slab, into: $0) }
      slabs[slab] = values
    }
    return Image(steps: steps) { [slabs] slab, offset, values in
      _ = values.update(fromContentsOf: (slabs[slab] ?? [])[offset..<offset + values.count])
    }
  }

  /// Commits weights.
  func commit(_ image: Image, to path: String) throws(FileError) {
    try TensorFileWriter.commit(
      path, tensors: tensors(image), metadata: metadata, storage: storage)
  }

  /// The tensors in PyTorch's order: after a batch norm's bias its running statistics.
  func tensors(_ image: Image) -> [TensorToWrite] {
    let statisticsByPrefix = Dictionary(
      grouping: zip(table.statistics, table.statisticOffsets), by: { prefix($0.0.name) })
    var result: [TensorToWrite] = []
    for (parameter, offset) in zip(table.parameters, table.offsets) {
      result.append(tensor(image, parameter, .weights, offset))
      guard parameter.name.hasSuffix(".bias"),
        let running = statisticsByPrefix[prefix(parameter.name)]
      else { continue }
      for (statistic, place) in running {
        result.append(tensor(image, statistic, .statistics, place))
      }
      result.append(
        TensorToWrite(
          name: "\(prefix(parameter.name)).num_batches_tracked", element: .int64, shape: []
        ) { (write) throws(FileError) in
          let count = [Int64(image.steps).littleEndian]
          try Self.pass(count, to: write)
        })
    }
    return result
  }

  private func tensor(
    _ image: Image, _ parameter: Parameter, _ slab: Slab, _ offset: Int
  ) -> TensorToWrite {
    let layout = parameter.layout
    return TensorToWrite(name: parameter.name, element: .float32, shape: layout.fileShape) {
      (write) throws(FileError) in
      if case .vector(let count) = layout {
        var values = [Float](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { image.read(slab, offset, $0) }
        return try Self.pass(values, to: write)
      }
      let columns = layout.columns
      let rows = layout.count / columns
      // The row here of each value of a column as files order it, the same for all columns.
      let order = (0..<rows).map { layout.position(ofFileIndex: $0) / columns }
      let width = Self.panelColumns(layout)
      var panel = [Float](repeating: 0, count: rows * width)
      var columnsOfFile = [Float](repeating: 0, count: rows * width)
      for first in stride(from: 0, to: columns, by: width) {
        let count = min(width, columns - first)
        panel.withUnsafeMutableBufferPointer { panel in
          for row in 0..<rows {
            let target = UnsafeMutableBufferPointer(
              rebasing: panel[row * width..<row * width + count])
            image.read(slab, offset + row * columns + first, target)
          }
        }
        for place in 0..<count {
          for index in 0..<rows {
            columnsOfFile[place * rows + index] = panel[order[index] * width + place]
          }
        }
        try Self.pass(columnsOfFile, count: count * rows, to: write)
      }
    }
  }

  /// Hands the bytes of an array on, or those of its first values.
  private static func pass<Value>(
    _ values: [Value], count: Int? = nil, to write: TensorToWrite.Write
  ) throws(FileError) {
    let length = (count ?? values.count) * MemoryLayout<Value>.stride
    let outcome = values.withUnsafeBytes { bytes -> Result<Void, FileError> in
      do throws(FileError) {
        return .success(try write(UnsafeRawBufferPointer(rebasing: bytes[..<length])))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  private func prefix(_ name: String) -> String {
    name.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// What a reader must know to use the weights.
  static func metadata(
    _ model: ModelProgram, _ input: InputSpec, _ schema: KeypointSchema
  ) -> [(key: String, value: String)] {
    [
      ("format", "pt"), ("model", model.definition.name),
      ("head", model.variant.output.head.rawValue),
      ("loss", model.loss.name), ("input", "\(input.width)x\(input.height)"),
      ("convention", input.convention.rawValue), ("channel_order", "RGB"),
      ("mean", "\(input.mean.x) \(input.mean.y) \(input.mean.z)"),
      ("std", "\(input.deviation.x) \(input.deviation.y) \(input.deviation.z)"),
      ("schema", schema.json.text),
    ]
  }
}
