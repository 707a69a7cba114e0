public import Execution
public import Support
public import TrainingAPI
import Datasets
import Export
import Graph
import Nets
import Pose
import RunFiles
import TensorFiles

/// Writes a trained model for other programs: `posetop export`.
///
/// - Parameter version: posetop's own, which the file names.
/// - Returns: what was written: format, file, bytes, parameters, input and output.
public func exportDocument(
  _ request: ExportRequest, version: String, makeBackend: BackendMaker
) throws(TrainingError) -> JSONValue {
  var settings = request.settings
  settings.batch = settings.batch ?? ExportedModel.exampleBatch
  settings.precision = Precision.float32.rawValue
  let loaded = try LoadedModel(
    weights: request.weights, asked: settings, makeBackend: makeBackend)
  let exported = ExportedModel(loaded, request, version: version)
  switch request.format {
  case .safetensors: try exported.writeSafetensors()
  case .onnx: try exported.writeONNX()
  }
  if let path = request.example { try exported.writeExample(path) }
  return exported.document
}

/// A loaded model on its way into a file.
private struct ExportedModel {
  /// Pictures in the example.
  static let exampleBatch = 2

  let loaded: LoadedModel
  let request: ExportRequest
  let version: String
  private let metadata: [(key: String, value: String)]
  private let tensors: [TensorToWrite]

  init(_ loaded: LoadedModel, _ request: ExportRequest, version: String) {
    self.loaded = loaded
    self.request = request
    self.version = version
    metadata = Self.metadata(loaded)
    let file = WeightFile(loaded, metadata: metadata)
    tensors = file.tensors(file.present(steps: loaded.steps)).map { tensor in
      var tensor = tensor
      if request.usesTorchvisionNames, tensor.name.hasPrefix("resnet.") {
        tensor.name = String(tensor.name.dropFirst(7))
      }
      return tensor
    }
  }

  /// What the weight file says, and what another program must know besides to use the model.
  private static func metadata(_ loaded: LoadedModel) -> [(key: String, value: String)] {
    let (schema, geometry) = (loaded.schema, loaded.model.geometry)
    var fields = WeightFile.metadata(loaded.model, loaded.input, schema)
    fields += [
      ("keypoints", schema.keypoints.joined(separator: " ")),
      ("flip_pairs", schema.flipPairs.map(String.init).joined(separator: " ")),
      ("crop_padding", "\(InputSpec.padding)"),
    ]
    switch loaded.model.variant.output {
    case .heatmaps(let stride):
      fields += [
        ("heatmap_stride", "\(stride)"), ("heatmap_sigma", "\(geometry.heatmapSigma)"),
        ("decoding", "peak of each heatmap, refined by DARK; score = the peak's height"),
      ]
    case .coordinates:
      fields.append(
        ("decoding", "x and y are shares of the input's width and height, pixel centre i at i"))
    case .simcc(let bins):
      fields += [
        ("simcc_split_ratio", "\(bins)"),
        ("decoding", "highest bin of each axis divided by the split ratio"),
      ]
    }
    if let pose = loaded.described["mean_pose"] { fields.append(("mean_pose", pose)) }
    return fields
  }

  func writeSafetensors() throws(TrainingError) {
    try wrapping(TrainingError.file) { () throws(FileError) in
      try TensorFileWriter.commit(request.output, tensors: tensors, metadata: metadata)
    }
  }

  func writeONNX() throws(TrainingError) {
    let input = loaded.input
    let interface = NetworkInterface(
      width: input.width, height: input.height, convention: input.convention, mean: input.mean,
      deviation: input.deviation, schema: loaded.schema)
    // The plan knows the parameters by posetop's names.
    let file = WeightFile(loaded, metadata: metadata)
    let model = try wrapping(TrainingError.export) { () throws(ExportError) in
      try ONNXModel(
        loaded.model, interface: interface,
        tensors: file.tensors(file.present(steps: loaded.steps)), metadata: metadata,
        version: version,
        options: .init(
          normalizes: request.normalizes, decoding: request.decode.map { .named($0) }))
    }
    try wrapping(TrainingError.file) { () throws(FileError) in try model.commit(request.output) }
  }

  /// Writes two pictures of noise and what comes of them: `images` as the graph takes them, `prediction`
  /// as the session gives it ([N, H, W, C]), and the decoded `keypoints`.
  func writeExample(_ path: String) throws(TrainingError) {
    let (width, height) = (loaded.input.width, loaded.input.height)
    let count = width * height * 3
    let batch = Self.exampleBatch
    let random = CounterRandom(seed: 7, name: "example")
    // Smooth noise: sums of a coarse grid, so that maps have peaks.
    let bytes = (0..<batch * count).map { index -> UInt8 in
      let (channel, x, y) = (index % 3, index / 3 % width / 8, index / 3 / width % height / 8)
      let coarse = random.uniform(((index / count * 3 + channel) * 97 + y) * 97 + x)
      return UInt8(min(255, 200 * coarse + 55 * random.uniform(1_000_000 + index)))
    }
    let (mean, deviation) = (loaded.input.mean, loaded.input.deviation)
    let pixels = bytes.enumerated().map { index, byte in
      (Float(byte) / 255 - mean[index % 3]) / deviation[index % 3]
    }
    let plan = loaded.model.program.evaluation
    let shape = plan.graph[plan.prediction].shape
    var output = [Float](repeating: 0, count: batch * shape.countPerImage)
    pixels.withUnsafeBufferPointer { loaded.session.write($0, to: plan.images, of: .evaluation) }
    loaded.session.run(.evaluation, batch: batch)
    output.withUnsafeMutableBufferPointer {
      loaded.session.read(plan.prediction, of: .evaluation, into: $0)
    }
    let decoder = OutputDecoder(
      loaded.model, input: loaded.input, schema: loaded.schema,
      refinement: .named(request.decode ?? "dark"))
    let keypoints = output.withUnsafeBufferPointer { output in
      (0..<batch).flatMap { row -> [Float] in
        guard let base = output.baseAddress else { return [] }
        return decoder.decode(base + row * shape.countPerImage).flatMap {
          [Float($0.x), Float($0.y), Float($0.score)]
        }
      }
    }
    // Other programs want planes.
    var planes = [Float](repeating: 0, count: pixels.count)
    for index in pixels.indices {
      let (image, pixel, channel) = (index / count, index % count / 3, index % 3)
      planes[image * count + channel * width * height + pixel] = pixels[index]
    }
    let predictionShape = [batch, shape.h, shape.w, shape.c]
    try wrapping(TrainingError.file) { () throws(FileError) in
      try TensorFileWriter.commit(
        path,
        tensors: [
          Self.tensor("images", [batch, 3, height, width], planes),
          Self.tensor("pixels", [batch, height, width, 3], bytes),
          Self.tensor("prediction", predictionShape, output),
          Self.tensor("keypoints", [batch, loaded.schema.count, 3], keypoints),
        ])
    }
  }

  private static func tensor<Value>(
    _ name: String, _ shape: [Int], _ values: [Value]
  ) -> TensorToWrite {
    TensorToWrite(
      name: name, element: Value.self == UInt8.self ? .uint8 : .float32, shape: shape
    ) { (write) throws(FileError) in
      let outcome = values.withUnsafeBytes { bytes -> Result<Void, FileError> in
        do throws(FileError) {
          return .success(try write(bytes))
        } catch {
          return .failure(error)
        }
      }
      try outcome.get()
    }
  }

  var document: JSONValue {
    [
      "format": .string(request.format.rawValue), "file": .string(request.output),
      "model": .string(loaded.model.definition.name),
      "head": .string(loaded.model.variant.output.head.rawValue),
      "input": .string("\(loaded.input.width)x\(loaded.input.height)"),
      "parameters": .integer(Int64(loaded.model.program.parameters.count)),
      "keypoints": .integer(Int64(loaded.schema.count)),
    ]
  }
}
