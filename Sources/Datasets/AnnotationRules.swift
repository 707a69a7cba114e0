import Pose
import Support
import Wording

/// The rules by which records become samples, the same for every format.
enum AnnotationRules {
  /// The usable persons of an annotation file, with a notice for what was set aside or mended.
  static func dataset(_ set: AnnotationSet) throws(DatasetError) -> Dataset {
    var tally = RecordTally()
    var samples: [Sample] = []
    samples.reserveCapacity(set.persons.count)
    var numbers = [Int](repeating: -1, count: set.pictures.count)
    var used = 0
    var validates: [Bool] = []
    for person in set.persons {
      guard let (points, box) = usable(person, set, &tally) else { continue }
      guard let index = person.picture, let path = set.pictures[index].path else {
        tally.setAside(
          .causePictureMissing, person.picture.map { .named(set.pictures[$0].name) } ?? person.label
        )
        continue
      }
      let picture = set.pictures[index]
      if numbers[index] < 0 {
        numbers[index] = used
        used += 1
        validates.append(picture.isForValidation ?? false)
      }
      samples.append(
        Sample(
          imagePath: path, name: picture.name, image: numbers[index], imageID: picture.id,
          annotationID: person.id, keypoints: points, box: box,
          area: area(person, points), headSize: person.headSize,
          declaredSize: picture.declaredSize))
    }
    guard !samples.isEmpty else {
      throw .noUsableRecord(
        path: set.file, records: set.persons.count, cause: tally.firstCause)
    }
    if areFractions(samples) { throw .fractions(path: set.file) }
    var result = Dataset(
      name: set.name, path: set.path, format: set.format, schema: set.schema, samples: samples,
      notices: tally.notices(path: set.file, records: set.persons.count) + set.notices)
    if validates.contains(true), validates.contains(false) {
      let indices = samples.indices
      result.declaredSplit = DatasetSplit(
        training: indices.filter { !validates[samples[$0].image] },
        validation: indices.filter { validates[samples[$0].image] })
    }
    return result
  }

  /// Points and box of a person (nil: the whole picture); nil when it was set aside.
  private static func usable(
    _ person: AnnotatedPerson, _ set: AnnotationSet, _ tally: inout RecordTally
  ) -> ([Keypoint], Box?)? {
    if let fault = person.fault {
      tally.setAside(fault, person.label)
      return nil
    }
    let points = set.keypoints(of: person)
    guard let around = Box(around: points) else {
      tally.setAside(.causeNoKeypoints, person.label)
      return nil
    }
    if person.isWholePicture { return (points, nil) }
    if let box = person.box, isUsable(box, around: around) { return (points, box) }
    guard isUsable(around) else {
      tally.setAside(.causeExtent, person.label)
      return nil
    }
    tally.boxReplaced(person.label)
    return (points, around)
  }

  /// The person's area; nil where the source has none, or where its box shows that it is none.
  private static func area(_ person: AnnotatedPerson, _ points: [Keypoint]) -> Double? {
    guard let area = person.area, area > 0, area.isFinite else { return nil }
    if person.isWholePicture { return area }
    guard let box = person.box, let around = Box(around: points), isUsable(box, around: around)
    else { return nil }
    return area
  }

  /// Whether a box can be meant for a person whose points have that extent: one that is far smaller
  /// than what it should hold is a slip of the labeller's mouse.
  static func isUsable(_ box: Box, around: Box) -> Bool {
    isUsable(box) && max(box.width, box.height) > max(around.width, around.height) / 4
  }

  private static func isUsable(_ box: Box) -> Bool {
    let isNear = [box.x, box.y, box.width, box.height].allSatisfy {
      abs($0) <= AnnotationSet.farthest
    }
    return isNear && box.width > 1 && box.height > 1
  }

  private static func areFractions(_ samples: [Sample]) -> Bool {
    let unit = 0.0...1.0
    return samples.allSatisfy { sample in
      sample.keypoints.allSatisfy { unit.contains($0.x) && unit.contains($0.y) }
    }
  }
}
