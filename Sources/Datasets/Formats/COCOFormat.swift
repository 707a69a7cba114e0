import CSimdjson
import Imaging
import Pose
import Support
import Wording

/// COCO's keypoint annotations: a JSON file with `images`, `annotations` and `categories`.
///
/// Which keypoints they are is known by the category's names, never by their count.
enum COCOFormat {
  static let format = DatasetFormat(name: "coco") { location throws(DatasetError) in
    var withoutKeypoints: String?
    for file in location.jsonFiles() where try JSONKind.first(of: file) == .object {
      guard let content = try COCOFile(path: file, onRead: location.onRead) else { continue }
      if content.annotations.isEmpty {
        throw .noUsableRecord(path: file, records: 0, cause: nil)
      }
      guard let category = content.categories.first(where: { $0.names_count > 0 }) else {
        withoutKeypoints = withoutKeypoints ?? file
        continue
      }
      return try Reader(content, category, file, location).read()
    }
    if let withoutKeypoints { throw .noKeypointCategory(path: withoutKeypoints) }
    return nil
  }

  private struct Reader {
    let content: COCOFile
    let category: posetop_coco_category
    let file: String
    let location: DatasetLocation
    let recognised: RecognisedSchema
    /// For each picture's id its place in the list.
    private var images: [Int64: Int] = [:]

    init(
      _ content: COCOFile, _ category: posetop_coco_category, _ file: String,
      _ location: DatasetLocation
    ) {
      self.content = content
      self.category = category
      self.file = file
      self.location = location
      recognised = RecognisedSchema(names: content.keypointNames(of: category))
      images.reserveCapacity(content.images.count)
      for (index, image) in content.images.enumerated()
      where image.has_id && image.file_name.length > 0 && images[image.id] == nil {
        images[image.id] = index
      }
    }

    func read() throws(DatasetError) -> AnnotationSet {
      let pictures = PictureFolder(
        candidates: folders(),
        names: content.annotations.lazy.compactMap { annotation in
          images[annotation.image].map { content.text(content.images[$0].file_name) }
        })
      if let example = pictures.firstMissing, pictures.found == 0 {
        throw .picturesMissing(path: file, example: example, folders: pictures.candidates)
      }
      var set = AnnotationSet(
        name: location.name, path: location.path, format: "coco", file: file,
        schema: recognised.schema)
      set.folder = pictures.folder
      set.repeatedIDs = repeatedIDs()
      // Pictures without a person are listed, but their files are nobody's concern.
      var isNamed = [Bool](repeating: false, count: content.images.count)
      for annotation in content.annotations where annotation.has_image {
        if let index = images[annotation.image] { isNamed[index] = true }
      }
      set.pictures = content.images.enumerated().map { index, image in
        let name = content.text(image.file_name)
        return AnnotatedPicture(
          name: name, path: isNamed[index] ? pictures.path(of: name) : nil,
          id: image.has_id ? image.id : nil, declaredSize: Self.size(image))
      }
      set.persons.reserveCapacity(content.annotations.count)
      set.numbers.reserveCapacity(3 * recognised.schema.count * content.annotations.count)
      for annotation in content.annotations { set.persons.append(person(annotation, &set)) }
      if !recognised.assumed.isEmpty {
        set.notices.append(
          Sentence(
            DatasetSentence.constantsAssumed, UntrustedText.clean(file), recognised.assumed.count,
            UntrustedText.clean(recognised.assumed.joined(separator: ", "), limit: 400)))
      }
      return set
    }

    private static func size(_ image: posetop_coco_image) -> ImageSize? {
      image.width > 0 && image.height > 0
        ? ImageSize(width: Int(image.width), height: Int(image.height)) : nil
    }

    private func repeatedIDs() -> [Int64] {
      var seen: Set<Int64> = []
      seen.reserveCapacity(content.annotations.count)
      var repeated: [Int64] = []
      for annotation in content.annotations
      where annotation.has_id && !seen.insert(annotation.id).inserted {
        repeated.append(annotation.id)
      }
      return repeated
    }

    private func person(
      _ annotation: posetop_coco_annotation, _ set: inout AnnotationSet
    ) -> AnnotatedPerson {
      let id = annotation.has_id ? annotation.id : nil
      var person = AnnotatedPerson(label: .annotation(id), id: id)
      person.picture = annotation.has_image ? images[annotation.image] : nil
      person.imageID = annotation.has_image ? annotation.image : nil
      person.isCrowd = annotation.is_crowd
      person.area = annotation.area.isNaN ? nil : annotation.area
      person.declaredCount = annotation.labelled >= 0 ? Int(annotation.labelled) : nil
      let box = annotation.box
      if !box.0.isNaN {
        person.box = Box(x: box.0, y: box.1, width: box.2, height: box.3)
      }
      person.firstNumber = set.numbers.count
      person.fault = fault(annotation, person)
      if let numbers = content.keypoints(of: annotation),
        numbers.count == 3 * Int(category.names_count)
      {
        for index in recognised.order {
          set.add(
            x: numbers[3 * index], y: numbers[3 * index + 1], visibility: numbers[3 * index + 2])
        }
        person.points = recognised.order.count
      }
      return person
    }

    private func fault(
      _ annotation: posetop_coco_annotation, _ person: AnnotatedPerson
    ) -> DatasetSentence? {
      if person.picture == nil { return .causeImageUnknown }
      guard annotation.category == category.id || annotation.category < 0 else {
        return .causeCategory
      }
      if annotation.is_crowd { return .causeCrowd }
      guard let numbers = content.keypoints(of: annotation) else { return .causeKeypointForm }
      if numbers.isEmpty { return .causeNoKeypoints }
      return numbers.count == 3 * Int(category.names_count) ? nil : .causeKeypointCount
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
