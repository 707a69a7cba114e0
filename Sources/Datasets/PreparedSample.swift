import Imaging
import Pose

/// The part of a sample's picture that crops can show, reduced so that a crop is less than twice as
/// large in it as in the input: what the cache keeps.
///
/// A function of the sample, the input and the preset alone, so results do not depend on what
/// happens to be in the cache.
struct PreparedSample: Sendable {
  /// The region's pixels.
  let region: ImageBuffer
  /// Size of the whole picture in the file.
  let size: ImageSize
  /// From the picture's pixels to the region's.
  let toRegion: AffineMap

  /// Bytes that it takes.
  var bytes: Int { region.pixels.count + 256 }

  init(
    sample: Sample, bytes: [UInt8], input: InputSpec, crops: SampleCrops, reach: Augmentation,
    scratch: inout ImageBuffer
  ) throws(ImageError) {
    var factor = 1
    let size = try ImageDecoder.decode(
      bytes, path: sample.imagePath, declared: sample.declaredSize,
      reduction: { size in
        factor = Self.factor(sample, size, input)
        return min(factor, 8)
      }, into: &scratch)
    let decoded = min(factor, 8)
    let reduced = factor > decoded ? scratch.reduced(by: factor / decoded) : nil
    let whole = reduced ?? scratch
    let scale = 1 / Double(factor)
    let shift = -(Double(factor) - 1) / 2 * scale
    var columns = 0..<whole.width
    var rows = 0..<whole.height
    if sample.box != nil {
      let windows = crops.regions(sample).map { region in
        (
          x: region.x + region.width / 2, y: region.y + region.height / 2,
          radius: reach.reach(of: region) * scale + 2
        )
      }
      columns = Self.clamped(
        windows.map { ($0.x * scale + shift - $0.radius, $0.x * scale + shift + $0.radius) },
        count: whole.width)
      rows = Self.clamped(
        windows.map { ($0.y * scale + shift - $0.radius, $0.y * scale + shift + $0.radius) },
        count: whole.height)
    }
    region = whole.cropped(
      x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
    self.size = size
    toRegion = .scaling(
      scale, scale, shiftX: shift - Double(columns.lowerBound),
      shiftY: shift - Double(rows.lowerBound))
  }

  /// The largest power of two by which the picture can be reduced so that the crop stays at least
  /// as large as the input.
  private static func factor(_ sample: Sample, _ size: ImageSize, _ input: InputSpec) -> Int {
    let map = input.map(for: sample, in: size)
    let ratio = 1 / max(map.a, map.e)
    var factor = 1
    while factor < 4096, Double(factor * 2) <= ratio { factor *= 2 }
    return factor
  }

  private static func clamped(_ spans: [(Double, Double)], count: Int) -> Range<Int> {
    let low = (spans.map(\.0).min() ?? 0).rounded(.down)
    let high = (spans.map(\.1).max() ?? 0).rounded(.up) + 1
    let first = Int(min(max(low, 0), Double(count)))
    let last = Int(min(max(high, Double(first)), Double(count)))
    return first..<last
  }
}

/// The crops of a sample: the person's and, where the preset has them, those of its halves.
struct SampleCrops: Sendable {
  let input: InputSpec
  let augmentation: Augmentation
  /// For each keypoint whether it belongs to the lower body.
  private let isLower: [Bool]

  /// Margin around half a body (HRNet's).
  private static let halfPadding = 1.5

  init(input: InputSpec, augmentation: Augmentation, schema: KeypointSchema) {
    self.input = input
    self.augmentation = augmentation
    isLower = schema.keypoints.map { name in
      ["hip", "knee", "ankle", "heel", "toe", "foot"].contains { name.contains($0) }
    }
  }

  /// The map of a crop, without the variation within the input.
  func map(_ sample: Sample, half: BodyHalf?, in size: ImageSize) -> AffineMap {
    if let half, let box = halfBox(sample, half) {
      return .crop(
        box, padding: Self.halfPadding, width: input.width, height: input.height,
        convention: input.convention)
    }
    return input.map(for: sample, in: size)
  }

  /// What the crops of a sample with a box show of the picture.
  func regions(_ sample: Sample) -> [Box] {
    var regions: [Box] = []
    if let box = sample.box {
      regions.append(
        AffineMap.cropRegion(
          box, padding: InputSpec.padding, width: input.width, height: input.height))
    }
    if augmentation.halfBody > 0 {
      for half in [BodyHalf.upper, .lower] {
        if let box = halfBox(sample, half) {
          regions.append(
            AffineMap.cropRegion(
              box, padding: Self.halfPadding, width: input.width, height: input.height))
        }
      }
    }
    return regions
  }

  /// The box of half a body around the mean of its points; nil for people with few points.
  private func halfBox(_ sample: Sample, _ half: BodyHalf) -> Box? {
    guard sample.box != nil, sample.keypoints.count(where: \.isLabelled) > 8 else { return nil }
    let points = zip(sample.keypoints, isLower)
      .filter { $0.isLabelled && $1 == (half == .lower) }.map(\.0)
    guard points.count >= 3, let box = Box(around: points), max(box.width, box.height) > 4 else {
      return nil
    }
    let count = Double(points.count)
    let centerX = points.reduce(0) { $0 + $1.x } / count
    let centerY = points.reduce(0) { $0 + $1.y } / count
    return Box(
      x: centerX - box.width / 2, y: centerY - box.height / 2, width: box.width,
      height: box.height)
  }
}
