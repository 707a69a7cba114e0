import Pose
import Support
import Wording

/// The tutorial's layout: `annotations.json`, a list of `{image_name, keypoints}`, and `images/`.
///
/// 17 keypoints in COCO's order, each `[x, y]`, `[x, y, v]` or `null`, in pixels; `bbox` is optional,
/// and without it the whole picture is the person's.
enum SeedFormat {
  static let format = DatasetFormat(name: "seed") { location throws(DatasetError) in
    let file = location.isFolder ? Path.join(location.path, "annotations.json") : location.path
    guard let records = try location.lists.records(of: file) else { return nil }
    // Another format's list, such as MPII's, has no image_name in any record.
    guard records.isEmpty || records.contains(where: { $0["image_name"] != nil }) else {
      return nil
    }
    let folder = Path.parent(of: file)
    var pictures = try NamedPictures(
      file: file,
      candidates: location.images.map { [$0] } ?? [Path.join(folder, "images"), folder],
      names: records.lazy.compactMap { $0["image_name"]?.string })
    var set = AnnotationSet(
      name: location.name, path: location.path, format: "seed", file: file, schema: .coco17)
    for (index, record) in records.enumerated() {
      set.persons.append(person(record, index, &set, &pictures))
    }
    set.pictures = pictures.pictures
    return set
  }

  private static func person(
    _ record: JSONValue, _ index: Int, _ set: inout AnnotationSet, _ pictures: inout NamedPictures
  ) -> AnnotatedPerson {
    guard let name = record["image_name"]?.string, !name.isEmpty else {
      return AnnotatedPerson(label: .record(index), fault: .causeImageName)
    }
    var person = AnnotatedPerson(label: .named(name), picture: pictures.place(of: name))
    person.firstNumber = set.numbers.count
    person.isWholePicture = record["bbox"] == nil || record["bbox"] == .null
    person.box = Box(json: record["bbox"])
    guard let list = record["keypoints"]?.array else {
      person.fault = .causeKeypointForm
      return person
    }
    guard list.count == KeypointSchema.coco17.count else {
      person.fault = .causeKeypointCount
      return person
    }
    for entry in list {
      guard let (x, y, visibility) = point(entry) else {
        person.fault = .causeKeypointForm
        return person
      }
      set.add(x: x, y: y, visibility: visibility)
    }
    person.points = list.count
    return person
  }

  private static func point(_ value: JSONValue) -> (Double, Double, Double)? {
    if value == .null { return (0, 0, 0) }
    guard let numbers = value.array, (2...3).contains(numbers.count) else { return nil }
    // A null in place of a number is a missing point, as pandas writes NaN.
    if numbers.contains(.null) { return (0, 0, 0) }
    guard let x = numbers[0].double, let y = numbers[1].double,
      abs(x) <= AnnotationSet.farthest, abs(y) <= AnnotationSet.farthest
    else { return nil }
    guard numbers.count == 3 else { return (x, y, 2) }
    return numbers[2].double.map { (x, y, $0) }
  }
}

extension Box {
  /// A box from a list of left, top, width and height; nil when it is no four numbers.
  init?(json: JSONValue?) {
    guard let list = json?.array, list.count == 4 else { return nil }
    let numbers = list.compactMap(\.double)
    guard numbers.count == 4 else { return nil }
    self.init(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }
}
