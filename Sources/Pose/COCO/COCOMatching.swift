/// Which detections of some pictures match a person, at each OKS threshold and in each area range.
struct COCOMatching: Sendable {
  /// A picture with the places of its persons and detections in the lists of the evaluation.
  struct Picture: Sendable {
    let image: Int
    var persons: [Int] = []
    var detections: [Int] = []
  }

  /// What became of a detection in one area range: a bit for each threshold.
  struct Marks: Sendable {
    /// It matched a person.
    var matched: UInt16 = 0
    /// It counts neither as right nor as wrong.
    var ignored: UInt16 = 0
  }

  /// Scores of the detections, picture by picture, best first in each.
  private(set) var scores: [Double] = []
  /// For each area range the marks of each detection.
  private(set) var marks: [[Marks]]
  /// For each area range the persons that count.
  private(set) var counted: [Int]
  /// Each person and its own detection.
  private(set) var pairs: [COCOEvaluation.Pair] = []

  private let sigmas: [Double]
  private let wantsPairs: Bool

  /// An empty matching.
  init(sigmas: [Double], wantsPairs: Bool) {
    self.sigmas = sigmas
    self.wantsPairs = wantsPairs
    marks = Array(repeating: [], count: COCOEvaluation.areaRanges.count)
    counted = Array(repeating: 0, count: marks.count)
  }

  /// Matches the detections of one picture.
  mutating func add(
    _ picture: Picture, _ detections: [COCODetection], _ persons: [COCOPerson]
  ) {
    let order = picture.detections.sorted {
      let (one, other) = (detections[$0].score, detections[$1].score)
      return one != other ? one > other : $0 < $1
    }
    let best = Array(order.prefix(COCOEvaluation.maximumDetections))
    // [detection][person]
    var similarity: [Double] = []
    similarity.reserveCapacity(best.count * picture.persons.count)
    for detection in best {
      for person in picture.persons {
        similarity.append(self.similarity(detections[detection], persons[person]))
      }
    }
    for detection in best { scores.append(detections[detection].score) }
    for (number, range) in COCOEvaluation.areaRanges.enumerated() {
      let isIgnored = picture.persons.map {
        persons[$0].isCrowd || persons[$0].labelled == 0 || range.excludes(persons[$0].area)
      }
      let isOutside = best.map { range.excludes(detections[$0].area) }
      let isCrowd = picture.persons.map { persons[$0].isCrowd }
      counted[number] += isIgnored.count { !$0 }
      marks[number] += Self.marks(
        similarity, isIgnored: isIgnored, isCrowd: isCrowd, isOutside: isOutside)
    }
    if wantsPairs { addPairs(picture, best, similarity, persons) }
  }

  private func similarity(_ detection: COCODetection, _ person: COCOPerson) -> Double {
    ObjectKeypointSimilarity.between(
      detection.keypoints, person.keypoints, area: person.area, sigmas: sigmas)
      ?? ObjectKeypointSimilarity.similarityToBox(
        detection.keypoints, person: person, sigmas: sigmas)
  }

  /// The marks of a picture's detections in one area range.
  private static func marks(
    _ similarity: [Double], isIgnored: [Bool], isCrowd: [Bool], isOutside: [Bool]
  ) -> [Marks] {
    let persons = isIgnored.count
    // Counted persons first, as a stable sort gives them.
    let order =
      isIgnored.indices.filter { !isIgnored[$0] } + isIgnored.indices.filter { isIgnored[$0] }
    var marks = [Marks](repeating: Marks(), count: isOutside.count)
    var isTaken = [Bool](repeating: false, count: persons)
    for (place, threshold) in COCOEvaluation.thresholds.enumerated() {
      let bit = UInt16(1) << UInt16(place)
      for person in 0..<persons { isTaken[person] = false }
      for detection in marks.indices {
        var best = min(threshold, 1 - 1e-10)
        var found: Int?
        for person in order {
          if isTaken[person] && !isCrowd[person] { continue }
          if let found, !isIgnored[found], isIgnored[person] { break }
          let value = similarity[detection * persons + person]
          if value < best { continue }
          best = value
          found = person
        }
        if let found {
          marks[detection].matched |= bit
          if isIgnored[found] { marks[detection].ignored |= bit }
          isTaken[found] = true
        } else if isOutside[detection] {
          marks[detection].ignored |= bit
        }
      }
    }
    return marks
  }

  private mutating func addPairs(
    _ picture: Picture, _ best: [Int], _ similarity: [Double], _ persons: [COCOPerson]
  ) {
    let counted = picture.persons.indices.filter {
      let person = picture.persons[$0]
      return !persons[person].isCrowd && persons[person].labelled > 0
    }
    var candidates: [(oks: Double, detection: Int, person: Int)] = []
    for detection in best.indices {
      for person in counted {
        let oks = similarity[detection * picture.persons.count + person]
        if oks >= 0.1 { candidates.append((oks, detection, person)) }
      }
    }
    candidates.sort {
      ($1.oks, $0.detection, $0.person) < ($0.oks, $1.detection, $1.person)
    }
    var own = [Int?](repeating: nil, count: picture.persons.count)
    var isTaken = [Bool](repeating: false, count: best.count)
    for candidate in candidates
    where own[candidate.person] == nil && !isTaken[candidate.detection] {
      own[candidate.person] = best[candidate.detection]
      isTaken[candidate.detection] = true
    }
    for person in counted {
      guard let detection = own[person] else { continue }
      pairs.append(COCOEvaluation.Pair(person: picture.persons[person], detection: detection))
    }
  }
}

extension ClosedRange<Double> {
  /// Whether a number lies outside; what is no number does not, as pycocotools compares.
  fileprivate func excludes(_ value: Double) -> Bool { value < lowerBound || value > upperBound }
}
