public import Nets
public import Pose
public import Support
public import TensorFiles
import Graph

/// What a network takes in, beside its weights.
public struct NetworkInterface: Sendable {
  /// Width of the input, px.
  public var width: Int
  /// Height of the input, px.
  public var height: Int
  /// How crops and heatmaps correspond to pixels.
  public var convention: CoordinateConvention
  /// What is subtracted from red, green and blue in 0...1.
  public var mean: SIMD3<Float>
  /// What the difference is divided by.
  public var deviation: SIMD3<Float>
  /// The keypoints.
  public var schema: KeypointSchema

  /// An interface.
  public init(
    width: Int, height: Int, convention: CoordinateConvention, mean: SIMD3<Float>,
    deviation: SIMD3<Float>, schema: KeypointSchema
  ) {
    self.width = width
    self.height = height
    self.convention = convention
    self.mean = mean
    self.deviation = deviation
    self.schema = schema
  }
}

/// A model as an ONNX file: opset 17, one file, dynamic batch, PyTorch's names and layouts.
///
/// - Input `images`: `float [N, 3, H, W]`, normalised; with the normalisation inside the graph
///   `uint8 [N, H, W, 3]`, RGB as a picture's pixels lie.
/// - Output: `heatmaps [N, K, h, w]`; `coordinates [N, 2K]` (`4K` with deviations), divided by the input's
///   width and height; or `logits_x [N, K, 2W]` and `logits_y [N, K, 2H]`. With the decoding inside the
///   graph `keypoints [N, K, 3]`: x and y in pixels of the input, and the score.
public struct ONNXModel {
  /// The version of ONNX's operators that is used.
  public static let opset = 17

  /// What is inside the graph beside the network.
  public struct Options: Sendable {
    /// Whether the input is 8-bit pixels.
    public var normalizes: Bool
    /// How the output becomes keypoints; nil where it is left as it is.
    public var decoding: HeatmapDecoder.Refinement?

    /// Options.
    public init(normalizes: Bool = false, decoding: HeatmapDecoder.Refinement? = nil) {
      self.normalizes = normalizes
      self.decoding = decoding
    }
  }

  /// The file's content.
  public let message: ProtobufMessage

  /// Builds the graph; the weights are read when the file is written.
  ///
  /// - Parameters:
  ///   - tensors: the weights in files' layouts, by PyTorch's names.
  ///   - metadata: what the file says of itself.
  public init(
    _ model: ModelProgram, interface: NetworkInterface, tensors: [TensorToWrite],
    metadata: [(key: String, value: String)], version: String, options: Options = Options()
  ) throws(ExportError) {
    var graph = ONNXGraph()
    let (width, height, keypoints) = (interface.width, interface.height, interface.schema.count)
    let batch = ONNXGraph.Extent.named("N")
    var images = "images"
    if options.normalizes {
      graph.input(
        images, .uint8, [batch, .count(height), .count(width), .count(3)])
      images = Self.normalized(images, interface, &graph)
    } else {
      graph.input(
        images, .float, [batch, .count(3), .count(height), .count(width)])
    }
    var layers = ONNXLayers(model.program.evaluation, model.program.parameters, tensors)
    // The outputs' names are taken before any layer could have them.
    let shape = model.geometry.prediction
    let outputs: [(name: String, shape: [ONNXGraph.Extent])] =
      switch (options.decoding, model.variant.output) {
      case (.some, _): [("keypoints", [batch, .count(keypoints), .count(3)])]
      case (nil, .heatmaps):
        [("heatmaps", [batch, .count(keypoints), .count(shape.h), .count(shape.w)])]
      case (nil, .coordinates): [("coordinates", [batch, .count(shape.c)])]
      case (nil, .simcc(let bins)):
        [
          ("simcc_x", [batch, .count(keypoints), .count(bins * width)]),
          ("simcc_y", [batch, .count(keypoints), .count(bins * height)]),
        ]
      }
    for output in outputs { graph.output(output.name, .float, output.shape) }
    let prediction = try layers.convert(into: &graph, images: images)
    if let refinement = options.decoding {
      ONNXDecoding(interface: interface, model: model, refinement: refinement)
        .add(prediction, to: &graph, output: outputs[0].name)
    } else {
      switch prediction {
      case .map(let name): graph.add("Identity", [name], [outputs[0].name])
      case .axes(let x, let y):
        graph.add("Identity", [x], [outputs[0].name])
        graph.add("Identity", [y], [outputs[1].name])
      }
    }
    message = graph.model(
      name: model.definition.name, producer: "posetop", version: version, opset: Self.opset,
      metadata: metadata)
  }

  /// Commits the file.
  public func commit(_ path: String) throws(FileError) {
    try DurableFile.commit(path) { (writer) throws(FileError) in
      try message.write { (bytes) throws(FileError) in try writer.write(bytes) }
    }
  }

  /// `(pixel / 255 - mean) / deviation` in `[N, 3, H, W]`, as one product and one sum.
  private static func normalized(
    _ images: String, _ interface: NetworkInterface, _ graph: inout ONNXGraph
  ) -> String {
    let numbers = graph.node("Cast", [images], [("to", .int(1))], named: "pixels.number")
    let planes = graph.node(
      "Transpose", [numbers], [("perm", .ints([0, 3, 1, 2]))], named: "planes")
    let (mean, deviation) = (interface.mean, interface.deviation)
    let gain = (0..<3).map { 1 / (255 * deviation[$0]) }
    let offset = (0..<3).map { -mean[$0] / deviation[$0] }
    let scaled = graph.node(
      "Mul", [planes, graph.floats(gain, [3, 1, 1], named: "gain")], named: "scaled")
    return graph.node(
      "Add", [scaled, graph.floats(offset, [3, 1, 1], named: "offset")], named: "normalized")
  }
}
