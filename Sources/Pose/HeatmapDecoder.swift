import Glibc

/// Finds the keypoints in heatmaps.
public struct HeatmapDecoder: Sendable {
  /// How the position is refined below one heatmap pixel.
  public enum Refinement: Sendable {
    /// The highest pixel itself.
    case none
    /// A quarter pixel towards the higher neighbour on each axis (SimpleBaseline).
    case quarterOffset
    /// One Newton step on the logarithm of the smoothed map (DARK, Zhang et al. 2020).
    case dark
  }

  /// Width of the heatmaps, px.
  public let width: Int
  /// Height of the heatmaps, px.
  public let height: Int
  /// Number of keypoints, K.
  public let keypoints: Int
  /// How positions are refined.
  public let refinement: Refinement
  private let scaleX: Double
  private let scaleY: Double
  private let kernel: [Double]

  /// A decoder for heatmaps of `width` x `height` of an input of `inputWidth` x `inputHeight`.
  ///
  /// `sigma` is the standard deviation of the target's Gaussians in heatmap pixels; DARK smooths
  /// with its own (11 taps for 2, 17 for 3).
  public init(
    inputWidth: Int, inputHeight: Int, width: Int, height: Int, keypoints: Int,
    convention: CoordinateConvention, sigma: Double = 2, refinement: Refinement = .dark
  ) {
    self.width = width
    self.height = height
    self.keypoints = keypoints
    self.refinement = refinement
    scaleX = convention.ratio(inputWidth, to: width)
    scaleY = convention.ratio(inputHeight, to: height)
    kernel = Self.smoothingKernel(radius: Self.smoothingRadius(sigma: sigma))
  }

  /// Taps on either side of the middle of the kernel with which DARK smooths.
  public static func smoothingRadius(sigma: Double) -> Int {
    max(1, min(32, Int((2.75 * sigma).rounded(.down))))
  }

  /// The kernel with which DARK smooths along each axis: a kernel of n taps has OpenCV's deviation for
  /// n, as in the reference implementation.
  public static func smoothingKernel(radius: Int) -> [Double] {
    let deviation = 0.3 * (Double(radius) - 1) + 0.8
    let weights = (-radius...radius).map {
      exp(-Double($0 * $0) / (2 * deviation * deviation))
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// The keypoints of one sample, in pixels of the input.
  ///
  /// `heatmaps` is [height, width, keypoints], channels last. The score is the height of the peak;
  /// a map without a positive value gives score 0 and the input's middle.
  public func decode(_ heatmaps: UnsafePointer<Float>) -> [PredictedKeypoint] {
    (0..<keypoints).map { decode(heatmaps, keypoint: $0) }
  }

  private func decode(_ heatmaps: UnsafePointer<Float>, keypoint: Int) -> PredictedKeypoint {
    var best: Float = 0
    var place = -1
    for pixel in 0..<(width * height) {
      let value = heatmaps[pixel * keypoints + keypoint]
      if value > best {
        best = value
        place = pixel
      }
    }
    guard place >= 0, best.isFinite else {
      return PredictedKeypoint(
        x: scaleX * Double(width - 1) / 2, y: scaleY * Double(height - 1) / 2, score: 0)
    }
    let map = Map(
      values: heatmaps + keypoint, stride: keypoints, width: width, height: height)
    let (column, row) = (place % width, place / width)
    var offset = (x: 0.0, y: 0.0)
    switch refinement {
    case .none: break
    case .quarterOffset: offset = quarterOffset(map, column, row)
    case .dark: offset = dark(map, column, row) ?? quarterOffset(map, column, row)
    }
    return PredictedKeypoint(
      x: (Double(column) + offset.x) * scaleX, y: (Double(row) + offset.y) * scaleY,
      score: Double(best))
  }

  /// One keypoint's map; zero outside.
  private struct Map {
    let values: UnsafePointer<Float>
    let stride: Int
    let width: Int
    let height: Int

    func at(_ x: Int, _ y: Int) -> Double {
      guard x >= 0, y >= 0, x < width, y < height else { return 0 }
      return Double(values[(y * width + x) * stride])
    }
  }

  private func quarterOffset(_ map: Map, _ x: Int, _ y: Int) -> (x: Double, y: Double) {
    guard x > 1, y > 1, x < width - 1, y < height - 1 else { return (0, 0) }
    func step(_ difference: Double) -> Double {
      difference > 0 ? 0.25 : difference < 0 ? -0.25 : 0
    }
    return (step(map.at(x + 1, y) - map.at(x - 1, y)), step(map.at(x, y + 1) - map.at(x, y - 1)))
  }

  /// The Newton step, or nil near the border and where the smoothed map has no maximum.
  private func dark(_ map: Map, _ x: Int, _ y: Int) -> (x: Double, y: Double)? {
    guard x > 1, y > 1, x < width - 2, y < height - 2 else { return nil }
    // Only the 5 x 5 pixels around the peak are needed: rows first, then columns.
    let radius = kernel.count / 2
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 5 * (2 * radius + 5)) { rows in
      for line in 0..<(2 * radius + 5) {
        for column in 0..<5 {
          var sum = 0.0
          for tap in -radius...radius {
            sum += kernel[tap + radius] * map.at(x + column - 2 + tap, y + line - 2 - radius)
          }
          rows[line * 5 + column] = sum
        }
      }
      func logarithm(_ dx: Int, _ dy: Int) -> Double {
        var sum = 0.0
        for tap in 0...(2 * radius) { sum += kernel[tap] * rows[(dy + 2 + tap) * 5 + dx + 2] }
        return log(max(sum, 1e-10))
      }
      let gradientX = 0.5 * (logarithm(1, 0) - logarithm(-1, 0))
      let gradientY = 0.5 * (logarithm(0, 1) - logarithm(0, -1))
      let center = logarithm(0, 0)
      let xx = 0.25 * (logarithm(2, 0) - 2 * center + logarithm(-2, 0))
      let yy = 0.25 * (logarithm(0, 2) - 2 * center + logarithm(0, -2))
      let xy =
        0.25 * (logarithm(1, 1) - logarithm(-1, 1) - logarithm(1, -1) + logarithm(-1, -1))
      let determinant = xx * yy - xy * xy
      guard determinant > 1e-12, xx < 0 else { return nil }
      let stepX = -(yy * gradientX - xy * gradientY) / determinant
      let stepY = -(xx * gradientY - xy * gradientX) / determinant
      // A longer step means that the map is no bump around its highest pixel.
      guard abs(stepX) <= 1.5, abs(stepY) <= 1.5 else { return nil }
      return (stepX, stepY)
    }
  }
}
