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
    picture.pixels.withUnsafeBufferPointer { source in
      let sampler = Sampler(source: source, width: picture.width, height: picture.height)
      for y in 0..<input.height {
        let startX = map.b * Double(y) + map.c
        let startY = map.e * Double(y) + map.f
        var pixel = target + y * input.width * 3
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
    picture.pixels.withUnsafeBufferPointer { source in
      let sampler = Sampler(source: source, width: picture.width, height: picture.height)
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

  private struct Sampler {
    let source: UnsafeBufferPointer<UInt8>
    let width: Int
    let height: Int

    /// The colour at a position, 0...255.
    @inline(__always)
    func color(_ x: Float, _ y: Float) -> (Float, Float, Float) {
      // Also false for a position that is no number.
      guard let base = source.baseAddress, x > -1, y > -1, x < Float(width), y < Float(height)
      else { return (0, 0, 0) }
      let (left, top) = (x.rounded(.down), y.rounded(.down))
      let (column, row) = (Int(left), Int(top))
      let (partX, partY) = (x - left, y - top)
      let (w00, w01) = ((1 - partX) * (1 - partY), partX * (1 - partY))
      let (w10, w11) = ((1 - partX) * partY, partX * partY)
      if column >= 0, row >= 0, column + 1 < width, row + 1 < height {
        let upper = base + (row * width + column) * 3
        let lower = upper + width * 3
        return (
          Self.mix(upper, lower, 0, w00, w01, w10, w11),
          Self.mix(upper, lower, 1, w00, w01, w10, w11),
          Self.mix(upper, lower, 2, w00, w01, w10, w11)
        )
      }
      var sum = SIMD3<Float>.zero
      for (dx, dy, weight) in [(0, 0, w00), (1, 0, w01), (0, 1, w10), (1, 1, w11)] {
        let (x, y) = (column + dx, row + dy)
        guard x >= 0, y >= 0, x < width, y < height else { continue }
        let pixel = base + (y * width + x) * 3
        sum += weight * SIMD3(Float(pixel[0]), Float(pixel[1]), Float(pixel[2]))
      }
      return (sum.x, sum.y, sum.z)
    }

    @inline(__always)
    private static func mix(
      _ upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>, _ channel: Int,
      _ w00: Float, _ w01: Float, _ w10: Float, _ w11: Float
    ) -> Float {
      let first = Float(upper[channel]) * w00 + Float(upper[channel + 3]) * w01
      return first + (Float(lower[channel]) * w10 + Float(lower[channel + 3]) * w11)
    }
  }
}
