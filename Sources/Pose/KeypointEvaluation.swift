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
  /// The head's size, px, where the data set gives one (MPII: .6 of the head box's diagonal).
  public var headSize: Double?
  /// The detection's score.
  public var score: Double

  /// A person; without `score` it is the mean of the points' scores above 0.2.
  public init(
    image: Int, truth: [Keypoint], predicted: [PredictedKeypoint], box: Box?, area: Double?,
    headSize: Double? = nil, score: Double? = nil
  ) {
    self.headSize = headSize
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
  /// PCK at 0.05, 0.1 and 0.2 of the box.
  public let pck: CorrectKeypoints
  /// PCK at 0.2 of the torso; NaN where a schema or a person has none.
  public let torsoPCK: CorrectKeypoints
  /// PCKh at 0.5 and 0.1 of the head; NaN in data without head sizes.
  public let headPCK: CorrectKeypoints
  /// Mean of the PCK at 0, .05, ... .95 of the box.
  public let auc: Double
  /// The same for each keypoint; NaN without data.
  public let keypointAUC: [Double]
  /// Mean distance over all labelled points, pixels of the original picture.
  public let epe: Double
  /// Mean distance divided by the person's size over all labelled points.
  public let nme: Double
  /// For each keypoint the mean distance divided by the person's size; NaN without data.
  public let keypointNME: [Double]
  /// For each keypoint the mean distance in pixels; NaN without data.
  public let keypointEPE: [Double]
  /// For each person its OKS, in the order given; NaN without labelled points.
  public let oks: [Double]
  /// For each keypoint the counts of the kinds of errors, in the order of `KeypointErrorKind`.
  public let errorKinds: [[Int]]

  /// The thresholds of `pck`.
  public static let thresholds = [0.05, 0.1, 0.2]

  /// Evaluates predictions against the labels of their persons.
  ///
  /// `coco` are COCO's numbers where the predictions did not come from the ground-truth boxes; the
  /// other metrics compare each person with its own prediction.
  public init(
    _ persons: [EvaluatedPerson], schema: KeypointSchema, coco: COCOScores? = nil
  ) {
    self.coco =
      coco
      ?? COCOEvaluation.scores(
        of: persons.map {
          COCODetection(image: $0.image, keypoints: $0.predicted, score: $0.score)
        },
        against: persons.map {
          COCOPerson(
            image: $0.image, keypoints: $0.truth,
            box: $0.extent ?? Box(x: 0, y: 0, width: 0, height: 0), area: $0.areaInForce)
        }, sigmas: schema.sigmas)
    pck = CorrectKeypoints(persons, schema: schema, thresholds: Self.thresholds)
    torsoPCK = CorrectKeypoints(persons, schema: schema, thresholds: [0.2], reference: .torso)
    headPCK = CorrectKeypoints(
      persons, schema: schema, thresholds: [0.5, 0.1], reference: .head)
    (auc, keypointAUC) = CorrectKeypoints.areaUnderCurve(persons, schema: schema)
    var tally = Tally(keypoints: schema.count)
    for person in persons { tally.add(person) }
    keypointNME = zip(tally.normalised, tally.sized).map { $1 > 0 ? $0 / Double($1) : .nan }
    keypointEPE = zip(tally.distance, tally.labelled).map { $1 > 0 ? $0 / Double($1) : .nan }
    epe = tally.distance.reduce(0, +) / Double(tally.labelled.reduce(0, +))
    nme = tally.normalised.reduce(0, +) / Double(tally.sized.reduce(0, +))
    oks = persons.map {
      ObjectKeypointSimilarity.between(
        $0.predicted, $0.truth, area: $0.areaInForce, sigmas: schema.sigmas) ?? .nan
    }
    errorKinds = ErrorDiagnosis.counts(persons, schema: schema)
  }

  /// For each keypoint the share closer than 0.1 of the person's size; NaN without data.
  public var keypointPCK10: [Double] { pck.perKeypoint[1] }

  /// The metrics with the names that reports use: COCO's ten, `PCK@0.05`, `PCK@0.1`, `PCK@0.2`,
  /// `EPE`, `NME`, `AUC`, and where they are defined `PCK-torso@0.2`, `PCKh@0.5` and `PCKh@0.1`.
  public var named: [(name: String, value: Double)] {
    var result = coco.named
    for (threshold, value) in zip(pck.thresholds, pck.values) {
      result.append(("PCK@\(threshold)", value))
    }
    result += [("EPE", epe), ("NME", nme), ("AUC", auc)]
    let others =
      zip(torsoPCK.thresholds, torsoPCK.values).map { ("PCK-torso@\($0)", $1) }
      + zip(headPCK.thresholds, headPCK.values).map { ("PCKh@\($0)", $1) }
    return result + others.filter { !$0.1.isNaN }
  }

  /// Sums per keypoint.
  private struct Tally {
    var labelled: [Int]
    var sized: [Int]
    var distance: [Double]
    var normalised: [Double]

    init(keypoints: Int) {
      labelled = Array(repeating: 0, count: keypoints)
      sized = labelled
      distance = Array(repeating: 0, count: keypoints)
      normalised = distance
    }

    mutating func add(_ person: EvaluatedPerson) {
      let size = person.size
      for index in 0..<min(labelled.count, person.truth.count, person.predicted.count)
      where person.truth[index].isLabelled {
        let length = person.distance(index)
        labelled[index] += 1
        distance[index] += length
        guard let size else { continue }
        sized[index] += 1
        normalised[index] += length / size
      }
    }
  }
}
