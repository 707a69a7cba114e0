import Pose
import Support
import Wording

/// Whether left and right are what they say.
struct SideChecks {
  private let set: AnnotationSet
  private let schema: KeypointSchema
  private(set) var findings: [Finding] = []

  /// Fewer people who face the camera tell nothing of a whole file.
  static let fewestPeople = 5

  init(_ set: AnnotationSet) {
    self.set = set
    schema = set.schema
    checkFaces()
    checkPairs()
  }

  private func index(_ name: String) -> Int? { schema.keypoints.firstIndex(of: name) }

  /// A person who faces the camera, upright, has the left eye and the left shoulder further right in
  /// the picture than the right ones.
  private mutating func checkFaces() {
    guard let nose = index("nose"), let leftEye = index("left_eye"),
      let rightEye = index("right_eye")
    else { return checkBodies() }
    let trunk = [("left_shoulder", "right_shoulder"), ("left_hip", "right_hip")].compactMap {
      names -> (Int, Int)? in
      guard let left = index(names.0), let right = index(names.1) else { return nil }
      return (left, right)
    }
    // From behind a face is labelled as hidden; where nothing is, the flags say nothing.
    let hasHidden = set.persons.contains { person in
      set.keypoints(of: person).contains { $0.visibility == .hidden }
    }
    var (facing, reversed) = (0, [AnnotatedPerson]())
    for person in set.persons where person.fault == nil {
      let points = set.keypoints(of: person)
      let face = [nose, leftEye, rightEye].map { points[$0] }
      guard face.allSatisfy({ $0.visibility == .visible }), let around = Box(around: points)
      else { continue }
      let size = max(around.width, around.height)
      let eyes = face[1].x - face[2].x
      let isUpright =
        (face[1].y + face[2].y) / 2 < face[0].y && abs(face[1].y - face[2].y) < abs(eyes)
      guard isUpright, abs(eyes) > 0.015 * size else { continue }
      let sides = trunk.filter { points[$0.0].isLabelled && points[$0.1].isLabelled }
        .map { (points[$0.0].x - points[$0.1].x) / size }
      facing += 1
      let isReversed = eyes < 0 && sides.allSatisfy { $0 < 0 }
      if isReversed { reversed.append(person) }
      if eyes > 0, !sides.isEmpty, sides.allSatisfy({ $0 < -0.1 }) {
        add(person, part: "body")
      }
    }
    if facing >= Self.fewestPeople, Double(reversed.count) > 0.6 * Double(facing) {
      findings.append(
        set.finding(
          .error, .leftRight,
          Sentence(DoctorSentence.leftRightAll, reversed.count, facing), .swapSides))
    } else if hasHidden {
      for person in reversed { add(person, part: "body") }
    }
  }

  private mutating func add(_ person: AnnotatedPerson, part: String) {
    findings.append(
      set.finding(
        .warning, .leftRight, person, Sentence(DoctorSentence.leftRightOne, part), .swapSides))
  }

  /// Without a face nobody knows who faces the camera; most people in photographs do.
  private mutating func checkBodies() {
    guard let left = index("left_shoulder"), let right = index("right_shoulder") else { return }
    var (people, reversed) = (0, 0)
    for person in set.persons where person.fault == nil {
      let points = set.keypoints(of: person)
      guard points[left].isLabelled, points[right].isLabelled, let around = Box(around: points)
      else { continue }
      let width = (points[left].x - points[right].x) / max(around.width, around.height, 1)
      guard abs(width) > 0.08 else { continue }
      people += 1
      if width < 0 { reversed += 1 }
    }
    guard people >= 10 * Self.fewestPeople, Double(reversed) > 0.75 * Double(people) else { return }
    findings.append(
      set.finding(
        .warning, .leftRight, Sentence(DoctorSentence.leftRightAll, reversed, people), .swapSides))
  }

  /// Mirrored partners lie at the same height of the body on average.
  private mutating func checkPairs() {
    if schema.count >= 5, schema.flipPairs == Array(schema.flipPairs.indices) {
      findings.append(
        set.finding(
          .warning, .flipPairs, Sentence(DoctorSentence.flipPairsNone), .correctPairs))
      return
    }
    var sums = [(height: Double, count: Int)](repeating: (0, 0), count: schema.count)
    for person in set.persons where person.fault == nil {
      let points = set.keypoints(of: person)
      guard let around = Box(around: points), around.height > 1 else { continue }
      for (index, point) in points.enumerated() where point.isLabelled {
        sums[index].height += (point.y - around.y) / around.height
        sums[index].count += 1
      }
    }
    for (joint, partner) in schema.flipPairs.enumerated() where partner != joint {
      let isMutual = schema.flipPairs[partner] == joint
      if isMutual, partner < joint { continue }
      let (one, other) = (sums[joint], sums[partner])
      guard one.count >= 20, other.count >= 20 else { continue }
      let (mine, theirs) = (one.height / Double(one.count), other.height / Double(other.count))
      guard !isMutual || abs(mine - theirs) > 0.15 else { continue }
      findings.append(
        set.finding(
          .error, .flipPairs,
          Sentence(
            DoctorSentence.flipPairs, schema.keypoints[partner], schema.keypoints[joint],
            NumberText.fixed(theirs, 2), NumberText.fixed(mine, 2)), .correctPairs))
    }
  }
}
