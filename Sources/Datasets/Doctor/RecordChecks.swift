import Pose
import Support
import Wording

/// What can be seen of each record without its picture.
struct RecordChecks {
  let set: AnnotationSet
  private(set) var findings: [Finding] = []
  private var withoutArea = 0
  private var aiChallenger: (count: Int, first: AnnotatedPerson)?

  /// Share of the box's longer side that points may lie outside.
  static let boxTolerance = 0.25

  init(_ set: AnnotationSet) {
    self.set = set
    for id in set.repeatedIDs {
      findings.append(
        set.finding(
          .error, .doubleID, id: String(id), Sentence(DoctorSentence.doubleID, id), .freshID))
    }
    for person in set.persons { check(person) }
    conclude()
  }

  private mutating func add(
    _ severity: Finding.Severity, _ code: Finding.Code, _ person: AnnotatedPerson,
    _ message: Sentence, _ fix: DoctorFix
  ) {
    findings.append(set.finding(severity, code, person, message, fix))
  }

  private mutating func check(_ person: AnnotatedPerson) {
    if person.id == 0 { add(.warning, .idZero, person, Sentence(DoctorSentence.idZero), .freshID) }
    switch person.fault {
    case .causeImageUnknown:
      let id = person.imageID.map(String.init) ?? "(none)"
      add(.error, .orphanID, person, Sentence(DoctorSentence.orphanID, id), .correctImageID)
    case .causeCategory: return
    case .causeCrowd: checkCrowd(person)
    case .causeKeypointCount:
      let message = Sentence(DoctorSentence.keypointCount, set.schema.count)
      add(.error, .keypointCount, person, message, .correctCount)
    // A person without labels is COCO's way to list one who is too small to label.
    case .causeNoKeypoints, .causePictureUnreadable: return
    case let fault?:
      let message = Sentence(DoctorSentence.unusableRecord, Sentence(fault))
      add(.error, .unusableRecord, person, message, .correctRecord)
    case nil: checkPoints(person)
    }
  }

  private mutating func checkCrowd(_ person: AnnotatedPerson) {
    let labelled = set.keypoints(of: person).count(where: \.isLabelled)
    if labelled > 0 {
      add(.warning, .crowd, person, Sentence(DoctorSentence.crowd, labelled), .clearCrowd)
    }
  }

  private mutating func checkPoints(_ person: AnnotatedPerson) {
    var labelled = 0
    for index in 0..<person.points {
      let at = person.firstNumber + 3 * index
      let (x, y, flag) = (set.numbers[at], set.numbers[at + 1], set.numbers[at + 2])
      let name = set.schema.keypoints[index]
      if flag > 0 { labelled += 1 }
      if flag == 3, x == 0, y == 0 {
        aiChallenger = ((aiChallenger?.count ?? 0) + 1, aiChallenger?.first ?? person)
      } else if ![0, 1, 2].contains(flag) {
        let message = Sentence(
          DoctorSentence.visibilityRange, name, NumberText.significant(flag, 4))
        add(.error, .visibilityRange, person, message, .unlabel)
      } else if flag > 0, x == 0, y == 0 {
        add(
          .error, .visibleAtOrigin, person, Sentence(DoctorSentence.visibleAtOrigin, name),
          .unlabel)
      }
    }
    if let declared = person.declaredCount, declared != labelled {
      let message = Sentence(DoctorSentence.numKeypoints, declared, labelled)
      add(.warning, .numKeypoints, person, message, .recount)
    }
    checkArea(person, labelled: labelled)
    checkBox(person)
  }

  private mutating func checkArea(_ person: AnnotatedPerson, labelled: Int) {
    guard set.format == "coco", labelled > 0 else { return }
    guard let area = person.area else {
      withoutArea += 1
      return
    }
    if area <= 0 {
      let message = Sentence(DoctorSentence.areaZero, NumberText.significant(area, 6))
      add(.error, .areaZero, person, message, .giveArea)
    }
  }

  private mutating func checkBox(_ person: AnnotatedPerson) {
    let points = set.keypoints(of: person)
    guard let box = person.box, !person.isWholePicture, let around = Box(around: points) else {
      return
    }
    guard AnnotationRules.isUsable(box, around: around) else {
      let sizes = [box.width, box.height, around.width, around.height].map {
        NumberText.fixed($0, 1)
      }
      let message = Sentence(DoctorSentence.brokenBox, sizes[0], sizes[1], sizes[2], sizes[3])
      return add(.error, .brokenBox, person, message, .correctBox)
    }
    let slack = Self.boxTolerance * max(box.width, box.height)
    for (index, point) in points.enumerated() where point.isLabelled {
      let isFar =
        point.x < box.x - slack || point.y < box.y - slack
        || point.x > box.x + box.width + slack || point.y > box.y + box.height + slack
      // What lies at the origin was said already.
      guard isFar, point.x != 0 || point.y != 0 else { continue }
      let message = Sentence(
        DoctorSentence.pointOutsideBox, set.schema.keypoints[index], NumberText.fixed(point.x, 1),
        NumberText.fixed(point.y, 1))
      add(.warning, .pointOutsideBox, person, message, .correctPoint)
    }
  }

  /// What only the whole file shows.
  private mutating func conclude() {
    if let aiChallenger {
      let message = Sentence(DoctorSentence.aiChallengerVisibility, aiChallenger.count)
      add(
        .error, .aiChallengerVisibility, aiChallenger.first, message, .convertVisibility)
    }
    if withoutArea > 0 {
      findings.append(
        set.finding(
          .warning, .areaMissing, Sentence(DoctorSentence.areaMissing, withoutArea), .giveArea))
    }
    for person in set.persons where person.fault == nil {
      let points = set.keypoints(of: person).filter(\.isLabelled)
      let areFractions = points.allSatisfy {
        (0.0...1.0).contains($0.x) && (0.0...1.0).contains($0.y)
      }
      if points.count > 2, areFractions, points.contains(where: { $0.x != 0 || $0.y != 0 }) {
        add(.error, .fractions, person, Sentence(DoctorSentence.fractions), .multiply)
      }
    }
  }
}
