/// Precision and recall over all pictures, and COCO's ten numbers from them.
struct COCOAccumulation: Sendable {
  private struct Curves: Sendable {
    /// [threshold][recall level]; empty rows when nobody counts.
    var precision: [[Double]]
    /// [threshold]
    var recall: [Double]
  }

  /// For each area range.
  private let curves: [Curves]

  /// Accumulates the matches of all pictures, in the order of the parts.
  init(_ parts: [COCOMatching]) {
    let scores = parts.flatMap(\.scores)
    // Equal scores keep their order.
    let order = scores.indices.sorted {
      scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
    }
    let marks = COCOEvaluation.areaRanges.indices.map { range in
      let all = parts.flatMap { $0.marks[range] }
      return order.map { all[$0] }
    }
    let counted = COCOEvaluation.areaRanges.indices.map { range in
      parts.reduce(0) { $0 + $1.counted[range] }
    }
    curves = COCOEvaluation.areaRanges.indices.map { Self.curves(marks[$0], counted: counted[$0]) }
  }

  /// The curves of detections by falling score.
  private static func curves(_ marks: [COCOMatching.Marks], counted: Int) -> Curves {
    let thresholds = COCOEvaluation.thresholds
    var curves = Curves(
      precision: Array(repeating: [], count: thresholds.count),
      recall: Array(repeating: -1, count: thresholds.count))
    guard counted > 0 else { return curves }
    var recall = [Double](repeating: 0, count: marks.count)
    var precision = recall
    for threshold in thresholds.indices {
      let bit = UInt16(1) << UInt16(threshold)
      var (right, wrong) = (0.0, 0.0)
      for (place, mark) in marks.enumerated() {
        if mark.ignored & bit == 0 {
          if mark.matched & bit != 0 { right += 1 } else { wrong += 1 }
        }
        recall[place] = right / Double(counted)
        precision[place] = right / (wrong + right + ObjectKeypointSimilarity.epsilon)
      }
      curves.recall[threshold] = recall.last ?? 0
      for place in precision.indices.dropLast().reversed() {
        precision[place] = max(precision[place], precision[place + 1])
      }
      var place = 0
      curves.precision[threshold] = COCOEvaluation.recallLevels.map { level in
        while place < recall.count, recall[place] < level { place += 1 }
        return place < precision.count ? precision[place] : 0
      }
    }
    return curves
  }

  /// The ten numbers.
  var scores: COCOScores {
    let (all, medium, large) = (curves[0], curves[1], curves[2])
    var result = COCOScores()
    result.ap = Self.mean(all.precision.flatMap { $0 })
    result.ap50 = Self.mean(all.precision[0])
    result.ap75 = Self.mean(all.precision[5])
    result.apMedium = Self.mean(medium.precision.flatMap { $0 })
    result.apLarge = Self.mean(large.precision.flatMap { $0 })
    result.ar = Self.mean(all.recall)
    result.ar50 = Self.mean([all.recall[0]])
    result.ar75 = Self.mean([all.recall[5]])
    result.arMedium = Self.mean(medium.recall)
    result.arLarge = Self.mean(large.recall)
    return result
  }

  private static func mean(_ values: [Double]) -> Double {
    let valid = values.filter { $0 > -1 }
    return valid.isEmpty ? -1 : valid.reduce(0, +) / Double(valid.count)
  }
}
