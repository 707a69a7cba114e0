import Pose
import Support

/// The people of a detections file as samples without labels, for a model to look at.
public struct DetectedBoxes: Sendable {
  /// One sample for each box, in file order; `dataset.samples[i].imageID` is its picture.
  public let dataset: Dataset
  /// The detector's score of each.
  public let scores: [Double]
  /// The annotation file that they are to be scored against.
  public let annotations: String
  /// Detections of pictures that the data set does not have.
  public let foreign: Int

  /// Reads the boxes of `detections` in the pictures of a data set with picture ids.
  ///
  /// Nil when the set has no ids, or the file no boxes.
  public init?(
    path: String, images: String?, detections: String, onRead: ReadingProgress? = nil
  ) throws(DatasetError) {
    let set = try DatasetCatalog.annotations(path: path, images: images, onRead: onRead)
    var pictures: [Int64: Int] = [:]
    for (index, picture) in set.pictures.enumerated() {
      if let id = picture.id, pictures[id] == nil { pictures[id] = index }
    }
    guard !pictures.isEmpty else { return nil }
    let records = try COCODetections(path: detections).records
    var (samples, scores, foreign): ([Sample], [Double], Int) = ([], [], 0)
    for record in records {
      guard let box = record.box, record.category == 1 || record.category < 0,
        box.width > 1, box.height > 1
      else { continue }
      guard let index = pictures[Int64(record.image)] else {
        foreign += 1
        continue
      }
      let picture = set.pictures[index]
      guard let file = picture.path ?? set.folder.map({ Path.join($0, picture.name) }) else {
        continue
      }
      samples.append(
        Sample(
          imagePath: file, name: picture.name, image: index, imageID: picture.id,
          keypoints: set.schema.keypoints.map { _ in
            Keypoint(x: 0, y: 0, visibility: .unlabelled)
          }, box: box, declaredSize: picture.declaredSize))
      scores.append(record.score)
    }
    if samples.isEmpty, foreign > 0 {
      throw .boxesOfOthers(
        path: detections, pictures: Set(records.map(\.image)).count,
        example: records.map(\.image).min() ?? 0, given: pictures.count)
    }
    guard !samples.isEmpty else { return nil }
    dataset = Dataset(
      name: set.name, path: set.path, format: set.format, schema: set.schema, samples: samples)
    self.scores = scores
    annotations = set.file
    self.foreign = foreign
  }
}
