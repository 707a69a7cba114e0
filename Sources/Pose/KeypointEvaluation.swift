/// A person with its prediction.
public struct EvaluatedPerson: Sendable {
  /// Which picture; persons of one picture share it.
  public var image: Int
  /// Labelled points, pixels of the original picture.
  public var truth: [Keypoint]
  /// Predicted points, pixels of the original picture.
  public var predicted: [PredictedKeypoint]
  /// The person's box; nil in data sets without.
  public var box: Box?
  /// The person's area; nil stands for .53 of the box.
  public var area: Double?
  /// The detection's score.
  public var score: Double

  /// A person; without `score` it is the mean of the points' scores above 0.2.
  public init(
    image: Int, truth: [Keypoint], predicted: [PredictedKeypoint], box: Box?, area: Double?,
    score: Double? = nil
  ) {
    self.image = image
    self.truth = truth
    self.predicted = predicted
    self.box = box
    self.area = area
    self.score = score ?? Self.score(of: predicted)
  }

  /// The score of a top-down detection in a box of certainty 1: the mean of the points' scores
  /// above 0.2, or 0 when none is.
  public static func score(of predicted: [PredictedKeypoint]) -> Double {
    let certain = predicted.map(\.score).filter { $0 > 0.2 }
    return certain.isEmpty ? 0 : certain.reduce(0, +) / Double(certain.count)
  }

  /// The box, or the smallest one around the labelled points.
  public var extent: Box? { box ?? Box(around: truth) }

  /// The length that PCK and NME divide by, px: the longer side of `extent`; nil when it is 0.
  public var size: Double? {
    guard let extent else { return nil }
    let size = max(extent.width, extent.height)
    return size > 0 ? size : nil
  }

  /// The area that OKS divides by, square pixels.
  public var areaInForce: Double {
    if let area, area > 0 { return area }
    guard let extent else { return 1 }
    return max(1, ObjectKeypointSimilarity.areaShareOfBox * extent.width * extent.height)
  }
}

/// All metrics of one evaluation.
public struct KeypointEvaluation: Sendable {
  /// COCO's average precision and recall.
  public let coco: COCOScores
  /// PCK at 0.05, 0.1 and 0.2 of the box: share of labelled points strictly closer, mean over the
  /// keypoints that have data; NaN without any.
  public let pck: [(threshold: Double, value: Double)]
  /// Mean distance over all labelled points, pixels of the original picture.
  public let epe: Double
  /// Mean distance divided by the person's size over all labelled points.
  public let nme: Double
  /// For each keypoint the mean distance divided by the person's size; NaN without data.
  public let keypointNME: [Double]
  /// For each keypoint the mean distance in pixels; NaN without data.
  public let keypointEPE: [Double]
  /// For each threshold of `pck` and each keypoint the share that is closer; NaN without data.
  public let keypointPCK: [[Double]]
  /// For each person its OKS, in the order given; NaN without labelled points.
  public let oks: [Double]

  /// The thresholds of `pck`.
  public static let thresholds = [0.05, 0.1, 0.2]

  /// Evaluates predictions against the labels of their persons.
  public init(_ persons: [EvaluatedPerson], schema: KeypointSchema) {
    var tally = Tally(keypoints: schema.count)
    for person in persons { tally.add(person) }
    coco = COCOEvaluation.scores(
      of: persons.map {
        COCODetection(image: $0.image, keypoints: $0.predicted, score: $0.score)
      },
      against: persons.map {
        COCOPerson(
          image: $0.image, keypoints: $0.truth,
          box: $0.extent ?? Box(x: 0, y: 0, width: 0, height: 0), area: $0.areaInForce)
      }, sigmas: schema.sigmas)
    let shares = tally.hits.map { hits in
      zip(hits, tally.sized).map { $1 > 0 ? Double($0) / Double($1) : .nan }
    }
    keypointPCK = shares
    pck = zip(Self.thresholds, shares).map { ($0, Self.mean($1)) }
    keypointNME = zip(tally.normalised, tally.sized).map { $1 > 0 ? $0 / Double($1) : .nan }
    keypointEPE = zip(tally.distance, tally.labelled).map { $1 > 0 ? $0 / Double($1) : .nan }
    epe = tally.distance.reduce(0, +) / Double(tally.labelled.reduce(0, +))
    nme = tally.normalised.reduce(0, +) / Double(tally.sized.reduce(0, +))
    oks = persons.map {
      ObjectKeypointSimilarity.between(
        $0.predicted, $0.truth, area: $0.areaInForce, sigmas: schema.sigmas) ?? .nan
    }
  }

  /// For each keypoint the share closer than 0.1 of the person's size; NaN without data.
  public var keypointPCK10: [Double] { keypointPCK[1] }

  /// The metrics with the names that reports use: COCO's ten, `PCK@0.05`, `PCK@0.1`, `PCK@0.2`,
  /// `EPE`, `NME`.
  public var named: [(name: String, value: Double)] {
    coco.named + pck.map { (name: "PCK@\($0.threshold)", value: $0.value) }
      + [("EPE", epe), ("NME", nme)]
  }

  private static func mean(_ values: [Double]) -> Double {
    let valid = values.filter { !$0.isNaN }
    return valid.isEmpty ? .nan : valid.reduce(0, +) / Double(valid.count)
  }

  /// Sums per keypoint.
  private struct Tally {
    var labelled: [Int]
    var sized: [Int]
    var distance: [Double]
    var normalised: [Double]
    var hits: [[Int]]

    init(keypoints: Int) {
      labelled = Array(repeating: 0, count: keypoints)
      sized = labelled
      distance = Array(repeating: 0, count: keypoints)
      normalised = distance
      hits = Array(repeating: labelled, count: KeypointEvaluation.thresholds.count)
    }

    mutating func add(_ person: EvaluatedPerson) {
      let size = person.size
      for index in 0..<min(labelled.count, person.truth.count, person.predicted.count)
      where person.truth[index].isLabelled {
        let (dx, dy) = (
          person.predicted[index].x - person.truth[index].x,
          person.predicted[index].y - person.truth[index].y
        )
        let length = (dx * dx + dy * dy).squareRoot()
        labelled[index] += 1
        distance[index] += length
        guard let size else { continue }
        sized[index] += 1
        normalised[index] += length / size
        for (place, threshold) in KeypointEvaluation.thresholds.enumerated()
        where length < threshold * size {
          hits[place][index] += 1
        }
      }
    }
  }
}
