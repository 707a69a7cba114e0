import CSimdjson
public import Pose
import Support

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
    let (truth, file) = Parallel.both(
      { Truth.reading(annotations) },
      { () -> Result<COCODetections, DatasetError> in
        do throws(DatasetError) {
          return .success(try COCODetections(path: detections))
        } catch {
          return .failure(error)
        }
      })
    try self.init(
      try truth.get(), try file.get(), annotations: annotations, detections: detections)
  }

  private init(
    _ truth: Truth, _ file: COCODetections, annotations: String, detections: String
  ) throws(DatasetError) {
    let order = truth.recognised.order
    let isInOrder = order == Array(order.indices)
    var found: [COCODetection] = []
    found.reserveCapacity(file.records.count)
    for record in file.records where record.category == truth.category || record.category < 0 {
      guard truth.images.contains(Int64(record.image)) else {
        throw .unknownPicture(path: detections, image: record.image, annotations: annotations)
      }
      guard record.keypoints.count == order.count else {
        throw .keypointsMissing(
          path: detections, wanted: order.count, got: record.keypoints.count)
      }
      found.append(
        COCODetection(
          image: record.image,
          keypoints: isInOrder ? record.keypoints : order.map { record.keypoints[$0] },
          score: record.score, area: record.box.map { $0.width * $0.height }))
    }
    guard !found.isEmpty else { throw .notDetections(path: detections) }
    self.init(truth, found, skipped: file.skipped)
  }

  /// Scores people that were found by a model, with the keypoints of the annotations' schema in its
  /// order and the pictures' ids.
  public init(annotations: String, found: [COCODetection]) throws(DatasetError) {
    self.init(try Truth.reading(annotations).get(), found, skipped: 0)
  }

  private init(_ truth: Truth, _ found: [COCODetection], skipped: Int) {
    let people = truth.people
    schema = truth.recognised.schema
    self.skipped = skipped
    detections = found.count
    persons = people.count { !$0.isCrowd && $0.labelled > 0 }
    let (scores, pairs) = COCOEvaluation.scoresAndPairs(
      of: found, against: people, sigmas: schema.sigmas)
    matched = pairs.count
    evaluation = KeypointEvaluation(
      pairs.map { pair in
        let (person, detection) = (people[pair.person], found[pair.detection])
        return EvaluatedPerson(
          image: person.image, truth: person.keypoints, predicted: detection.keypoints,
          box: person.box, area: person.area, score: detection.score)
      }, schema: schema, coco: scores)
  }
}

/// The annotated people that are scored against.
private struct Truth: Sendable {
  /// Ids of all pictures.
  let images: Set<Int64>
  /// Id of the category with keypoints.
  let category: Int64
  let recognised: RecognisedSchema
  let people: [COCOPerson]

  /// Reads an annotation file.
  static func reading(_ path: String) -> Result<Truth, DatasetError> {
    do throws(DatasetError) {
      return .success(try Truth(path))
    } catch {
      return .failure(error)
    }
  }

  private init(_ path: String) throws(DatasetError) {
    guard let file = try COCOFile(path: path) else {
      throw .formatUnknown(path: path, isFolder: false)
    }
    guard let category = file.categories.first(where: { $0.names_count > 0 }) else {
      throw .noKeypointCategory(path: path)
    }
    let recognised = RecognisedSchema(names: file.keypointNames(of: category))
    images = Set(file.images.lazy.map(\.id))
    self.category = category.id
    self.recognised = recognised
    people = file.annotations.compactMap { annotation -> COCOPerson? in
      guard annotation.has_image, annotation.category == category.id || annotation.category < 0
      else { return nil }
      return Self.person(annotation, file, recognised.order)
    }
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
