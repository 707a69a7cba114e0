import Pose
import Support
import Wording

/// MPII as HRNet's JSON list has it: `{image, center, scale, joints, joints_vis}`.
///
/// Pixels count from 1, a missing joint is (-1, -1) or has visibility 0, and a person's height is
/// 200 times `scale`. The box is HRNet's: its centre lies 15 scales below the given one. A `head_box`
/// [x1, y1, x2, y2], which MPII's original file has, gives the head size of PCKh.
enum MPIIFormat {
  static let format = DatasetFormat(name: "mpii") { location throws(DatasetError) in
    for file in location.jsonFiles() {
      guard let records = try location.lists.records(of: file),
        records.contains(where: { $0["joints"] != nil && $0["image"] != nil })
      else { continue }
      let folder = Path.parent(of: file)
      var pictures = try NamedPictures(
        file: file,
        candidates: location.images.map { [$0] } ?? [
          Path.join(folder, "images"), Path.join(Path.parent(of: folder), "images"), folder,
        ], names: records.lazy.compactMap { $0["image"]?.string })
      var set = AnnotationSet(
        name: location.name, path: location.path, format: "mpii", file: file, schema: .mpii16)
      for (index, record) in records.enumerated() {
        set.persons.append(person(record, index, &set, &pictures))
      }
      set.pictures = pictures.pictures
      return set
    }
    return nil
  }

  private static func person(
    _ record: JSONValue, _ index: Int, _ set: inout AnnotationSet, _ pictures: inout NamedPictures
  ) -> AnnotatedPerson {
    guard let name = record["image"]?.string, !name.isEmpty else {
      return AnnotatedPerson(label: .record(index), fault: .causeImageName)
    }
    var person = AnnotatedPerson(
      label: .named("\(name) (record \(index))"), picture: pictures.place(of: name))
    person.firstNumber = set.numbers.count
    person.box = box(record)
    person.headSize = headSize(record["head_box"])
    guard let joints = record["joints"]?.array else {
      person.fault = .causeKeypointForm
      return person
    }
    let flags = record["joints_vis"]?.array
    guard joints.count == set.schema.count, flags == nil || flags?.count == joints.count else {
      person.fault = .causeKeypointCount
      return person
    }
    for (place, joint) in joints.enumerated() {
      guard let pair = joint.array, pair.count == 2, let x = pair[0].double, let y = pair[1].double
      else {
        person.fault = .causeKeypointForm
        return person
      }
      let isMissing = (x == -1 && y == -1) || flags?[place].double == 0
      set.add(
        x: isMissing ? 0 : x - 1, y: isMissing ? 0 : y - 1, visibility: isMissing ? 0 : 2)
    }
    person.points = joints.count
    return person
  }

  private static func box(_ record: JSONValue) -> Box? {
    guard let center = record["center"]?.array, center.count == 2, let x = center[0].double,
      let y = center[1].double, let scale = record["scale"]?.double, scale > 0
    else { return nil }
    let side = 200 * scale
    let centerY = y == -1 ? y : y + 15 * scale
    return Box(x: x - 1 - side / 2, y: centerY - 1 - side / 2, width: side, height: side)
  }

  /// .6 of the head box's diagonal.
  private static func headSize(_ value: JSONValue?) -> Double? {
    guard let corners = Box(json: value) else { return nil }
    let (width, height) = (corners.width - corners.x, corners.height - corners.y)
    let size = 0.6 * (width * width + height * height).squareRoot()
    return size > 0 && size <= AnnotationSet.farthest ? size : nil
  }
}
