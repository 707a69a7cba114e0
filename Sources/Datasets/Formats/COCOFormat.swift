import CSimdjson
import Pose
import Support
import Wording

/// COCO's keypoint annotations: a JSON file with `images`, `annotations` and `categories`.
///
/// Which keypoints they are is known by the category's names, never by their count.
enum COCOFormat {
  static let format = DatasetFormat(name: "coco") { location throws(DatasetError) in
    let files = location.isFolder ? candidates(in: location.path) : [location.path]
    var withoutKeypoints: String?
    for file in files where try JSONKind.first(of: file) == .object {
      guard let content = try COCOFile(path: file) else { continue }
      guard let category = content.categories.first(where: { $0.names_count > 0 }) else {
        withoutKeypoints = withoutKeypoints ?? file
        continue
      }
      var reader = Reader(
        content: content, category: category, file: file, location: location)
      return try reader.dataset()
    }
    if let withoutKeypoints { throw .noKeypointCategory(path: withoutKeypoints) }
    return nil
  }

  /// The folder's JSON files, keypoints and training first.
  private static func candidates(in folder: String) -> [String] {
    var files: [(rank: Int, path: String)] = []
    for place in [folder, Path.join(folder, "annotations")] {
      for name in Path.names(in: place) ?? [] where name.lowercased().hasSuffix(".json") {
        let isKeypoints = name.contains("keypoint")
        let isTraining = name.contains("train")
        files.append(((isKeypoints ? 0 : 2) + (isTraining ? 0 : 1), Path.join(place, name)))
      }
    }
    return files.enumerated()
      .sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
      .map(\.element.path)
  }

  private struct Reader {
    let content: COCOFile
    let category: posetop_coco_category
    let file: String
    let location: DatasetLocation
    var tally = RecordTally()
    var numbers = ImageNumbers()

    init(
      content: COCOFile, category: posetop_coco_category, file: String, location: DatasetLocation
    ) {
      self.content = content
      self.category = category
      self.file = file
      self.location = location
    }

    mutating func dataset() throws(DatasetError) -> Dataset {
      let recognised = RecognisedSchema(names: content.keypointNames(of: category))
      var images: [Int64: Int] = [:]
      for (index, image) in content.images.enumerated()
      where image.has_id && image.file_name.length > 0 && images[image.id] == nil {
        images[image.id] = index
      }
      let pictures = PictureFolder(
        candidates: folders(),
        names: content.annotations.lazy.compactMap { [content] annotation in
          images[annotation.image].map { content.text(content.images[$0].file_name) }
        })
      if let example = pictures.firstMissing, pictures.found == 0 {
        throw .picturesMissing(path: file, example: example, folders: pictures.candidates)
      }
      var present: [Int: String?] = [:]
      var samples: [Sample] = []
      for annotation in content.annotations {
        guard annotation.has_image, let index = images[annotation.image] else {
          tally.setAside(.causeImageUnknown, place(annotation))
          continue
        }
        guard let (points, box) = person(annotation, recognised) else { continue }
        let name = content.text(content.images[index].file_name)
        let known: String? =
          present[index]
          ?? {
            let path = Path.join(pictures.folder, name)
            return Path.isFile(path) ? path : nil
          }()
        present[index] = .some(known)
        guard let path = known else {
          tally.setAside(.causePictureMissing, name)
          continue
        }
        // The area of a box that was replaced is as wrong as the box.
        let isMended = box.x != annotation.box.0 || box.width != annotation.box.2
        let area = annotation.area.isFinite ? annotation.area : 0
        samples.append(
          Sample(
            imagePath: path, name: name, image: numbers.number(of: path),
            imageID: annotation.image, annotationID: annotation.has_id ? annotation.id : nil,
            keypoints: points, box: box, area: isMended || !(area > 0) ? nil : area))
      }
      let records = content.annotations.count
      guard !samples.isEmpty else {
        throw .noUsableRecord(path: file, records: records, cause: tally.firstCause)
      }
      var notices = tally.notices(path: file, records: records)
      if !recognised.assumed.isEmpty {
        notices.append(
          Sentence(
            DatasetSentence.constantsAssumed, file, recognised.assumed.count,
            recognised.assumed.joined(separator: ", ")))
      }
      return Dataset(
        name: location.name, path: location.path, format: format.name, schema: recognised.schema,
        samples: samples, notices: notices)
    }

    /// Points and box of a person; nil when it was set aside.
    private mutating func person(
      _ annotation: posetop_coco_annotation, _ recognised: RecognisedSchema
    ) -> ([Keypoint], Box)? {
      func cause(_ cause: DatasetSentence) -> ([Keypoint], Box)? {
        tally.setAside(cause, place(annotation))
        return nil
      }
      guard annotation.category == category.id || annotation.category < 0 else {
        return cause(.causeCategory)
      }
      if annotation.is_crowd { return cause(.causeCrowd) }
      guard let numbers = content.keypoints(of: annotation) else {
        return cause(.causeKeypointForm)
      }
      if numbers.isEmpty { return cause(.causeNoKeypoints) }
      guard numbers.count == 3 * Int(category.names_count) else {
        return cause(.causeKeypointCount)
      }
      let points = recognised.order.map { point(numbers, $0) }
      guard points.contains(where: \.isLabelled) else { return cause(.causeNoKeypoints) }
      let given = annotation.box
      let box = Box(x: given.0, y: given.1, width: given.2, height: given.3)
      let around = Box(around: points) ?? Box(x: 0, y: 0, width: 0, height: 0)
      let extent = max(around.width, around.height)
      // A box far smaller than what it should hold is a slip of the labeller's mouse.
      if isUsable(box), max(box.width, box.height) > extent / 4 { return (points, box) }
      guard isUsable(around) else { return cause(.causeExtent) }
      tally.boxReplaced(place(annotation))
      return (points, around)
    }

    private func point(_ numbers: UnsafeBufferPointer<Double>, _ index: Int) -> Keypoint {
      let (x, y, flag) = (numbers[3 * index], numbers[3 * index + 1], numbers[3 * index + 2])
      guard flag > 0, abs(x) <= farthestCoordinate, abs(y) <= farthestCoordinate else {
        return Keypoint(x: 0, y: 0, visibility: .unlabelled)
      }
      return Keypoint(x: x, y: y, visibility: flag < 2 ? .hidden : .visible)
    }

    private func isUsable(_ box: Box) -> Bool {
      let isNear = [box.x, box.y, box.width, box.height].allSatisfy {
        abs($0) <= farthestCoordinate
      }
      return isNear && box.width > 1 && box.height > 1
    }

    private func place(_ annotation: posetop_coco_annotation) -> String {
      annotation.has_id ? "annotation \(annotation.id)" : "an annotation without id"
    }

    /// Where the pictures may lie: beside the file or the folder, under usual names or the file's own
    /// (`person_keypoints_val2017.json` -> `val2017`).
    private func folders() -> [String] {
      if let images = location.images { return [images] }
      let here = Path.parent(of: file)
      let base = Path.name(of: file).split(separator: ".").first.map(String.init) ?? ""
      let own = base.split(separator: "_").last.map(String.init) ?? base
      var roots = [here]
      if Path.name(of: here) == "annotations" { roots.append(Path.parent(of: here)) }
      if !roots.contains(location.folder) { roots.append(location.folder) }
      var result: [String] = []
      for root in roots {
        let names = [
          own, "images/\(own)", "images", "", "train2017", "val2017", "images/train2017",
          "images/val2017", "img", "data",
        ]
        let others = (Path.names(in: root) ?? []).prefix(64)
        for name in names + others {
          let folder = name.isEmpty ? root : Path.join(root, name)
          if Path.isFolder(folder), !result.contains(folder) { result.append(folder) }
        }
      }
      return result
    }
  }
}
