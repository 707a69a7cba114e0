import Support

/// Reads PNG and JPEG files into 8-bit RGB.
///
/// The format is known by the first bytes, not by the name. Limits are checked after the header and
/// before any pixel memory is allocated. An orientation in the picture's EXIF data is not applied:
/// COCO's labels refer to the stored pixels. Transparent pixels are blended over black, the colour
/// that a crop also shows outside the picture.
public enum ImageDecoder {
  /// Pixels on the longest side that are read.
  public static let maximumSide = 16384
  /// Pixels that are read.
  public static let maximumPixels = 64_000_000
  /// Bytes of a file that are read.
  public static let maximumFileBytes = 256 << 20

  private enum Format { case png, jpeg }

  /// The size that a file's header gives.
  public static func size(of path: String) throws(ImageError) -> ImageSize {
    try size(of: read(path), path: path)
  }

  /// The size that the header of a file's bytes gives; `path` is only named in errors.
  public static func size(of bytes: [UInt8], path: String) throws(ImageError) -> ImageSize {
    let size =
      switch try format(of: bytes, path: path) {
      case .png: try PNGReading.size(bytes, path: path)
      case .jpeg: try JPEGReading.size(bytes, path: path)
      }
    return try checked(size, path: path)
  }

  /// The picture in a file.
  ///
  /// `reduction`: 1, 2, 4 or 8 (others count as the next lower of these): each pixel of
  ///   the result stands for `reduction`² of the file, `ceil(side / reduction)` on a side.
  public static func decode(
    _ path: String, reduction: Int = 1
  ) throws(ImageError) -> ImageBuffer {
    try decode(read(path), path: path, reduction: reduction)
  }

  /// The picture in a file's bytes; `path` is only named in errors.
  public static func decode(
    _ bytes: [UInt8], path: String, reduction: Int = 1
  ) throws(ImageError) -> ImageBuffer {
    var picture = ImageBuffer(width: 0, height: 0)
    try decode(bytes, path: path, reduction: { _ in reduction }, into: &picture)
    return picture
  }

  /// The picture in a file's bytes, in memory that is used again; returns the size of the file's own
  /// picture.
  ///
  /// `reduction` chooses the reduction when the size is known.
  @discardableResult
  public static func decode(
    _ bytes: [UInt8], path: String, reduction: (ImageSize) -> Int, into picture: inout ImageBuffer
  ) throws(ImageError) -> ImageSize {
    let format = try format(of: bytes, path: path)
    let size = try size(of: bytes, path: path)
    let factor = step(reduction(size))
    switch format {
    case .png:
      try PNGReading.decode(bytes, size: size, path: path, into: &picture)
      if factor > 1 { picture = picture.reduced(by: factor) }
    case .jpeg:
      try JPEGReading.decode(bytes, size: size, reduction: factor, path: path, into: &picture)
    }
    return size
  }

  /// The bytes of a picture file.
  public static func read(_ path: String) throws(ImageError) -> [UInt8] {
    do {
      return try FileReading.bytes(of: path, limit: maximumFileBytes)
    } catch {
      throw .file(error)
    }
  }

  private static func step(_ reduction: Int) -> Int {
    reduction >= 8 ? 8 : reduction >= 4 ? 4 : reduction >= 2 ? 2 : 1
  }

  private static func format(of bytes: [UInt8], path: String) throws(ImageError) -> Format {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    throw .unknownFormat(path: path)
  }

  private static func checked(
    _ size: ImageSize, path: String
  ) throws(ImageError) -> ImageSize {
    let range = 1...maximumSide
    guard range.contains(size.width), range.contains(size.height),
      size.width * size.height <= maximumPixels
    else { throw .sizeOutOfRange(path: path, width: size.width, height: size.height) }
    return size
  }
}
