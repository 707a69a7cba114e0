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
