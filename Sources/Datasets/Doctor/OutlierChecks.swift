import Glibc
import Pose
import Support
import Wording

/// Limbs that are far too long for their person: points that were put in the wrong place.
struct OutlierChecks {
  private(set) var findings: [Finding] = []

  /// Times its usual length beside the person's other limbs at which a limb is told.
  static let farTooLong = 3.5
  /// Fewer limbs of a kind have no usual length.
  static let fewestLimbs = 20

  init(_ set: AnnotationSet) {
    let limbs = set.schema.skeleton
    // For each person the lengths of its limbs, NaN where a point is missing.
    var lengths: [(person: AnnotatedPerson, lengths: [Double])] = []
    for person in set.persons where person.fault == nil {
      let points = set.keypoints(of: person)
      let row = limbs.map { limb -> Double in
        guard points[limb.0].isLabelled, points[limb.1].isLabelled else { return .nan }
        return hypot(points[limb.0].x - points[limb.1].x, points[limb.0].y - points[limb.1].y)
      }
      if row.count(where: { !$0.isNaN }) >= 4 { lengths.append((person, row)) }
    }
    // A limb's usual length in units of the person, which is the median of its limbs: one point that
    // is far off moves neither.
    let units = lengths.map { Self.median($0.lengths.filter { !$0.isNaN }) }
    let usual = limbs.indices.map { limb -> Double in
      let ratios = zip(lengths, units).compactMap { row, unit -> Double? in
        let length = row.lengths[limb]
        return length.isNaN || unit <= 0 ? nil : length / unit
      }
      guard ratios.count >= Self.fewestLimbs else { return .nan }
      // Foreshortened limbs are common: the length of one that lies in the picture's plane.
      return ratios.sorted()[ratios.count * 9 / 10]
    }
    for (row, unit) in zip(lengths, units) where unit > 0 {
      var worst: (ratio: Double, limb: Int)?
      for (limb, length) in row.lengths.enumerated() where !length.isNaN && usual[limb] > 0 {
        // A short limb such as the one between the eyes is measured by the person, not by itself.
        let ratio = length / unit / max(usual[limb], 1)
        if ratio > (worst?.ratio ?? Self.farTooLong) { worst = (ratio, limb) }
      }
      guard let worst else { continue }
      let (first, second) = limbs[worst.limb]
      findings.append(
        set.finding(
          .warning, .outlier, row.person,
          Sentence(
            DoctorSentence.outlier, set.schema.keypoints[first], set.schema.keypoints[second],
            NumberText.fixed(worst.ratio, 1)), .lookAt))
    }
  }

  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }
}
