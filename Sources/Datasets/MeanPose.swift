import Imaging
import Pose

/// The mean pose of a data set: what a model that never looks at a picture would answer.
public enum MeanPose {
  /// The most samples that are looked at, spread evenly over those given.
  static let maximumSamples = 2000

  /// The mean position of each keypoint in pixels of the input; the middle where none is labelled.
  ///
  /// Samples without a box need the header of their picture; those that cannot be read are left out.
  public static func inInput(
    _ dataset: Dataset, samples: [Int], input: InputSpec
  ) -> [(x: Double, y: Double)] {
    var sums = [(x: Double, y: Double, count: Double)](
      repeating: (0, 0, 0), count: dataset.schema.count)
    let stride = max(1, samples.count / maximumSamples)
    for place in Swift.stride(from: 0, to: samples.count, by: stride) {
      let sample = dataset.samples[samples[place]]
      var size = ImageSize(width: 1, height: 1)
      if sample.box == nil {
        guard let known = try? ImageDecoder.size(of: sample.imagePath) else { continue }
        size = known
      }
      let map = input.map(for: sample, in: size)
      for (index, point) in sample.keypoints.enumerated() where point.isLabelled {
        let (x, y) = map.apply(point.x, point.y)
        sums[index].x += x
        sums[index].y += y
        sums[index].count += 1
      }
    }
    return sums.map { sum in
      sum.count > 0
        ? (sum.x / sum.count, sum.y / sum.count)
        : (Double(input.width - 1) / 2, Double(input.height - 1) / 2)
    }
  }
}
