/// A ground-truth person of an evaluation.
public struct COCOPerson: Sendable {
  /// The picture.
  public var image: Int
  /// Labelled points in pixels, one per keypoint of the schema.
  public var keypoints: [Keypoint]
  /// The person's box, px.
  public var box: Box
  /// The person's area, square pixels.
  public var area: Double
  /// Whether the annotation stands for a group; it is matched but never counted.
  public var isCrowd: Bool
  /// The annotation's own count of labelled points: with 0 the person is not counted.
  public var labelled: Int

  /// A person; `labelled` is counted from the points when it is not given.
  public init(
    image: Int, keypoints: [Keypoint], box: Box, area: Double, isCrowd: Bool = false,
    labelled: Int? = nil
  ) {
    self.image = image
    self.keypoints = keypoints
    self.box = box
    self.area = area
    self.isCrowd = isCrowd
    self.labelled = labelled ?? keypoints.count(where: \.isLabelled)
  }
}

/// A detected person of an evaluation.
public struct COCODetection: Sendable {
  /// The picture.
  public var image: Int
  /// Predicted points in pixels.
  public var keypoints: [PredictedKeypoint]
  /// The higher, the more certain.
  public var score: Double
  /// Square pixels: the extent of the points, or of the detection's own box.
  public var area: Double

  /// A detection; without `area` it is the extent of the points.
  public init(image: Int, keypoints: [PredictedKeypoint], score: Double, area: Double? = nil) {
    self.image = image
    self.keypoints = keypoints
    self.score = score
    if let area {
      self.area = area
    } else {
      let (xs, ys) = (keypoints.map(\.x), keypoints.map(\.y))
      let width = (xs.max() ?? 0) - (xs.min() ?? 0)
      self.area = width * ((ys.max() ?? 0) - (ys.min() ?? 0))
    }
  }
}

/// COCO's ten keypoint numbers; each is 0...1, or -1 where no person counts.
public struct COCOScores: Sendable, Hashable {
  /// Average precision over the thresholds .50, .55, ... .95.
  public var ap = -1.0
  /// Average precision at OKS .50.
  public var ap50 = -1.0
  /// Average precision at OKS .75.
  public var ap75 = -1.0
  /// Average precision of medium persons (area 32² ... 96²).
  public var apMedium = -1.0
  /// Average precision of large persons (area 96² and more).
  public var apLarge = -1.0
  /// Average recall over the thresholds.
  public var ar = -1.0
  /// Recall at OKS .50.
  public var ar50 = -1.0
  /// Recall at OKS .75.
  public var ar75 = -1.0
  /// Average recall of medium persons.
  public var arMedium = -1.0
  /// Average recall of large persons.
  public var arLarge = -1.0

  /// The numbers with the names that reports use, in their order.
  public var named: [(name: String, value: Double)] {
    [
      ("AP", ap), ("AP50", ap50), ("AP75", ap75), ("APM", apMedium), ("APL", apLarge),
      ("AR", ar), ("AR50", ar50), ("AR75", ar75), ("ARM", arMedium), ("ARL", arLarge),
    ]
  }
}
