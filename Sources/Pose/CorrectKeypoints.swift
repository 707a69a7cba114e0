/// Shares of correct keypoints (PCK): how many labelled points lie closer than a share of a length.
public struct CorrectKeypoints: Sendable {
  /// What the distance is divided by.
  public enum Reference: Sendable {
    /// The longer side of the person's box: PCK. Closer means strictly closer.
    case box
    /// Left shoulder to right hip, and right shoulder to left hip where that is not labelled.
    case torso
    /// The head's size: PCKh. Closer includes equal, as MPII's own evaluation has it.
    case head
  }

  /// The thresholds, as shares of the length.
  public let thresholds: [Double]
  /// For each threshold and each keypoint the share that is closer; NaN without data.
  public let perKeypoint: [[Double]]
  /// For each threshold the mean over the keypoints that have data; for `head` over all points but
  /// pelvis and thorax, as MPII has it. NaN without data.
  public let values: [Double]

  /// Counts the points of all persons.
  public init(
    _ persons: [EvaluatedPerson], schema: KeypointSchema, thresholds: [Double],
    reference: Reference = .box
  ) {
    let torso = Torso(schema)
    var counted = [Int](repeating: 0, count: schema.count)
    var hits = [[Int]](repeating: counted, count: thresholds.count)
    for person in persons {
      let length: Double? =
        switch reference {
        case .box: person.size
        case .torso: torso.length(person.truth)
        case .head: person.headSize(schema)
        }
      guard let length, length > 0 else { continue }
      for index in 0..<min(schema.count, person.truth.count, person.predicted.count)
      where person.truth[index].isLabelled {
        let distance = person.distance(index)
        counted[index] += 1
        for (place, threshold) in thresholds.enumerated()
        where distance < threshold * length
          || (reference == .head && distance == threshold * length)
        {
          hits[place][index] += 1
        }
      }
    }
    self.thresholds = thresholds
    perKeypoint = hits.map { hits in
      zip(hits, counted).map { $1 > 0 ? Double($0) / Double($1) : .nan }
    }
    if reference == .head {
      let kept = schema.keypoints.indices.filter {
        !["pelvis", "thorax"].contains(schema.keypoints[$0])
      }
      let total = kept.reduce(0) { $0 + counted[$1] }
      values = hits.map { hits in
        total > 0 ? Double(kept.reduce(0) { $0 + hits[$1] }) / Double(total) : .nan
      }
    } else {
      values = perKeypoint.map { $0.meanOfNumbers }
    }
  }

  /// The mean of the PCK at 0, .05, .10, ... .95 of the box, per keypoint and over all (mmpose's AUC).
  static func areaUnderCurve(
    _ persons: [EvaluatedPerson], schema: KeypointSchema
  ) -> (value: Double, perKeypoint: [Double]) {
    let curve = CorrectKeypoints(
      persons, schema: schema, thresholds: (0..<20).map { Double($0) / 20 })
    let perKeypoint = (0..<schema.count).map { index in
      curve.perKeypoint.reduce(0) { $0 + $1[index] } / Double(curve.thresholds.count)
    }
    return (perKeypoint.meanOfNumbers, perKeypoint)
  }

  private struct Torso {
    private let diagonals: [(Int, Int)]

    init(_ schema: KeypointSchema) {
      func index(_ name: String) -> Int? { schema.keypoints.firstIndex(of: name) }
      diagonals = [("left_shoulder", "right_hip"), ("right_shoulder", "left_hip")].compactMap {
        guard let from = index($0.0), let to = index($0.1) else { return nil }
        return (from, to)
      }
    }

    func length(_ points: [Keypoint]) -> Double? {
      for (from, to) in diagonals where max(from, to) < points.count {
        guard points[from].isLabelled, points[to].isLabelled else { continue }
        let (dx, dy) = (points[from].x - points[to].x, points[from].y - points[to].y)
        return (dx * dx + dy * dy).squareRoot()
      }
      return nil
    }
  }
}

extension EvaluatedPerson {
  /// Distance of a predicted point from its label, px.
  func distance(_ index: Int) -> Double {
    let (dx, dy) = (predicted[index].x - truth[index].x, predicted[index].y - truth[index].y)
    return (dx * dx + dy * dy).squareRoot()
  }

  /// The length that PCKh divides by, px: the data set's own head size, or the distance from the top
  /// of the head to the upper neck; nil without either.
  func headSize(_ schema: KeypointSchema) -> Double? {
    if let headSize { return headSize }
    guard let top = schema.keypoints.firstIndex(of: "head_top"),
      let neck = schema.keypoints.firstIndex(where: { $0 == "upper_neck" || $0 == "neck" }),
      max(top, neck) < truth.count, truth[top].isLabelled, truth[neck].isLabelled
    else { return nil }
    let (dx, dy) = (truth[top].x - truth[neck].x, truth[top].y - truth[neck].y)
    return (dx * dx + dy * dy).squareRoot()
  }
}

extension [Double] {
  /// The mean of what is a number; NaN when nothing is.
  var meanOfNumbers: Double {
    let valid = filter { !$0.isNaN }
    return valid.isEmpty ? .nan : valid.reduce(0, +) / Double(valid.count)
  }
}
