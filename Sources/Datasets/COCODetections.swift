import CSimdjson
public import Pose
import Support

/// A results file: detected persons with scores.
public struct COCODetections: Sendable {
  /// A record of the file.
  public struct Record: Sendable {
    /// The picture's id.
    public var image: Int
    /// Its category, -1 when it names none.
    public var category: Int
    /// Points in pixels; empty in a file of boxes.
    public var keypoints: [PredictedKeypoint]
    /// The detection's box, px.
    public var box: Box?
    /// The higher, the more certain.
    public var score: Double
  }

  /// The records in file order.
  public let records: [Record]
  /// Records that were left out: without picture, score, or three numbers a point.
  public let skipped: Int

  /// Reads a results file.
  public init(path: String) throws(DatasetError) {
    let file: posetop_detections
    do throws(FileError) {
      file = try PaddedFile(path).parse { posetop_detections_read($0, $1, $2) }
    } catch {
      throw .file(error)
    }
    defer { posetop_detections_free(file) }
    if let error = file.error {
      throw .file(.brokenJSON(path: path, reason: String(cString: error)))
    }
    guard file.is_list else { throw .notDetections(path: path) }
    var records: [Record] = []
    records.reserveCapacity(file.count)
    for entry in UnsafeBufferPointer(start: file.detections, count: file.count) {
      let box = Box(x: entry.box.0, y: entry.box.1, width: entry.box.2, height: entry.box.3)
      let count = Int(entry.keypoints_count)
      let hasBox = !box.x.isNaN
      guard entry.has_image, entry.score.isFinite, count > 0 || hasBox, max(count, 0) % 3 == 0
      else { continue }
      let numbers = UnsafeBufferPointer(
        start: file.numbers + Int(entry.keypoints_start), count: max(count, 0))
      records.append(
        Record(
          image: Int(entry.image), category: Int(entry.category),
          keypoints: stride(from: 0, to: numbers.count, by: 3).map {
            PredictedKeypoint(x: numbers[$0], y: numbers[$0 + 1], score: numbers[$0 + 2])
          }, box: hasBox ? box : nil, score: entry.score))
    }
    self.records = records
    skipped = file.count - records.count
    if records.isEmpty { throw .notDetections(path: path) }
  }
}

/// COCO's evaluation of a results file against an annotation file.
public struct COCOScoring: Sendable {
  /// All numbers; those beside COCO's are of the persons that a detection was found for.
  public let evaluation: KeypointEvaluation
  /// What the keypoints are.
  public let schema: KeypointSchema
  /// Persons with labelled points.
  public let persons: Int
  /// Persons whose best detection has an OKS of .1 or more.
  public let matched: Int
  /// Detections of the annotated category.
  public let detections: Int
  /// Records of the results file that were left out.
  public let skipped: Int

  /// Scores `detections` against `annotations`, both paths; pictures are not looked at.
  public init(annotations: String, detections: String) throws(DatasetError) {
    guard let truth = try COCOFile(path: annotations) else {
      throw .formatUnknown(path: annotations, isFolder: false)
    }
    guard let category = truth.categories.first(where: { $0.names_count > 0 }) else {
      throw .noKeypointCategory(path: annotations)
    }
    let recognised = RecognisedSchema(names: truth.keypointNames(of: category))
    let file = try COCODetections(path: detections)
    let known = Set(truth.images.lazy.map(\.id))
    let count = recognised.order.count
    var found: [COCODetection] = []
    found.reserveCapacity(file.records.count)
    for record in file.records where record.category == category.id || record.category < 0 {
      guard known.contains(Int64(record.image)) else {
        throw .unknownPicture(path: detections, image: record.image, annotations: annotations)
      }
      guard record.keypoints.count == count else {
        throw .keypointsMissing(path: detections, wanted: count, got: record.keypoints.count)
      }
      found.append(
        COCODetection(
          image: record.image, keypoints: recognised.order.map { record.keypoints[$0] },
          score: record.score, area: record.box.map { $0.width * $0.height }))
    }
    guard !found.isEmpty else { throw .notDetections(path: detections) }
    let people = truth.annotations.compactMap { annotation -> COCOPerson? in
      guard annotation.has_image, annotation.category == category.id || annotation.category < 0
      else { return nil }
      return Self.person(annotation, truth, recognised.order)
    }
    schema = recognised.schema
    skipped = file.skipped
    self.detections = found.count
    persons = people.count { !$0.isCrowd && $0.labelled > 0 }
    let (scores, pairs) = COCOEvaluation.scoresAndPairs(
      of: found, against: people, sigmas: schema.sigmas)
    matched = pairs.count
    evaluation = KeypointEvaluation(
      pairs.map { person, detection in
        EvaluatedPerson(
          image: person.image, truth: person.keypoints, predicted: detection.keypoints,
          box: person.box, area: person.area, score: detection.score)
      }, schema: schema, coco: scores)
  }

  private static func person(
    _ annotation: posetop_coco_annotation, _ truth: COCOFile, _ order: [Int]
  ) -> COCOPerson {
    var points = [Keypoint](
      repeating: Keypoint(x: 0, y: 0, visibility: .unlabelled), count: order.count)
    if let numbers = truth.keypoints(of: annotation), numbers.count == 3 * order.count {
      for (place, index) in order.enumerated() where numbers[3 * index + 2] > 0 {
        points[place] = Keypoint(
          x: numbers[3 * index], y: numbers[3 * index + 1],
          visibility: numbers[3 * index + 2] < 2 ? .hidden : .visible)
      }
    }
    let sides = annotation.box
    let given = Box(x: sides.0, y: sides.1, width: sides.2, height: sides.3)
    let box =
      given.x.isNaN ? Box(around: points) ?? Box(x: 0, y: 0, width: 0, height: 0) : given
    // Without an area the share of the box that people cover; with 0 it is 0, as COCO has it.
    let area =
      annotation.area.isNaN
      ? ObjectKeypointSimilarity.areaShareOfBox * box.width * box.height : annotation.area
    return COCOPerson(
      image: Int(annotation.image), keypoints: points, box: box, area: area,
      isCrowd: annotation.is_crowd,
      labelled: annotation.labelled >= 0 ? Int(annotation.labelled) : nil)
  }
}
