/// Colours between the pixels of a region.
struct PictureSampler {
  /// Where the region's first pixel would lie.
  private let source: UnsafePointer<UInt8>
  /// Each byte as a number: read faster than converted.
  private let levels: UnsafePointer<Float>
  private let width: Int
  private let height: Int
  /// Bytes from one row to the next.
  private let pitch: Int

  static func with(
    _ recipe: CropRecipe, _ part: UnsafePointer<UInt8>, _ body: (PictureSampler) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { levels in
      for level in 0..<256 { levels.initializeElement(at: level, to: Float(level)) }
      guard let levels = UnsafePointer(levels.baseAddress) else { return }
      let pitch = 3 * Int(recipe.partWidth)
      body(
        PictureSampler(
          source: part - Int(recipe.top) * pitch - 3 * Int(recipe.left), levels: levels,
          width: Int(recipe.width), height: Int(recipe.height), pitch: pitch))
    }
  }

  /// The colour at a position, 0...255.
  @inline(__always)
  func color(_ x: Float, _ y: Float) -> (Float, Float, Float) {
    // Also false for a position that is no number.
    guard x > -1, y > -1, x < Float(width), y < Float(height) else { return (0, 0, 0) }
    let (left, column) = Self.floor(x)
    let (top, row) = Self.floor(y)
    let (partX, partY) = (x - left, y - top)
    let (w00, w01) = ((1 - partX) * (1 - partY), partX * (1 - partY))
    let (w10, w11) = ((1 - partX) * partY, partX * partY)
    if column >= 0, row >= 0, column &+ 1 < width, row &+ 1 < height {
      let upper = source + (row &* pitch &+ column &* 3)
      let lower = upper + pitch
      return (
        mix(upper, lower, 0, w00, w01, w10, w11), mix(upper, lower, 1, w00, w01, w10, w11),
        mix(upper, lower, 2, w00, w01, w10, w11)
      )
    }
    return edge(column, row, w00, w01, w10, w11)
  }

  /// Where some of the four pixels lie outside.
  @inline(never)
  private func edge(
    _ column: Int, _ row: Int, _ w00: Float, _ w01: Float, _ w10: Float, _ w11: Float
  ) -> (Float, Float, Float) {
    var sum = SIMD3<Float>.zero
    for (dx, dy, weight) in [(0, 0, w00), (1, 0, w01), (0, 1, w10), (1, 1, w11)] {
      let (x, y) = (column + dx, row + dy)
      guard x >= 0, y >= 0, x < width, y < height else { continue }
      let pixel = source + (y * pitch + x * 3)
      sum += weight * SIMD3(Float(pixel[0]), Float(pixel[1]), Float(pixel[2]))
    }
    return (sum.x, sum.y, sum.z)
  }

  /// The largest whole number that is not above `x`, |x| < 2²²: `x86-64` without SSE 4.1 has it only as a
  /// function of the C library. Added to 1.5 · 2²³, a number's last bit is worth one.
  @inline(__always)
  private static func floor(_ x: Float) -> (Float, Int) {
    let shifted = x + 0x1.8p23
    let nearest = shifted - 0x1.8p23
    let whole = Int(
      Int32(bitPattern: shifted.bitPattern) &- Int32(bitPattern: (0x1.8p23 as Float).bitPattern))
    return nearest > x ? (nearest - 1, whole &- 1) : (nearest, whole)
  }

  @inline(__always)
  private func mix(
    _ upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>, _ channel: Int,
    _ w00: Float, _ w01: Float, _ w10: Float, _ w11: Float
  ) -> Float {
    let first = levels[Int(upper[channel])] * w00 + levels[Int(upper[channel &+ 3])] * w01
    return first
      + (levels[Int(lower[channel])] * w10 + levels[Int(lower[channel &+ 3])] * w11)
  }
}
