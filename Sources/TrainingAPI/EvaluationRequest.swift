public import Support

/// What `posetop evaluate` asks of the engine.
public struct EvaluationRequest: Sendable, Hashable {
  /// The weight file.
  public var weights: String
  /// The recipe of the run that the weights are of; nil for a file on its own.
  public var run: RunRecipe?
  /// The data set; nil stands for the run's own validation pictures.
  public var dataset: String?
  /// Where the pictures of an annotation file are.
  public var images: String?
  /// A file of detected boxes in place of the ground-truth ones.
  public var detections: String?
  /// Whether each picture is looked at in the mirror too.
  public var flipTest = false
  /// How heatmaps are refined: `dark`, `quarter` or `none`.
  public var decode = "dark"
  /// Where a COCO results file is written.
  public var results: String?
  /// Settings beside what the weight file says of itself: model, head, input, convention, batch,
  /// threads, loaders, device.
  public var settings = RunRecipe()

  /// The values of `decode`.
  public static let decodings = ["dark", "quarter", "none"]

  /// A request about some weights.
  public init(weights: String) { self.weights = weights }

  /// The request as a job's arguments.
  public var json: JSONValue {
    var object = JSONObject([
      ("weights", .string(weights)), ("flip_test", .bool(flipTest)), ("decode", .string(decode)),
      ("settings", settings.json),
    ])
    object["run"] = run?.json
    object["dataset"] = dataset.map { .string($0) }
    object["images"] = images.map { .string($0) }
    object["detections"] = detections.map { .string($0) }
    object["results"] = results.map { .string($0) }
    return .object(object)
  }

  /// Reads a job's arguments.
  public init(json: JSONValue) throws(RecipeError) {
    weights = json["weights"]?.string ?? ""
    flipTest = json["flip_test"]?.bool ?? false
    decode = json["decode"]?.string ?? "dark"
    dataset = json["dataset"]?.string
    images = json["images"]?.string
    detections = json["detections"]?.string
    results = json["results"]?.string
    try settings.merge(json["settings"] ?? [:])
    if let recipe = json["run"] {
      var run = RunRecipe()
      try run.merge(recipe)
      self.run = run
    }
  }
}
