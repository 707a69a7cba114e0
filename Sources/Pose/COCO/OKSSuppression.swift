/// Leaves out people who were found twice (HRNet's OKS-NMS).
public enum OKSSuppression {
  /// Similarity above which two detections are the same person.
  public static let usualLimit = 0.9

  /// The places of the detections that stay, by falling score; each has more than `limit` in common
  /// with none of a higher score. The mean area of the two stands for the person's.
  public static func kept(
    _ detections: [COCODetection], sigmas: [Double], limit: Double = usualLimit
  ) -> [Int] {
    let order = detections.indices.sorted {
      (detections[$1].score, $0) < (detections[$0].score, $1)
    }
    var kept: [Int] = []
    for index in order {
      let candidate = detections[index]
      let truth = candidate.keypoints.map { Keypoint(x: $0.x, y: $0.y, visibility: .visible) }
      let isKnown = kept.contains { other in
        let area = (detections[other].area + candidate.area) / 2
        let similarity = ObjectKeypointSimilarity.between(
          detections[other].keypoints, truth, area: area, sigmas: sigmas)
        return (similarity ?? 0) > limit
      }
      if !isKnown { kept.append(index) }
    }
    return kept
  }
}
