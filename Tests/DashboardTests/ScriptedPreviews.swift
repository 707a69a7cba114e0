import Glibc
import Pose
import RunFiles
import Support

/// Validation crops that nobody photographed: a figure on a gradient, and what a model might say.
enum ScriptedPreviews {
  static let width = 96
  static let height = 128

  /// A standing figure in COCO's order, in shares of the crop.
  private static let figure: [(x: Double, y: Double)] = [
    (0.50, 0.12), (0.53, 0.10), (0.47, 0.10), (0.57, 0.11), (0.43, 0.11), (0.62, 0.25),
    (0.38, 0.25), (0.70, 0.40), (0.30, 0.40), (0.74, 0.53), (0.26, 0.53), (0.58, 0.55),
    (0.42, 0.55), (0.60, 0.74), (0.40, 0.74), (0.61, 0.93), (0.39, 0.93),
  ]
  private static let random = CounterRandom(seed: 3, name: "previews")

  static func make(count: Int) -> SamplePreviews {
    var pixels: [UInt8] = []
    var samples: [SamplePreviews.Sample] = []
    for index in 0..<count {
      let points = labels(index)
      pixels += picture(index, points)
      samples.append(
        SamplePreviews.Sample(
          name: "figures/\(100_000 + index).png", keypoints: points, boxSize: 110))
    }
    return SamplePreviews(
      width: width, height: height, schema: .coco17, samples: samples, pixels: pixels)
  }

  static func predictions(for previews: SamplePreviews, epoch: Int, step: Int) -> PredictionSet {
    var keypoints: [[PredictedKeypoint]] = []
    var oks: [Double] = []
    for (index, sample) in previews.samples.enumerated() {
      let noise = 1.2 + 3 * random.uniform(index + 500)
      var points = sample.keypoints.enumerated().map { number, point in
        let at = index * 100 + number
        return PredictedKeypoint(
          x: point.x + noise * random.normal(2 * at),
          y: point.y + noise * random.normal(2 * at + 1),
          score: min(1, max(0.1, 0.9 - 0.04 * noise + 0.1 * random.normal(at + 90_000))))
      }
      // In each third sample the ankles are taken for each other.
      if index % 3 == 0 { points.swapAt(15, 16) }
      keypoints.append(points)
      oks.append(index % 3 == 0 ? 0.55 + 0.05 * random.uniform(index) : 0.95 - 0.06 * noise)
    }
    return PredictionSet(epoch: epoch, step: step, keypoints: keypoints, oks: oks)
  }

  /// Overwrites a file with something else.
  static func spoil(_ path: String) throws {
    try DurableFile.commit(path, bytes: Array("no tensors at all".utf8))
  }

  private static func labels(_ index: Int) -> [Keypoint] {
    let lean = 0.1 * random.normal(index)
    return figure.enumerated().map { number, point in
      let sway = 0.012 * random.normal(index * 50 + number + 10_000)
      let x = (point.x + lean * (0.55 - point.y) + sway) * Double(width)
      return Keypoint(
        x: x, y: point.y * Double(height),
        visibility: number == 3 && index % 4 == 1 ? .unlabelled : .visible)
    }
  }

  private static func picture(_ index: Int, _ points: [Keypoint]) -> [UInt8] {
    let limbs = KeypointSchema.coco17.skeleton
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let isBody = limbs.contains { limb in
          distance(Double(x), Double(y), points[limb.0], points[limb.1]) < 5
        }
        if isBody {
          pixels += [UInt8(150 + y / 2), UInt8(90 + index * 7 % 60), 70]
        } else {
          pixels += [UInt8(40 + x / 2), UInt8(90 + y / 2), UInt8(140 + (x + y) / 4)]
        }
      }
    }
    return pixels
  }

  private static func distance(_ x: Double, _ y: Double, _ a: Keypoint, _ b: Keypoint) -> Double {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = max(1e-9, dx * dx + dy * dy)
    let share = min(1, max(0, ((x - a.x) * dx + (y - a.y) * dy) / length))
    return hypot(x - a.x - share * dx, y - a.y - share * dy)
  }
}
