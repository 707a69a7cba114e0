/// Makes pictures by their recipes, on the processor; each thread has its own.
public struct Cropper {
  private var line: [Float] = []

  /// One that has made nothing yet.
  public init() {}

  /// A picture `[height, width, 3]`, normalised.
  ///
  /// - Parameters:
  ///   - recipe: what is made of `row`.
  ///   - row: what the recipe says lies there, such as the part of a region `[partHeight, partWidth, 3]`.
  public mutating func crop(
    _ recipe: CropRecipe, from row: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>,
    width: Int, height: Int
  ) {
    switch CropRecipe.Form(rawValue: recipe.form) {
    case .region: break
    case .finished:
      return target.update(
        from: row.assumingMemoryBound(to: Float.self), count: width * height * 3)
    case .empty, nil: return target.update(repeating: 0, count: width * height * 3)
    }
    Self.warp(
      recipe, from: row.assumingMemoryBound(to: UInt8.self), into: target, width: width,
      height: height)
    if recipe.isBlurred { blur(recipe, target, width: width, height: height) }
    // 0 is the mean colour after the normalisation.
    let count = 3 * Int(recipe.eraseRight - recipe.eraseLeft)
    for row in recipe.eraseTop..<recipe.eraseBottom {
      (target + (Int(row) * width + Int(recipe.eraseLeft)) * 3).update(repeating: 0, count: count)
    }
  }

  /// Bilinear interpolation; outside the region there is black. The map should reduce less than twofold;
  /// what reduces more is reduced before. Whole-numbered positions give the pixel itself, exactly.
  private static func warp(
    _ recipe: CropRecipe, from part: UnsafePointer<UInt8>,
    into target: UnsafeMutablePointer<Float>, width: Int, height: Int
  ) {
    let (a, b, c, d, e, f) = (recipe.a, recipe.b, recipe.c, recipe.d, recipe.e, recipe.f)
    let (scale, shift) = (SIMD3(recipe.scale), SIMD3(recipe.shift))
    let (gain, offset) = (SIMD3(recipe.gain), recipe.offset)
    let changesColor = gain != SIMD3(repeating: 1) || offset != 0
    PictureSampler.with(recipe, part) { sampler in
      var pixel = target
      for y in 0..<height {
        let startX = b * Double(y) + c
        let startY = e * Double(y) + f
        for x in 0..<width {
          let sourceX = Float(startX + a * Double(x))
          let sourceY = Float(startY + d * Double(x))
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

  /// The crop as 8-bit RGB, for people to look at: `[height, width, 3]`, without what is done to colours.
  public static func show(
    _ recipe: CropRecipe, from part: UnsafePointer<UInt8>,
    into target: UnsafeMutablePointer<UInt8>, width: Int, height: Int
  ) {
    PictureSampler.with(recipe, part) { sampler in
      var pixel = target
      for y in 0..<height {
        for x in 0..<width {
          let (x, y) = (Double(x), Double(y))
          let (red, green, blue) = sampler.color(
            Float(recipe.a * x + recipe.b * y + recipe.c),
            Float(recipe.d * x + recipe.e * y + recipe.f))
          (pixel[0], pixel[1], pixel[2]) = (
            UInt8(red + 0.5), UInt8(green + 0.5), UInt8(blue + 0.5)
          )
          pixel += 3
        }
      }
    }
  }

  // MARK: - Blur

  private mutating func blur(
    _ recipe: CropRecipe, _ image: UnsafeMutablePointer<Float>, width: Int, height: Int
  ) {
    for row in 0..<height {
      for channel in 0..<3 {
        smooth(recipe, image + row * width * 3 + channel, count: width, step: 3)
      }
    }
    for column in 0..<(width * 3) {
      smooth(recipe, image + column, count: height, step: width * 3)
    }
  }

  private mutating func smooth(
    _ recipe: CropRecipe, _ values: UnsafeMutablePointer<Float>, count: Int, step: Int
  ) {
    let radius = Int(recipe.blurRadius)
    line.removeAll(keepingCapacity: true)
    for index in -radius..<(count + radius) {
      line.append(values[min(max(index, 0), count - 1) * step])
    }
    for index in 0..<count {
      var sum: Float = 0
      for tap in 0...(2 * radius) { sum += recipe.taps[tap] * line[index + tap] }
      values[index * step] = sum
    }
  }
}

extension SIMD3<Float> {
  fileprivate init(_ values: InlineArray<3, Float>) { self.init(values[0], values[1], values[2]) }
}
