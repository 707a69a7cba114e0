public import Pose
public import Support

/// A picture that a model is to look at.
public struct PictureSource: Sendable, Hashable {
  /// A box of a detector in a picture.
  public struct ScoredBox: Sendable, Hashable {
    /// In pixels of the picture.
    public var box: Box
    /// The detector's score.
    public var score: Double

    /// A box.
    public init(box: Box, score: Double) {
      self.box = box
      self.score = score
    }
  }

  /// The file.
  public var path: String
  /// What the user calls it.
  public var name: String
  /// The picture's id in COCO's files; nil where it has none.
  public var id: Int64?
  /// The people to look at; nil stands for the whole picture as one person.
  public var boxes: [ScoredBox]?
  /// Where the picture with its skeletons is to be written; nil for nowhere.
  public var drawing: String?

  /// A picture.
  public init(path: String, name: String, id: Int64? = nil, boxes: [ScoredBox]? = nil) {
    self.path = path
    self.name = name
    self.id = id
    self.boxes = boxes
  }

  /// The picture as it travels to an engine.
  public var json: JSONValue {
    var object = JSONObject([("path", .string(path)), ("name", .string(name))])
    object["id"] = id.map { .integer($0) }
    object["drawing"] = drawing.map { .string($0) }
    object["boxes"] = boxes.map { boxes in
      .array(
        boxes.map { found in
          let box = found.box
          return .array(
            [box.x, box.y, box.width, box.height, found.score].map { .finite($0) })
        })
    }
    return .object(object)
  }

  /// Reads a picture as it travelled; nil when it is none.
  public init?(json: JSONValue) {
    guard let path = json["path"]?.string else { return nil }
    self.init(path: path, name: json["name"]?.string ?? path)
    id = json["id"]?.int.map { Int64($0) }
    drawing = json["drawing"]?.string
    boxes = json["boxes"]?.array.map { list in
      list.compactMap { entry in
        let numbers = (entry.array ?? []).compactMap(\.double)
        guard numbers.count == 5 else { return nil }
        return ScoredBox(
          box: Box(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3]),
          score: numbers[4])
      }
    }
  }
}
