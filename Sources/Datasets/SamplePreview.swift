public import Imaging
public import Pose
public import Support

/// A sample's crop as people see it.
public struct SamplePreview: Sendable {
  /// The crop in the input's size.
  public let picture: ImageBuffer
  /// The labels in pixels of the crop; they may lie outside.
  public let keypoints: [Keypoint]
  /// From the crop's pixels to those of the picture in the file.
  public let toImage: AffineMap

  /// The crop of one sample; fails when its picture cannot be read.
  ///
  /// - Parameters:
  ///   - quarantine: pictures that are not to be touched.
  ///   - notes: where the calling thread notes the picture that it is decoding.
  public static func make(
    _ dataset: Dataset, sample: Int, input: InputSpec, quarantine: Set<String> = [],
    notes: CrashNotes = CrashNotes(slot: -1)
  ) throws(ImageError) -> SamplePreview {
    var loader = SampleLoader(
      dataset: dataset, input: input, augmentation: .none, seed: 0,
      cache: SampleCache(capacity: 0), quarantine: quarantine, notes: notes)
    return try loader.preview(sample)
  }

  /// A sample as the engine sees it in an epoch of a training: augmented, cut to the input, and with
  /// the points that count as its keypoints; fails when its picture cannot be read.
  public static func augmented(
    _ dataset: Dataset, sample: Int, epoch: Int, input: InputSpec, augmentation: Augmentation,
    seed: Int
  ) throws(ImageError) -> SamplePreview {
    var loader = SampleLoader(
      dataset: dataset, input: input, augmentation: augmentation, seed: seed,
      cache: SampleCache(capacity: 0))
    return try loader.augmentedPreview(sample, epoch: epoch)
  }
}
