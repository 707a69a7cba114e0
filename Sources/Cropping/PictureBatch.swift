/// The pictures of a batch: finished ones, or what a device is to make them of.
public struct PictureBatch {
  /// A row for each picture, one behind the other: `[height, width, 3]` floats, or what its recipe says.
  public let rows: UnsafeRawPointer
  /// Pictures.
  public let count: Int
  /// Width of a picture, px.
  public let width: Int
  /// Height of a picture, px.
  public let height: Int
  /// How each picture is made; nil where all are finished.
  public let recipes: UnsafePointer<CropRecipe>?

  /// A batch over memory that outlives it.
  public init(
    rows: UnsafeRawPointer, count: Int, width: Int, height: Int,
    recipes: UnsafePointer<CropRecipe>? = nil
  ) {
    self.rows = rows
    self.count = count
    self.width = width
    self.height = height
    self.recipes = recipes
  }

  /// Bytes from one row to the next: those of a finished picture.
  public static func rowBytes(width: Int, height: Int) -> Int {
    width * height * 3 * MemoryLayout<Float>.stride
  }

  /// Bytes from one row to the next.
  public var rowBytes: Int { Self.rowBytes(width: width, height: height) }

  /// The pictures `[count, height, width, 3]`, normalised; nil where they are still to be made.
  public var finished: UnsafeBufferPointer<Float>? {
    guard recipes == nil else { return nil }
    return UnsafeBufferPointer(
      start: rows.assumingMemoryBound(to: Float.self), count: count * width * height * 3)
  }

  /// Bytes of a row that count.
  public func bytes(ofRow row: Int) -> Int {
    recipes.map { $0[row].bytes(of: rowBytes) } ?? rowBytes
  }

  /// Makes the pictures on the processor, `[count, height, width, 3]`.
  public func make(into target: UnsafeMutablePointer<Float>) {
    var cropper = Cropper()
    let values = width * height * 3
    let finished = CropRecipe(.finished)
    for row in 0..<count {
      cropper.crop(
        recipes?[row] ?? finished, from: rows + row * rowBytes, into: target + row * values,
        width: width, height: height)
    }
  }
}
