import Glibc

/// What is done to a crop after its warp: blur and erasing.
struct PixelEffects {
  private var line: [Float] = []
  private var kernel: [Float] = []

  /// Changes a normalised picture `[height, width, 3]` in place.
  mutating func apply(
    _ variation: Variation, to image: UnsafeMutablePointer<Float>, width: Int, height: Int
  ) {
    if variation.blurSigma > 0 {
      blur(image, width: width, height: height, sigma: variation.blurSigma)
    }
    if let erased = variation.erased {
      // 0 is the mean colour after the normalisation.
      for row in erased.rows {
        (image + (row * width + erased.columns.lowerBound) * 3)
          .update(repeating: 0, count: erased.columns.count * 3)
      }
    }
  }

  /// Two passes with a Gaussian of three deviations to each side; the edge pixels go on outside.
  private mutating func blur(
    _ image: UnsafeMutablePointer<Float>, width: Int, height: Int, sigma: Double
  ) {
    let radius = max(1, Int((3 * sigma).rounded(.up)))
    kernel = (-radius...radius).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
    let sum = kernel.reduce(0, +)
    for index in kernel.indices { kernel[index] /= sum }
    for row in 0..<height {
      for channel in 0..<3 {
        smooth(image + row * width * 3 + channel, count: width, step: 3, radius: radius)
      }
    }
    for column in 0..<(width * 3) {
      smooth(image + column, count: height, step: width * 3, radius: radius)
    }
  }

  private mutating func smooth(
    _ values: UnsafeMutablePointer<Float>, count: Int, step: Int, radius: Int
  ) {
    line.removeAll(keepingCapacity: true)
    for index in -radius..<(count + radius) {
      line.append(values[min(max(index, 0), count - 1) * step])
    }
    for index in 0..<count {
      var sum: Float = 0
      for tap in kernel.indices { sum += kernel[tap] * line[index + tap] }
      values[index * step] = sum
    }
  }
}
