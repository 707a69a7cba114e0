import Imaging
import Pose

/// Bilinear resampling of a picture into a network's input.
enum Resampler {
  /// Fills `target` [height, width, 3] with what `toSource` shows of the picture, normalised.
  ///
  /// Outside the picture there is black. The map should reduce less than twofold; what reduces more
  /// is reduced before. Whole-numbered positions give the pixel itself, exactly.
  static func warp(
    _ picture: ImageBuffer, toSource map: AffineMap, input: InputSpec, gain: SIMD3<Float>,
    offset: Float, into target: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / (255 * input.deviation)
    let shift = -input.mean / input.deviation
    let changesColor = gain != SIMD3(repeating: 1) || offset != 0
    withSampler(picture) { sampler in
      var pixel = target
      for y in 0..<input.height {
        let startX = map.b * Double(y) + map.c
        let startY = map.e * Double(y) + map.f
        for x in 0..<input.width {
          let sourceX = Float(startX + map.a * Double(x))
          let sourceY = Float(startY + map.d * Double(x))
          var (red, green, blue) = sampler.color(sourceX, sourceY)
          if changesColor {
            red = min(max(red * gain.x + offset, 0), 255)
            green = min(max(green * gain.y + offset, 0), 255)
            blue = min(max(blue * gain.z + offset, 0), 255)
          }
          pixel[0] = red * scale.x + shift.x
          pixel[1] = green * scale.y + shift.y
          pixel[2] = blue * scale.z + shift.z
          pixel += 3
        }
      }
    }
  }

  /// The same as 8-bit RGB, for people to look at.
  static func warp(
    _ picture: ImageBuffer, toSource map: AffineMap, width: Int, height: Int
  ) -> ImageBuffer {
    var result = ImageBuffer(width: width, height: height)
    withSampler(picture) { sampler in
      for y in 0..<height {
        for x in 0..<width {
          let (sourceX, sourceY) = map.apply(Double(x), Double(y))
          let (red, green, blue) = sampler.color(Float(sourceX), Float(sourceY))
          let index = (y * width + x) * 3
          result.pixels[index] = UInt8(red + 0.5)
          result.pixels[index + 1] = UInt8(green + 0.5)
          result.pixels[index + 2] = UInt8(blue + 0.5)
        }
      }
    }
    return result
  }

  private static func withSampler(_ picture: ImageBuffer, _ body: (Sampler) -> Void) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { levels in
      for level in 0..<256 { levels.initializeElement(at: level, to: Float(level)) }
      picture.pixels.withUnsafeBufferPointer { source in
        guard let levels = UnsafePointer(levels.baseAddress) else { return }
        body(
          Sampler(
            // An empty picture has no pixel that is looked at.
            source: source.baseAddress
              ?? UnsafeRawPointer(levels).assumingMemoryBound(to: UInt8.self),
            levels: levels, width: source.isEmpty ? 0 : picture.width,
            height: source.isEmpty ? 0 : picture.height))
      }
    }
  }

  private struct Sampler {
    let source: UnsafePointer<UInt8>
    /// Each byte as a number: read faster than converted.
    let levels: UnsafePointer<Float>
    let width: Int
    let height: Int

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
        let upper = source + (row &* width &+ column) &* 3
        let lower = upper + width &* 3
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
        let pixel = source + (y * width + x) * 3
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
}
