public import Imaging
public import Pose

/// A sample's crop as people see it, without augmentation.
public struct SamplePreview: Sendable {
  /// The crop in the input's size.
  public let picture: ImageBuffer
  /// The labels in pixels of the crop; they may lie outside.
  public let keypoints: [Keypoint]
  /// From the crop's pixels to those of the picture in the file.
  public let toImage: AffineMap

  /// The crop of one sample; fails when its picture cannot be read.
  public static func make(
    _ dataset: Dataset, sample: Int, input: InputSpec
  ) throws(ImageError) -> SamplePreview {
    var loader = SampleLoader(
      dataset: dataset, input: input, augmentation: .none, seed: 0,
      cache: SampleCache(capacity: 0))
    return try loader.preview(sample)
  }
}
