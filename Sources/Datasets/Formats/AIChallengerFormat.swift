import Pose
import Support
import Wording

/// AI Challenger's own JSON list: `{image_id, human_annotations, keypoint_annotations}`.
///
/// Its third number is 1 for visible, 2 for hidden and 3 for not labelled: read as COCO's, every
/// missing point would be a visible one at (0, 0). Boxes are corners.
enum AIChallengerFormat {
  static let format = DatasetFormat(name: "aichallenger") { location throws(DatasetError) in
    for file in location.jsonFiles() {
      guard let records = try location.lists.records(of: file),
        records.contains(where: { $0["keypoint_annotations"] != nil })
      else { continue }
      let folder = Path.parent(of: file)
      let names = records.lazy.compactMap { $0["image_id"]?.string.map { $0 + ".jpg" } }
      var pictures = try NamedPictures(
        file: file, candidates: location.images.map { [$0] } ?? folders(around: folder),
        names: names)
      var set = AnnotationSet(
        name: location.name, path: location.path, format: "aichallenger", file: file,
        schema: .aiChallenger14)
      for (index, record) in records.enumerated() { add(record, index, to: &set, &pictures) }
      set.pictures = pictures.pictures
      return set
    }
    return nil
  }

  /// Beside the file, and in the folders there (`keypoint_train_images_20170902`).
  private static func folders(around folder: String) -> [String] {
    let inner = (Path.names(in: folder) ?? []).prefix(64).map { Path.join(folder, $0) }
    return [folder] + inner.filter { Path.isFolder($0) }
  }

  private static func add(
    _ record: JSONValue, _ index: Int, to set: inout AnnotationSet,
    _ pictures: inout NamedPictures
  ) {
    guard let id = record["image_id"]?.string, !id.isEmpty else {
      set.persons.append(AnnotatedPerson(label: .record(index), fault: .causeImageName))
      return
    }
    let place = pictures.place(of: id + ".jpg")
    guard let people = record["keypoint_annotations"]?.object else {
      set.persons.append(
        AnnotatedPerson(label: .named(id), picture: place, fault: .causeKeypointForm))
      return
    }
    // The file's own order is that of a hash table.
    let sorted = people.members.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
    for (name, value) in sorted {
      var person = AnnotatedPerson(label: .named("\(id) \(name)"), picture: place)
      person.firstNumber = set.numbers.count
      if let corners = Box(json: record["human_annotations"]?[name]) {
        person.box = Box(
          x: corners.x, y: corners.y, width: corners.width - corners.x,
          height: corners.height - corners.y)
      }
      let numbers = (value.array ?? []).compactMap(\.double)
      if numbers.count != value.array?.count {
        person.fault = .causeKeypointForm
      } else if numbers.count != 3 * set.schema.count {
        person.fault = .causeKeypointCount
      } else {
        for at in stride(from: 0, to: numbers.count, by: 3) {
          let flag = numbers[at + 2]
          let visibility: Double = flag == 1 ? 2 : flag == 2 ? 1 : 0
          set.add(x: numbers[at], y: numbers[at + 1], visibility: visibility)
        }
        person.points = set.schema.count
      }
      set.persons.append(person)
    }
  }
}
