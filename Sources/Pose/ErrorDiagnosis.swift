import Glibc

/// How a predicted keypoint is wrong, by the error diagnosis of Ruggero Ronchi and Perona (ICCV 2017).
public enum KeypointErrorKind: String, Sendable, CaseIterable {
  /// Within the spread of human labels: similarity .85 or more.
  case good
  /// Near, but not within that spread: similarity .5 to .85.
  case jitter
  /// On the mirrored joint of the same person, such as the right wrist for the left one.
  case inversion
  /// On the same or the mirrored joint of another person in the picture.
  case swap
  /// Near nothing of the kind.
  case miss
}

/// Sorts predicted keypoints into the kinds of errors.
public enum ErrorDiagnosis {
  /// Similarity from which a point is good.
  static let goodSimilarity = 0.85
  /// Similarity from which a point is near a label.
  static let nearSimilarity = 0.5

  /// For each keypoint of a person its kind; nil where the person has no label.
  ///
  /// `others` are the other persons of the same picture; similarities are those of OKS.
  public static func kinds(
    of person: EvaluatedPerson, others: [EvaluatedPerson], schema: KeypointSchema
  ) -> [KeypointErrorKind?] {
    (0..<schema.count).map { index in
      guard index < person.truth.count, index < person.predicted.count,
        person.truth[index].isLabelled
      else { return nil }
      let point = person.predicted[index]
      func similarity(_ other: EvaluatedPerson, _ joint: Int) -> Double {
        guard joint < other.truth.count, other.truth[joint].isLabelled else { return 0 }
        let label = other.truth[joint]
        return exp(
          -ObjectKeypointSimilarity.exponent(
            point.x - label.x, point.y - label.y, sigma: schema.sigmas[joint],
            area: other.areaInForce))
      }
      let own = similarity(person, index)
      if own >= goodSimilarity { return .good }
      if own >= nearSimilarity { return .jitter }
      let mirrored = schema.flipPairs[index]
      if mirrored != index, similarity(person, mirrored) >= nearSimilarity { return .inversion }
      let isSwapped = others.contains { other in
        similarity(other, index) >= nearSimilarity || similarity(other, mirrored) >= nearSimilarity
      }
      return isSwapped ? .swap : .miss
    }
  }

  /// For each keypoint how many labelled points fell into each kind, in the order of `allCases`.
  public static func counts(
    _ persons: [EvaluatedPerson], schema: KeypointSchema
  ) -> [[Int]] {
    let places = Dictionary(
      uniqueKeysWithValues: KeypointErrorKind.allCases.enumerated().map { ($1, $0) })
    var counts = [[Int]](
      repeating: [Int](repeating: 0, count: places.count), count: schema.count)
    let pictures = Dictionary(grouping: persons.indices, by: { persons[$0].image })
    for (index, person) in persons.enumerated() {
      let others = (pictures[person.image] ?? []).filter { $0 != index }.map { persons[$0] }
      for (joint, kind) in kinds(of: person, others: others, schema: schema).enumerated() {
        if let kind, let place = places[kind] { counts[joint][place] += 1 }
      }
    }
    return counts
  }

  /// The share of inversions among the points of left and right joints that lie near a label of
  /// their person; NaN when none does.
  public static func inversionShare(_ counts: [[Int]], schema: KeypointSchema) -> Double {
    var (inverted, near) = (0, 0)
    for (joint, kinds) in counts.enumerated()
    where joint < schema.count && schema.flipPairs[joint] != joint && kinds.count > 2 {
      inverted += kinds[2]
      near += kinds[0] + kinds[1] + kinds[2]
    }
    return near > 0 ? Double(inverted) / Double(near) : .nan
  }
}

/// Tells when the confusion of left and right grows from validation to validation: the sign of wrong
/// flip pairs, since mirrored training pictures then teach both sides for one joint.
public struct InversionWatch: Sendable {
  private var lowest = Double.infinity
  private var rises = 0
  private var last = Double.nan
  private var hasSaid = false

  /// Share of inversions below which nothing is said.
  static let alarmingShare = 0.2
  /// Validations in a row with a growing share.
  static let alarmingRises = 2

  /// A watch that has seen nothing.
  public init() {}

  /// Takes the share of one validation; true once, when it has grown twice in a row to an alarming
  /// share that is 1.5 times its lowest.
  public mutating func isAlarming(_ share: Double) -> Bool {
    guard share.isFinite else { return false }
    rises = share > last ? rises + 1 : 0
    last = share
    lowest = min(lowest, share)
    guard !hasSaid, rises >= Self.alarmingRises, share >= Self.alarmingShare,
      share >= 1.5 * lowest
    else { return false }
    hasSaid = true
    return true
  }
}
