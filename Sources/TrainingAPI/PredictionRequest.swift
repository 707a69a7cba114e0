public import Support

/// What `posetop predict` asks of the engine.
public struct PredictionRequest: Sendable, Hashable {
  /// The weight file.
  public var weights: String
  /// A file with the list of pictures, each as `PictureSource` travels.
  public var pictures: String
  /// Whether each picture is looked at in the mirror too.
  public var flipTest = false
  /// How heatmaps are refined: `dark`, `quarter` or `none`.
  public var decode = "dark"
  /// Points with a smaller score are not drawn; nil leaves it to the head.
  public var leastScore: Double?
  /// The largest picture with skeletons that is sent back for the screen, px; nil for none.
  public var preview: (width: Int, height: Int)?
  /// Where a COCO results file is written.
  public var results: String?
  /// Settings beside what the weight file says of itself.
  public var settings = RunRecipe()

  /// A request about some weights.
  public init(weights: String, pictures: String) {
    self.weights = weights
    self.pictures = pictures
  }

  /// The request as a job's arguments.
  public var json: JSONValue {
    var object = JSONObject([
      ("weights", .string(weights)), ("pictures", .string(pictures)),
      ("flip_test", .bool(flipTest)), ("decode", .string(decode)), ("settings", settings.json),
    ])
    object["least_score"] = leastScore.map { .number($0) }
    object["preview"] = preview.map {
      [.integer(Int64($0.width)), .integer(Int64($0.height))]
    }
    object["results"] = results.map { .string($0) }
    return .object(object)
  }

  /// Reads a job's arguments.
  public init(json: JSONValue) throws(RecipeError) {
    weights = json["weights"]?.string ?? ""
    pictures = json["pictures"]?.string ?? ""
    flipTest = json["flip_test"]?.bool ?? false
    decode = json["decode"]?.string ?? "dark"
    leastScore = json["least_score"]?.double
    if let size = json["preview"]?.array, let width = size.first?.int, let height = size.last?.int {
      preview = (width, height)
    }
    results = json["results"]?.string
    try settings.merge(json["settings"] ?? [:])
  }

  public static func == (left: PredictionRequest, right: PredictionRequest) -> Bool {
    left.json == right.json
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(json) }
}
