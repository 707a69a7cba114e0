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

/// COCO's keypoint evaluation with the results of pycocotools (except that an annotation with id 0
/// counts as matched like any other).
///
/// At most 20 detections a picture; ten OKS thresholds; 101 recall levels; persons that are crowds,
/// have no labelled point or lie outside the area range are matched but not counted.
public enum COCOEvaluation {
  static let maximumDetections = 20
  static let thresholds = evenly(from: 0.5, to: 0.95, count: 10)
  static let recallLevels = evenly(from: 0, to: 1, count: 101)
  private static let areaRanges: [(low: Double, high: Double)] = [
    (0, 1e10), (1024, 9216), (9216, 1e10),
  ]

  /// The bits of numpy's `linspace`, on which equality at a threshold depends.
  private static func evenly(from first: Double, to last: Double, count: Int) -> [Double] {
    let step = (last - first) / Double(count - 1)
    var values = (0..<count).map { Double($0) * step + first }
    values[count - 1] = last
    return values
  }

  /// The numbers of these detections against these persons.
  public static func scores(
    of detections: [COCODetection], against persons: [COCOPerson], sigmas: [Double]
  ) -> COCOScores {
    scores(of: grouped(detections, persons, sigmas: sigmas))
  }

  /// The numbers of these detections, and the pairs that `pairs` gives.
  public static func scoresAndPairs(
    of detections: [COCODetection], against persons: [COCOPerson], sigmas: [Double]
  ) -> (scores: COCOScores, pairs: [(person: COCOPerson, detection: COCODetection)]) {
    let pictures = grouped(detections, persons, sigmas: sigmas)
    return (scores(of: pictures), pairs(in: pictures))
  }

  private static func scores(of pictures: [Picture]) -> COCOScores {
    let curves = areaRanges.map { range in
      accumulate(pictures.map { match($0, low: range.low, high: range.high) })
    }
    var result = COCOScores()
    result.ap = mean(curves[0].precision.flatMap { $0 })
    result.ap50 = mean(curves[0].precision[0])
    result.ap75 = mean(curves[0].precision[5])
    result.apMedium = mean(curves[1].precision.flatMap { $0 })
    result.apLarge = mean(curves[2].precision.flatMap { $0 })
    result.ar = mean(curves[0].recall)
    result.ar50 = mean([curves[0].recall[0]])
    result.ar75 = mean([curves[0].recall[5]])
    result.arMedium = mean(curves[1].recall)
    result.arLarge = mean(curves[2].recall)
    return result
  }

  /// Each person with labelled points and the detection that is its own: the pairs of a picture by
  /// falling OKS, each person and each detection once, down to an OKS of .1 (coco-analyze's).
  public static func pairs(
    of detections: [COCODetection], with persons: [COCOPerson], sigmas: [Double]
  ) -> [(person: COCOPerson, detection: COCODetection)] {
    pairs(in: grouped(detections, persons, sigmas: sigmas))
  }

  private static func pairs(
    in pictures: [Picture]
  ) -> [(person: COCOPerson, detection: COCODetection)] {
    pictures.flatMap { picture in
      let counted = picture.persons.indices.filter {
        !picture.persons[$0].isCrowd && picture.persons[$0].labelled > 0
      }
      var candidates: [(oks: Double, detection: Int, person: Int)] = []
      for (detection, row) in picture.similarity.enumerated() {
        for person in counted where row[person] >= 0.1 {
          candidates.append((row[person], detection, person))
        }
      }
      candidates.sort {
        ($1.oks, $0.detection, $0.person) < ($0.oks, $1.detection, $1.person)
      }
      var found: [Int: Int] = [:]
      var taken: Set<Int> = []
      for candidate in candidates
      where found[candidate.person] == nil && !taken.contains(candidate.detection) {
        found[candidate.person] = candidate.detection
        taken.insert(candidate.detection)
      }
      return counted.compactMap { person in
        found[person].map { (picture.persons[person], picture.detections[$0]) }
      }
    }
  }

  /// A picture with its detections, best first, and all similarities.
  private struct Picture {
    var detections: [COCODetection] = []
    var persons: [COCOPerson] = []
    /// [detection][person]
    var similarity: [[Double]] = []
  }

  private static func grouped(
    _ detections: [COCODetection], _ persons: [COCOPerson], sigmas: [Double]
  ) -> [Picture] {
    var pictures: [Int: Picture] = [:]
    for person in persons { pictures[person.image, default: Picture()].persons.append(person) }
    for detection in detections {
      pictures[detection.image, default: Picture()].detections.append(detection)
    }
    return pictures.sorted { $0.key < $1.key }.map { _, picture in
      var picture = picture
      let order = byScore(picture.detections.map(\.score))
      picture.detections = order.prefix(maximumDetections).map { picture.detections[$0] }
      picture.similarity = picture.detections.map { detection in
        picture.persons.map { person in
          ObjectKeypointSimilarity.between(
            detection.keypoints, person.keypoints, area: person.area, sigmas: sigmas)
            ?? ObjectKeypointSimilarity.similarityToBox(
              detection.keypoints, person: person, sigmas: sigmas)
        }
      }
      return picture
    }
  }

  /// Indices by falling score; equal scores keep their order.
  private static func byScore(_ scores: [Double]) -> [Int] {
    scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
  }

  private struct Matches {
    var scores: [Double]
    /// [threshold][detection]
    var isMatched: [[Bool]]
    var isIgnored: [[Bool]]
    var counted: Int
  }

  private static func match(_ picture: Picture, low: Double, high: Double) -> Matches {
    let ignored = picture.persons.map {
      $0.isCrowd || $0.labelled == 0 || $0.area < low || $0.area > high
    }
    // Counted persons first, as a stable sort gives them.
    let order =
      ignored.indices.filter { !ignored[$0] } + ignored.indices.filter { ignored[$0] }
    var result = Matches(
      scores: picture.detections.map(\.score), isMatched: [], isIgnored: [],
      counted: ignored.count { !$0 })
    for threshold in thresholds {
      var taken = [Bool](repeating: false, count: picture.persons.count)
      var matched = [Bool](repeating: false, count: picture.detections.count)
      var left = matched
      for (index, detection) in picture.detections.enumerated() {
        var best = min(threshold, 1 - 1e-10)
        var found: Int?
        for person in order {
          if taken[person] && !picture.persons[person].isCrowd { continue }
          if let found, !ignored[found], ignored[person] { break }
          if picture.similarity[index][person] < best { continue }
          best = picture.similarity[index][person]
          found = person
        }
        if let found {
          matched[index] = true
          left[index] = ignored[found]
          taken[found] = true
        } else {
          left[index] = detection.area < low || detection.area > high
        }
      }
      result.isMatched.append(matched)
      result.isIgnored.append(left)
    }
    return result
  }

  private struct Curves {
    /// [threshold][recall level]; empty rows when nobody counts.
    var precision: [[Double]]
    /// [threshold]
    var recall: [Double]
  }

  private static func accumulate(_ pictures: [Matches]) -> Curves {
    let counted = pictures.reduce(0) { $0 + $1.counted }
    var curves = Curves(
      precision: Array(repeating: [], count: thresholds.count),
      recall: Array(repeating: -1, count: thresholds.count))
    guard counted > 0 else { return curves }
    let order = byScore(pictures.flatMap(\.scores))
    for threshold in thresholds.indices {
      let matched = pictures.flatMap { $0.isMatched[threshold] }
      let ignored = pictures.flatMap { $0.isIgnored[threshold] }
      var (right, wrong) = (0.0, 0.0)
      var recall: [Double] = []
      var precision: [Double] = []
      for index in order {
        if !ignored[index] { if matched[index] { right += 1 } else { wrong += 1 } }
        recall.append(right / Double(counted))
        precision.append(right / (wrong + right + ObjectKeypointSimilarity.epsilon))
      }
      curves.recall[threshold] = recall.last ?? 0
      for index in precision.indices.dropLast().reversed() {
        precision[index] = max(precision[index], precision[index + 1])
      }
      var place = 0
      curves.precision[threshold] = recallLevels.map { level in
        while place < recall.count, recall[place] < level { place += 1 }
        return place < precision.count ? precision[place] : 0
      }
    }
    return curves
  }

  private static func mean(_ values: [Double]) -> Double {
    let valid = values.filter { $0 > -1 }
    return valid.isEmpty ? -1 : valid.reduce(0, +) / Double(valid.count)
  }
}
