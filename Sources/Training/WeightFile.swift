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
    let panels = table.parameters.map { FilePanel.bytes($0.layout) }.max() ?? 0
    return panels + (isLarge(table) ? WriteAhead.plannedBytes : 0)
  }

  /// Whether a second thread writes the file: where the training waits for so many bytes, it has nothing
  /// else to do.
  private static func isLarge(_ table: ParameterTable) -> Bool {
    4 * table.count > StateMemory.copyLimit
  }

  /// Weights as they go into a file: the session's at that time, or a copy for when the disk takes them
  /// again.
  struct Image {
    /// Optimiser steps done.
    let steps: Int
    fileprivate let values: (Slab) -> UnsafeBufferPointer<Float>
  }

  /// A copy of a session's weights and statistics.
  private final class Copy {
    private var slabs: [Slab: UnsafeMutableBufferPointer<Float>] = [:]

    init(_ session: any BackendSession) {
      for slab in [Slab.weights, .statistics] {
        let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: session.count(of: slab))
        values.initialize(repeating: 0)
        session.read(slab, into: values)
        slabs[slab] = values
      }
    }

    deinit { for values in slabs.values { values.deallocate() } }

    subscript(slab: Slab) -> UnsafeBufferPointer<Float> {
      slabs[slab].map { UnsafeBufferPointer($0) } ?? .init(start: nil, count: 0)
    }
  }

  /// The session's weights; a copy of them where they lie on a device.
  ///
  /// - Parameter steps: optimiser steps done, PyTorch's `num_batches_tracked`.
  func present(steps: Int) -> Image {
    let session = session
    if session.isRemote { return copy(steps: steps) }
    return Image(steps: steps) { session.values(of: $0) ?? .init(start: nil, count: 0) }
  }

  /// A copy of the session's weights.
  func copy(steps: Int) -> Image {
    let copy = Copy(session)
    return Image(steps: steps) { copy[$0] }
  }

  /// Commits weights.
  func commit(_ image: Image, to path: String) throws(FileError) {
    try TensorFileWriter.commit(
      path, tensors: tensors(image), metadata: metadata, ahead: Self.isLarge(table),
      storage: storage)
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
      let values = UnsafeBufferPointer(
        rebasing: image.values(slab)[offset..<offset + layout.count])
      if case .vector = layout { return try write(UnsafeRawBufferPointer(values)) }
      let panel = FilePanel(layout)
      for first in stride(from: 0, to: layout.columns, by: FilePanel.width) {
        try write(panel.take(values, from: first))
      }
    }
  }

  /// Hands the bytes of an array on.
  private static func pass(
    _ values: [Int64], to write: TensorToWrite.Write
  ) throws(FileError) {
    let outcome = values.withUnsafeBytes { bytes -> Result<Void, FileError> in
      do throws(FileError) {
        return .success(try write(bytes))
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
