public import Support

/// What `posetop export` asks of the engine.
public struct ExportRequest: Sendable, Hashable {
  /// A format that models are exported to.
  public enum Format: String, Sendable, CaseIterable {
    case onnx
    case safetensors
  }

  /// The weight file.
  public var weights: String
  /// The format.
  public var format: Format
  /// Where the file is written.
  public var output: String
  /// Whether names lose the prefix of the tutorial's wrapper, so that they are torchvision's.
  public var usesTorchvisionNames = false
  /// Whether the normalisation of pixels is inside the graph.
  public var normalizes = false
  /// How the graph decodes its output to keypoints: `dark`, `quarter` or `none`; nil where it does not.
  public var decode: String?
  /// Where an input and what posetop makes of it are written, to check another runtime.
  public var example: String?
  /// Settings beside what the weight file says of itself.
  public var settings = RunRecipe()

  /// A request.
  public init(weights: String, format: Format, output: String) {
    self.weights = weights
    self.format = format
    self.output = output
  }

  /// The request as a job's arguments.
  public var json: JSONValue {
    var object = JSONObject([
      ("weights", .string(weights)), ("format", .string(format.rawValue)),
      ("output", .string(output)), ("torchvision_names", .bool(usesTorchvisionNames)),
      ("normalizes", .bool(normalizes)), ("settings", settings.json),
    ])
    object["decode"] = decode.map { .string($0) }
    object["example"] = example.map { .string($0) }
    return .object(object)
  }

  /// Reads a job's arguments.
  public init(json: JSONValue) throws(RecipeError) {
    weights = json["weights"]?.string ?? ""
    format = Format(rawValue: json["format"]?.string ?? "") ?? .safetensors
    output = json["output"]?.string ?? ""
    usesTorchvisionNames = json["torchvision_names"]?.bool ?? false
    normalizes = json["normalizes"]?.bool ?? false
    decode = json["decode"]?.string
    example = json["example"]?.string
    try settings.merge(json["settings"] ?? [:])
  }
}
