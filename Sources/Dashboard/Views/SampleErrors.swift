import Pose
import RunFiles

/// How far the prediction of one sample is from its labels.
struct SampleErrors {
  /// PCK's limit: this share of the box's larger side.
  static let limitShare = 0.2

  /// For each keypoint the distance in pixels of the crop; NaN without label or prediction.
  let distances: [Double]
  /// For each keypoint the prediction's score; NaN without prediction.
  let scores: [Double]
  /// Beyond this a keypoint counts as missed.
  let limit: Double
  /// For each keypoint its kind of error, by this person's labels alone; nil without a label.
  let kinds: [KeypointErrorKind?]
  /// Pairs that seem to have been taken for each other.
  let swaps: [(left: Int, right: Int)]

  init(sample: SamplePreviews.Sample, predicted: [PredictedKeypoint]?, schema: KeypointSchema) {
    let labels = sample.keypoints
    let predicted = predicted?.count == labels.count ? predicted : nil
    func distance(_ index: Int, to label: Int) -> Double {
      guard let predicted, labels[label].isLabelled else { return .nan }
      let (dx, dy) = (predicted[index].x - labels[label].x, predicted[index].y - labels[label].y)
      return (dx * dx + dy * dy).squareRoot()
    }
    distances = labels.indices.map { distance($0, to: $0) }
    scores = labels.indices.map { predicted?[$0].score ?? .nan }
    limit = Self.limitShare * sample.boxSize
    kinds = ErrorDiagnosis.kinds(
      of: EvaluatedPerson(
        image: 0, truth: labels, predicted: predicted ?? [], box: Box(around: labels), area: nil),
      others: [], schema: schema)
    var swaps: [(Int, Int)] = []
    for (index, mirror) in schema.flipPairs.enumerated() where index < mirror {
      let crossed = (distance(index, to: mirror), distance(mirror, to: index))
      let straight = (distances[index], distances[mirror])
      // Together they are much nearer to each other's place, and far enough off to matter.
      if crossed.0 + crossed.1 < (straight.0 + straight.1) / 2,
        max(straight.0, straight.1) > limit / 2
      {
        swaps.append((index, mirror))
      }
    }
    self.swaps = swaps
  }

  var isWrong: [Bool] { distances.map { $0 > limit && limit > 0 } }

  /// The mean distance of the labelled points.
  var mean: Double {
    let finite = distances.filter(\.isFinite)
    return finite.isEmpty ? .nan : finite.reduce(0, +) / Double(finite.count)
  }
}
