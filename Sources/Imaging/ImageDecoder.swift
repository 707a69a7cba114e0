import Support

/// Reads PNG and JPEG files into 8-bit RGB.
///
/// The format is known by the first bytes, not by the name. Limits are checked after the header and
/// before any pixel memory is allocated, and so is whether the file's bytes can hold so many pixels. An orientation in the picture's EXIF data is not applied:
/// COCO's labels refer to the stored pixels. Transparent pixels are blended over black, the colour
/// that a crop also shows outside the picture.
public enum ImageDecoder {
  /// Pixels on the longest side that are read.
  public static let maximumSide = 16384
  /// Pixels that are read.
  public static let maximumPixels = 64_000_000
  /// Bytes of a file that are read.
  public static let maximumFileBytes = 256 << 20

  private enum Format: String { case png = "PNG", jpeg = "JPEG" }

  /// The size of the picture in a file, turned as its EXIF data says.
  public static func size(of path: String) throws(ImageError) -> ImageSize {
    try header(of: read(path), path: path).size()
  }

  /// What a file's bytes say of the picture; `path` is only named in errors.
  public static func header(of bytes: [UInt8], path: String) throws(ImageError) -> ImageHeader {
    let size =
      switch try format(of: bytes, path: path) {
      case .png: try PNGReading.size(bytes, path: path)
      case .jpeg: try JPEGReading.size(bytes, path: path)
      }
    return ImageHeader(
      stored: try checked(size, path: path), orientation: ImageOrientation(of: bytes))
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
  /// - `declared`: the size that the annotations give, which decides whether EXIF's turn is wanted.
  /// - `reduction`: chooses the reduction when the size is known.
  @discardableResult
  public static func decode(
    _ bytes: [UInt8], path: String, declared: ImageSize? = nil, reduction: (ImageSize) -> Int,
    into picture: inout ImageBuffer
  ) throws(ImageError) -> ImageSize {
    let format = try format(of: bytes, path: path)
    let header = try header(of: bytes, path: path)
    let least =
      switch format {
      case .png: PNGReading.leastBytes(bytes, size: header.stored)
      case .jpeg: JPEGReading.leastBytes(bytes, size: header.stored)
      }
    guard bytes.count >= least else {
      throw .broken(
        path: path, format: format.rawValue,
        reason:
          "its \(bytes.count) bytes cannot hold \(header.stored.width) x \(header.stored.height) pixels"
      )
    }
    let isTurned = header.isTurned(declared: declared)
    let factor = step(reduction(header.size(declared: declared)))
    // The blocks of a reduced picture begin at its first pixel, which turning moves.
    let reducesWhileReading = format == .jpeg && !isTurned
    switch format {
    case .png: try PNGReading.decode(bytes, size: header.stored, path: path, into: &picture)
    case .jpeg:
      try JPEGReading.decode(
        bytes, size: header.stored, reduction: reducesWhileReading ? factor : 1, path: path,
        into: &picture)
    }
    if isTurned { picture = picture.turned(header.orientation) }
    if factor > 1, !reducesWhileReading { picture = picture.reduced(by: factor) }
    return header.size(declared: declared)
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
