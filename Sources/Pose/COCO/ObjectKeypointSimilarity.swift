import Glibc

/// COCO's object keypoint similarity: the mean over the labelled points of
/// `exp(-d² / (2 · area · (2 · sigma)²))`.
public enum ObjectKeypointSimilarity {
  /// The machine epsilon that pycocotools adds to areas.
  static let epsilon = 0x1p-52

  /// Share of the box that a person covers on average: the area where a data set gives none.
  public static let areaShareOfBox = 0.53

  /// OKS of a prediction against a person, 0...1; nil when no point is labelled.
  ///
  /// - `area`: the person's area in square pixels of the same picture.
  /// - `sigmas`: the schema's constants, one per keypoint.
  public static func between(
    _ predicted: [PredictedKeypoint], _ truth: [Keypoint], area: Double, sigmas: [Double]
  ) -> Double? {
    var sum = 0.0
    var count = 0
    for index in 0..<min(predicted.count, truth.count, sigmas.count)
    where truth[index].isLabelled {
      let (dx, dy) = (
        predicted[index].x - truth[index].x, predicted[index].y - truth[index].y
      )
      sum += exp(-exponent(dx, dy, sigma: sigmas[index], area: area))
      count += 1
    }
    return count > 0 ? sum / Double(count) : nil
  }

  static func exponent(_ dx: Double, _ dy: Double, sigma: Double, area: Double) -> Double {
    let variance = (sigma * 2) * (sigma * 2)
    return (dx * dx + dy * dy) / variance / (area + epsilon) / 2
  }

  /// For a person without labelled points, COCO measures the distance to the doubled box.
  static func similarityToBox(
    _ predicted: [PredictedKeypoint], person: COCOPerson, sigmas: [Double]
  )
    -> Double
  {
    let box = person.box
    let (left, right) = (box.x - box.width, box.x + box.width * 2)
    let (top, bottom) = (box.y - box.height, box.y + box.height * 2)
    var sum = 0.0
    let count = min(predicted.count, sigmas.count)
    for index in 0..<count {
      let point = predicted[index]
      let dx = max(0, left - point.x) + max(0, point.x - right)
      let dy = max(0, top - point.y) + max(0, point.y - bottom)
      sum += exp(-exponent(dx, dy, sigma: sigmas[index], area: person.area))
    }
    return count > 0 ? sum / Double(count) : 0
  }
}
