import CSimdjson
import Glibc
import Support

/// A COCO annotation file as flat arrays; memory is freed with the object.
final class COCOFile {
  private let file: posetop_coco_file

  /// Bytes of an annotation file that are read: COCO's largest have 300 MB.
  static let maximumBytes = 2 << 30

  /// Reads the file; nil when it is a JSON document of another kind.
  init?(path: String) throws(DatasetError) {
    let buffer: UnsafeMutableRawBufferPointer
    let size: Int
    do throws(FileError) {
      let (descriptor, bytes) = try FileReading.open(path)
      defer { FileReading.close(descriptor) }
      guard bytes <= Self.maximumBytes else {
        throw FileError.tooLarge(path: path, bytes: bytes, limit: Self.maximumBytes)
      }
      size = bytes
      buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: bytes + posetop_json_padding(), alignment: 64)
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes])
      guard FileReading.read(descriptor, into: part, at: 0) == bytes else {
        buffer.deallocate()
        throw FileError.cannotRead(path: path, reason: FileError.reason())
      }
    } catch {
      throw .file(error)
    }
    defer { buffer.deallocate() }
    if let base = buffer.baseAddress { memset(base + size, 0, buffer.count - size) }
    file = posetop_coco_read(
      buffer.baseAddress?.assumingMemoryBound(to: CChar.self), size, buffer.count)
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
