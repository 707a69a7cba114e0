import CSimdjson
import Pose
import Support
public import Wording

/// What a COCO annotation file says of its pictures: their ids, and which keypoints they have.
public struct PictureIDs: Sendable {
  /// For each name its picture's id.
  private let ids: [String: Int64]
  /// The keypoints; nil when the file has none.
  public let keypoints: [String]?
  private let file: String

  /// Reads a file; people and boxes are not looked at.
  public init(annotations file: String) throws(DatasetError) {
    guard let content = try COCOFile(path: file) else {
      throw .formatUnknown(path: file, isFolder: false)
    }
    var ids: [String: Int64] = [:]
    for image in content.images where image.has_id {
      ids[Path.name(of: content.text(image.file_name))] = image.id
    }
    self.ids = ids
    self.file = file
    keypoints = content.categories.first { $0.names_count > 0 }.map(content.keypointNames)
  }

  /// Gives the pictures the ids of their names; a picture that the file does not list has none.
  public func name(_ sources: inout [PictureSource]) throws(DatasetError) {
    for place in sources.indices { sources[place].id = ids[Path.name(of: sources[place].path)] }
    if sources.allSatisfy({ $0.id == nil }), let first = sources.first {
      throw .picturesNotListed(path: file, example: first.name)
    }
  }
}

/// A detector's boxes for pictures.
public enum PictureBoxes {
  /// Gives the pictures the boxes that a detections file has for their ids, or that a COCO annotation
  /// file has for their names.
  ///
  /// - `threshold`: boxes with a smaller score are left out.
  /// - Returns: what is worth a line.
  public static func read(
    _ file: String, into sources: inout [PictureSource], threshold: Double
  ) throws(DatasetError) -> [Sentence] {
    let boxes =
      try JSONKind.first(of: file) == .object
      ? annotated(file, &sources) : detected(file, threshold: threshold)
    guard !boxes.isEmpty else { throw .notDetections(path: file) }
    var used: Set<Int64> = []
    for place in sources.indices {
      let found = sources[place].id.flatMap { boxes[$0] }
      sources[place].boxes = found ?? []
      if found != nil, let id = sources[place].id { used.insert(id) }
    }
    guard !used.isEmpty else {
      throw .boxesOfOthers(
        path: file, pictures: boxes.count, example: Int(boxes.keys.min() ?? 0),
        given: sources.count)
    }
    var said: [Sentence] = []
    let without = sources.count { $0.boxes?.isEmpty == true }
    if without > 0 {
      said.append(
        Sentence(
          DatasetSentence.picturesWithoutBoxes, without, sources.count, UntrustedText.clean(file)))
    }
    return said
  }

  /// The boxes of a detections file, by the picture's id.
  private static func detected(
    _ file: String, threshold: Double
  ) throws(DatasetError) -> [Int64: [PictureSource.ScoredBox]] {
    var boxes: [Int64: [PictureSource.ScoredBox]] = [:]
    for record in try COCODetections(path: file).records {
      guard record.category == 1 || record.category < 0, record.score >= threshold,
        let box = record.box ?? Self.extent(of: record), box.width > 1, box.height > 1
      else { continue }
      boxes[Int64(record.image), default: []].append(.init(box: box, score: record.score))
    }
    return boxes
  }

  /// The boxes of an annotation file, whose pictures are known by their names.
  private static func annotated(
    _ file: String, _ sources: inout [PictureSource]
  ) throws(DatasetError) -> [Int64: [PictureSource.ScoredBox]] {
    guard let content = try COCOFile(path: file) else { throw .notDetections(path: file) }
    try PictureIDs(annotations: file).name(&sources)
    var boxes: [Int64: [PictureSource.ScoredBox]] = [:]
    for person in content.annotations where person.has_image && !person.is_crowd {
      let box = Box(
        x: person.box.0, y: person.box.1, width: person.box.2, height: person.box.3)
      guard box.width > 1, box.height > 1, box.x.isFinite, box.y.isFinite else { continue }
      boxes[person.image, default: []].append(.init(box: box, score: 1))
    }
    return boxes
  }

  /// The box around a record's points, for results of a pose model.
  private static func extent(of record: COCODetections.Record) -> Box? {
    Box(around: record.keypoints.map { Keypoint(x: $0.x, y: $0.y, visibility: .visible) })
  }
}
