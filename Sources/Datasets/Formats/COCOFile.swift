import CSimdjson
import Support

/// A COCO annotation file as flat arrays; memory is freed with the object.
final class COCOFile {
  private let file: posetop_coco_file

  /// Reads the file; nil when it is a JSON document of another kind.
  init?(path: String, onRead: ReadingProgress? = nil) throws(DatasetError) {
    do throws(FileError) {
      file = try PaddedFile(path, onRead: onRead).parse { posetop_coco_read($0, $1, $2) }
    } catch {
      throw .file(error)
    }
    if let error = file.error {
      throw .file(.brokenJSON(path: path, reason: String(cString: error)))
    }
    guard file.is_coco else { return nil }
  }

  deinit { posetop_coco_free(file) }

  var images: UnsafeBufferPointer<posetop_coco_image> {
    UnsafeBufferPointer(start: file.images, count: file.image_count)
  }

  var annotations: UnsafeBufferPointer<posetop_coco_annotation> {
    UnsafeBufferPointer(start: file.annotations, count: file.annotation_count)
  }

  var categories: UnsafeBufferPointer<posetop_coco_category> {
    UnsafeBufferPointer(start: file.categories, count: file.category_count)
  }

  /// The keypoint names of a category.
  func keypointNames(of category: posetop_coco_category) -> [String] {
    (0..<Int(category.names_count)).map { text(file.names[Int(category.names_start) + $0]) }
  }

  /// The numbers of an annotation's list, or nil when it has none.
  func keypoints(of annotation: posetop_coco_annotation) -> UnsafeBufferPointer<Double>? {
    guard annotation.keypoints_count >= 0 else { return nil }
    return UnsafeBufferPointer(
      start: file.numbers + Int(annotation.keypoints_start),
      count: Int(annotation.keypoints_count))
  }

  func text(_ piece: posetop_coco_text) -> String {
    String(
      decoding: UnsafeRawBufferPointer(
        start: file.text + Int(piece.start), count: Int(piece.length)),
      as: UTF8.self)
  }
}
