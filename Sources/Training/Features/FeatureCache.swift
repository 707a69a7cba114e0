import Datasets
import Graph
import Pose

/// What the layers that keep their values make of every sample, computed once, with what a step and a
/// validation need beside it.
///
/// Only where the pictures are the same in every epoch: without augmentation.
final class FeatureCache {
  /// The layers whose results are kept, in both passes; found once, since steps are short with them.
  let prefix: (training: FrozenPrefix, evaluation: FrozenPrefix)
  /// Values of one sample's features.
  let featureCount: Int
  private let pointCount: Int
  /// Place of each sample of the data set here; -1 for those that are not kept.
  private var places: [Int]
  private let features: UnsafeMutableBufferPointer<Float>
  private let points: UnsafeMutableBufferPointer<Float>
  private let stagedFeatures: UnsafeMutableBufferPointer<Float>
  private let stagedPoints: UnsafeMutableBufferPointer<Float>
  private var isValid: [Bool]
  private var toImage: [AffineMap]
  private var filled = 0

  /// Bytes of the features of some samples.
  static func bytes(samples: Int, featureCount: Int, keypoints: Int) -> Int {
    4 * samples * (featureCount + 3 * keypoints)
  }

  /// Room for some samples of a data set with `total` of them, handed out in batches.
  init(
    _ prefix: (training: FrozenPrefix, evaluation: FrozenPrefix), samples: Int, of total: Int,
    featureCount: Int, keypoints: Int, batch: Int
  ) {
    self.prefix = prefix
    self.featureCount = featureCount
    pointCount = 3 * keypoints
    places = [Int](repeating: -1, count: total)
    features = .allocate(capacity: max(1, samples * featureCount))
    points = .allocate(capacity: max(1, samples * pointCount))
    stagedFeatures = .allocate(capacity: batch * featureCount)
    stagedPoints = .allocate(capacity: batch * pointCount)
    isValid = [Bool](repeating: false, count: samples)
    toImage = [AffineMap](repeating: .identity, count: samples)
  }

  deinit {
    features.deallocate()
    points.deallocate()
    stagedFeatures.deallocate()
    stagedPoints.deallocate()
  }

  /// Keeps the features of a batch, which a session has just computed.
  func take(_ batch: LoadedBatch, features read: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let rows = filled..<filled + batch.count
    read(.init(rebasing: features[rows.lowerBound * featureCount..<rows.upperBound * featureCount]))
    for (row, place) in rows.enumerated() {
      places[batch.samples[row]] = place
      isValid[place] = batch.isValid[row]
      toImage[place] = batch.toImage[row]
      let target = points[place * pointCount..<(place + 1) * pointCount]
      _ = UnsafeMutableBufferPointer(rebasing: target).update(
        fromContentsOf: UnsafeBufferPointer(
          start: batch.keypoints + row * pointCount, count: pointCount))
    }
    filled = rows.upperBound
  }

  /// Features and keypoints of some samples as a batch, `[count, featureCount]` and `[count, K, 3]`;
  /// valid until the next call.
  func batch(
    _ samples: [Int]
  ) -> (features: UnsafeBufferPointer<Float>, keypoints: UnsafeBufferPointer<Float>) {
    for (row, sample) in samples.enumerated() {
      let place = places[sample]
      precondition(place >= 0, "the sample is not in the cache")
      Self.copy(features, place, to: stagedFeatures, row, featureCount)
      Self.copy(points, place, to: stagedPoints, row, pointCount)
    }
    return (
      UnsafeBufferPointer(rebasing: stagedFeatures[..<(samples.count * featureCount)]),
      UnsafeBufferPointer(rebasing: stagedPoints[..<(samples.count * pointCount)])
    )
  }

  private static func copy(
    _ source: UnsafeMutableBufferPointer<Float>, _ from: Int,
    to target: UnsafeMutableBufferPointer<Float>, _ to: Int, _ count: Int
  ) {
    _ = UnsafeMutableBufferPointer(rebasing: target[to * count..<(to + 1) * count])
      .update(fromContentsOf: source[from * count..<(from + 1) * count])
  }

  /// Whether the sample's picture could be read, and the map from the input to the picture.
  func facts(of sample: Int) -> (isValid: Bool, toImage: AffineMap) {
    (isValid[places[sample]], toImage[places[sample]])
  }
}
