import BackendCPU
import Figures
import RunFiles
import Support
import TensorFiles
import TestSupport
import Testing
import TrainingAPI
import TrainingSupport

@testable import Training

/// Models and heads: each is exported as it is, with decoding, and with normalisation.
private let cases: [(model: String, head: String, loss: String, input: String)] = [
  ("lite", "heatmap", "heatmap-mse", "48x64"), ("cnn", "regression", "mse", "32x32"),
  ("cnn-pooled", "regression", "mse", "32x48"), ("resnet18", "regression", "wing", "64x64"),
  ("resnet18", "regression", "rle", "64x64"), ("resnet18", "heatmap", "heatmap-mse", "64x96"),
  ("resnet18", "simcc", "simcc-kl", "64x64"),
  ("hrnet-w32", "heatmap", "heatmap-mse", "64x64"),
]

@Suite("Export", .serialized)
struct ExportTests {
  private static let operators: Set<String> = [
    "Abs", "Add", "And", "ArgMax", "BatchNormalization", "Cast", "Concat", "Conv", "ConvTranspose",
    "Div", "Flatten", "GatherElements", "Gemm", "GlobalAveragePool", "Greater", "Identity", "Less",
    "Log", "MatMul", "Max", "MaxPool", "Min", "Mod", "Mul", "Not", "ReduceMax", "ReduceMean",
    "Relu",
    "Reshape", "Resize", "Sigmoid", "Sign", "Slice", "Softmax", "Squeeze", "Sub", "Transpose",
    "Unsqueeze", "Where",
  ]

  /// A weight file of a model with its first values.
  private func weights(
    _ ground: Ground, _ model: String, _ head: String, _ loss: String, _ input: String
  ) throws -> String {
    let (succeeded, folder) = try ground.train("\(model)-\(head)-\(loss)") { recipe in
      recipe.model = model
      recipe.head = head
      recipe.loss = loss
      try? recipe.set("input", text: input)
      recipe.epochs = 1
      recipe.steps = 1
      recipe.batch = 4
    }
    try #require(succeeded)
    return folder.lastPath
  }

  private func export(
    _ weights: String, _ format: ExportRequest.Format, _ output: String,
    _ change: (inout ExportRequest) -> Void = { _ in }
  ) throws -> JSONValue {
    var request = ExportRequest(weights: weights, format: format, output: output)
    change(&request)
    // As it travels.
    return try exportDocument(try ExportRequest(json: request.json), version: "0") {
      CPUBackend(threads: $0.threads ?? 2)
    }
  }

  @Test("every model and head becomes a well-formed graph with PyTorch's names", arguments: cases)
  func graphs(_ model: String, _ head: String, _ loss: String, _ input: String) throws {
    let ground = try Ground(people: 8)
    let weights = try weights(ground, model, head, loss, input)
    let source = try TensorFile(path: weights)
    // The other refinements have nothing that DARK has not.
    for (decode, normalizes) in [(nil, false), ("dark", true)] as [(String?, Bool)] {
      let path = Path.join(ground.path, "model.onnx")
      _ = try export(weights, .onnx, path) {
        $0.decode = decode
        $0.normalizes = normalizes
      }
      let bytes = try FileReading.bytes(of: path, limit: 1 << 30)
      let graph = try #require(ONNXReading(bytes))
      #expect(graph.faults.isEmpty, "\(graph.faults.prefix(3))")
      #expect(graph.opset >= 17 && graph.inputs == ["images"])
      #expect(Set(graph.nodes.map(\.type)).isSubset(of: Self.operators))
      if decode != nil {
        #expect(graph.outputs == ["keypoints"])
      } else {
        #expect(graph.outputs.count == (head == "simcc" ? 2 : 1))
      }
      // Every weight is there in PyTorch's shape; not needed are the counters of batch norm, and the flow
      // that only RLE's loss has.
      for entry in source.entries
      where !entry.name.hasSuffix("num_batches_tracked") && !entry.name.hasPrefix("loss.") {
        #expect(graph.initializers[entry.name]?.shape == entry.shape, "\(entry.name)")
      }
      #expect(graph.metadata["input"] == input && graph.metadata["channel_order"] == "RGB")
      #expect(graph.metadata["flip_pairs"]?.split(separator: " ").count == 17)
    }
  }

  /// Tests/Peers/onnx_models.py gives files of this model, with other weights and sizes, to onnx's checker and
  /// to ONNX Runtime; UPDATE_GOLDEN=1 records this one anew.
  @Test("a small model's file has the recorded bytes")
  func golden() throws {
    let ground = try Ground(people: 8)
    let weights = try weights(ground, "cnn-pooled", "regression", "mse", "32x48")
    // Weights that a formula gives, so that the file does not depend on a training's bits.
    let source = try TensorFile(path: weights)
    let plain = Path.join(ground.path, "plain.safetensors")
    var number = 0
    let tensors = source.entries.map { entry -> TensorToWrite in
      number += 1
      let (seed, count) = (number, entry.count / 4)
      return TensorToWrite(name: entry.name, element: .float32, shape: entry.shape) {
        (write) throws(FileError) in
        let values = (0..<count).map { Float(($0 * 31 + seed * 7) % 17 - 8) / 64 }
        let outcome = values.withUnsafeBytes { bytes -> Result<Void, FileError> in
          do throws(FileError) { return .success(try write(bytes)) } catch {
            return .failure(error)
          }
        }
        try outcome.get()
      }
    }
    let metadata = source.metadata.filter { $0.key != "mean_pose" }.sorted { $0.key < $1.key }
    try TensorFileWriter.commit(
      plain, tensors: tensors, metadata: metadata.map { (key: $0.key, value: $0.value) })
    let path = Path.join(ground.path, "model.onnx")
    _ = try export(plain, .onnx, path) {
      $0.decode = "dark"
      $0.normalizes = true
    }
    let bytes = try FileReading.bytes(of: path, limit: 1 << 26)
    let sums = BlockSums.text(bytes)
    let recorded = Path.join(Path.parent(of: #filePath), "Goldens/cnn-pooled.onnx.sums")
    if Environment.value("UPDATE_GOLDEN") != nil {
      try DurableFile.commit(recorded, bytes: Array(sums.utf8))
    }
    let known = try FileReading.bytes(of: recorded, limit: 1 << 16)
    #expect(String(decoding: known, as: UTF8.self) == sums)
  }

  @Test("safetensors carry what another program must know, and come back as the same model")
  func safetensors() throws {
    let ground = try Ground(people: 8)
    let weights = try weights(ground, "resnet18", "regression", "mse", "64x64")
    let path = Path.join(ground.path, "out.safetensors")
    let example = Path.join(ground.path, "example.safetensors")
    let document = try export(weights, .safetensors, path) {
      $0.usesTorchvisionNames = true
      $0.example = example
    }
    #expect(document["parameters"]?.int == 11_316_578 && document["keypoints"]?.int == 17)
    let (from, to) = (try TensorFile(path: weights), try TensorFile(path: path))
    #expect(to.entries.allSatisfy { !$0.name.hasPrefix("resnet.") })
    #expect(to.entry("conv1.weight")?.shape == [64, 3, 7, 7])
    for entry in from.entries {
      let name = String(entry.name.dropFirst(7))
      #expect(try to.bytes(name) == from.bytes(entry.name), "\(name)")
    }
    for key in [
      "input", "mean", "std", "channel_order", "keypoints", "flip_pairs", "decoding", "convention",
    ] { #expect(to.metadata[key]?.isEmpty == false, "\(key)") }
    // The same model, read back, gives the same example bit for bit.
    let again = Path.join(ground.path, "again.safetensors")
    _ = try export(path, .safetensors, Path.join(ground.path, "twice.safetensors")) {
      $0.example = again
    }
    let bytes = try FileReading.bytes(of: example, limit: 1 << 24)
    #expect(try FileReading.bytes(of: again, limit: 1 << 24) == bytes)
    #expect(throws: TrainingError.self) {
      try export(weights, .onnx, "/proc/nowhere/model.onnx")
    }
  }
}

/// Length and checksums of a file, a line each, instead of the file.
enum BlockSums {
  static func text(_ bytes: [UInt8]) -> String {
    var sums = BlockChecksums()
    bytes.withUnsafeBytes { sums.append($0) }
    return "\(bytes.count)\n" + sums.finish().map { "\($0)\n" }.joined()
  }
}
