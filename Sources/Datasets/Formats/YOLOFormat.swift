import Imaging
import Pose
import Support
import Wording

/// Ultralytics' layout: `data.yaml` with `path`, `train`, `val`, `kpt_shape`, `flip_idx` and `names`,
/// and beside each picture's `images` folder one in `labels` with a line for each person,
/// `class cx cy w h` and K times `x y [v]`, all as shares of the picture's size.
///
/// Without `kpt_names`, 17 points with COCO's `flip_idx` are COCO's. With two numbers a point, one
/// below 0 or at (0, 0) is missing.
enum YOLOFormat {
  static let format = DatasetFormat(name: "yolo") { location throws(DatasetError) in
    guard let file = yamlFile(location) else { return nil }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileReading.bytes(of: file, limit: 1 << 20)
    } catch {
      throw .file(error)
    }
    let yaml = YAMLList(String(decoding: bytes, as: UTF8.self))
    return try Reader(file, yaml, location).read()
  }

  private static func yamlFile(_ location: DatasetLocation) -> String? {
    let isYAML = { (name: String) in
      name.lowercased().hasSuffix(".yaml") || name.lowercased().hasSuffix(".yml")
    }
    if !location.isFolder { return isYAML(location.path) ? location.path : nil }
    let names = (Path.names(in: location.path) ?? []).filter(isYAML)
    let best = names.first { $0.hasPrefix("data.") || $0.hasPrefix("dataset.") } ?? names.first
    return best.map { Path.join(location.path, $0) }
  }

  private struct Reader {
    let file: String
    let yaml: YAMLList
    let location: DatasetLocation
    /// K and the numbers of a point.
    let shape: (keypoints: Int, numbers: Int)
    let recognised: RecognisedSchema
    /// The class whose lines are persons; nil for all.
    let person: Int?

    init(
      _ file: String, _ yaml: YAMLList, _ location: DatasetLocation
    ) throws(DatasetError) {
      self.file = file
      self.yaml = yaml
      self.location = location
      let numbers = yaml["kpt_shape"]?.list?.compactMap(\.int) ?? []
      guard numbers.count == 2, (1...1024).contains(numbers[0]), (2...3).contains(numbers[1])
      else {
        throw .listIncomplete(path: file, key: "kpt_shape", expected: "[17, 3] or [17, 2]")
      }
      shape = (numbers[0], numbers[1])
      let pairs = yaml["flip_idx"]?.list?.compactMap(\.int)
      if let pairs {
        guard pairs.count == shape.keypoints,
          pairs.allSatisfy({ (0..<numbers[0]).contains($0) })
        else {
          throw .listIncomplete(
            path: file, key: "flip_idx",
            expected: "the mirrored point's index for each of \(numbers[0]) points")
        }
      }
      recognised = RecognisedSchema(
        names: Self.names(yaml, shape.keypoints, pairs), flipPairs: pairs)
      let classes = yaml["names"]?.list?.map { $0.text ?? "" } ?? []
      person = classes.count > 1 ? classes.firstIndex(of: "person") : nil
    }

    private static func names(_ yaml: YAMLList, _ count: Int, _ pairs: [Int]?) -> [String] {
      let groups = yaml["kpt_names"]?.list ?? []
      let listed = (groups.first?.list ?? groups).compactMap(\.text)
      if listed.count == count { return listed }
      let coco = KeypointSchema.coco17
      if count == coco.count, pairs == coco.flipPairs { return coco.keypoints }
      return (0..<count).map { "keypoint_\($0)" }
    }

    func read() throws(DatasetError) -> AnnotationSet {
      var set = AnnotationSet(
        name: location.name, path: location.path, format: "yolo", file: file,
        schema: recognised.schema)
      for key in ["train", "val"] {
        guard let value = yaml[key] else { continue }
        for entry in value.list ?? [value] {
          guard let text = entry.text, !text.isEmpty, text != "null", text != "~" else { continue }
          for picture in try pictures(text) { add(picture, isForValidation: key == "val", &set) }
        }
      }
      guard !set.pictures.isEmpty else {
        throw .listIncomplete(
          path: file, key: "train", expected: "a folder of pictures, or a text file that lists them"
        )
      }
      if !recognised.assumed.isEmpty {
        set.notices.append(
          Sentence(
            DatasetSentence.constantsAssumed, UntrustedText.clean(file), recognised.assumed.count,
            UntrustedText.clean(recognised.assumed.joined(separator: ", "), limit: 400)))
      }
      return set
    }

    /// The pictures of one entry of `train` or `val`: in a folder, or listed by a text file.
    private func pictures(_ entry: String) throws(DatasetError) -> [String] {
      let here = Path.parent(of: file)
      var roots = [here]
      if let root = yaml["path"]?.text { roots.insert(Path.join(here, root), at: 0) }
      for place in roots.map({ Path.join($0, entry) }) {
        if Path.isFolder(place) {
          return (Path.names(in: place) ?? []).filter(Self.isPicture).map { Path.join(place, $0) }
        }
        guard Path.isFile(place) else { continue }
        do throws(FileError) {
          let bytes = try FileReading.bytes(of: place, limit: 256 << 20)
          let base = Path.parent(of: place)
          return bytes.split { $0 == 0x0A || $0 == 0x0D }
            .map { Path.join(base, String(decoding: $0, as: UTF8.self)) }
        } catch {
          throw .file(error)
        }
      }
      throw .picturesMissing(
        path: file, example: entry, folders: roots)
    }

    private static func isPicture(_ name: String) -> Bool {
      let name = name.lowercased()
      return [".jpg", ".jpeg", ".png"].contains { name.hasSuffix($0) }
    }

    /// The label file of a picture: `images` becomes `labels` in its path.
    private static func labelFile(_ picture: String) -> String {
      let parts = picture.split(separator: "/", omittingEmptySubsequences: false)
      var names = parts.map(String.init)
      if let place = names.lastIndex(of: "images") { names[place] = "labels" }
      let last = names.removeLast()
      let stem = last.split(separator: ".", omittingEmptySubsequences: false)
      names.append(stem.dropLast(stem.count > 1 ? 1 : 0).joined(separator: ".") + ".txt")
      return names.joined(separator: "/")
    }

    private func add(_ path: String, isForValidation: Bool, _ set: inout AnnotationSet) {
      let name = Path.name(of: path)
      let place = set.pictures.count
      set.pictures.append(
        AnnotatedPicture(
          name: name, path: Path.isFile(path) ? path : nil, isForValidation: isForValidation))
      let labels = Self.labelFile(path)
      // A picture without a label file shows nobody.
      guard Path.isFile(labels) else { return }
      guard let bytes = try? FileReading.bytes(of: labels, limit: 16 << 20) else {
        set.persons.append(
          AnnotatedPerson(label: .named(labels), picture: place, fault: .causeKeypointForm))
        return
      }
      let size = try? ImageDecoder.size(of: path)
      for (number, line) in bytes.split(separator: 0x0A).enumerated() {
        let words = line.split { $0 <= 0x20 }
        guard !words.isEmpty else { continue }
        var person = AnnotatedPerson(
          label: .named("\(Path.name(of: labels)) line \(number + 1)"), picture: place)
        person.firstNumber = set.numbers.count
        let numbers = words.compactMap { Double(String(decoding: $0, as: UTF8.self)) }
        if numbers.count != words.count || !numbers.allSatisfy(\.isFinite) {
          person.fault = .causeKeypointForm
        } else if numbers.count != 5 + shape.keypoints * shape.numbers {
          person.fault = .causeKeypointCount
        } else if let wanted = self.person, Int(exactly: numbers[0]) != wanted {
          person.fault = .causeCategory
        } else if let size {
          fill(&person, numbers, Double(size.width), Double(size.height), &set)
        } else {
          person.fault = .causePictureUnreadable
        }
        set.persons.append(person)
      }
    }

    private func fill(
      _ person: inout AnnotatedPerson, _ numbers: [Double], _ width: Double, _ height: Double,
      _ set: inout AnnotationSet
    ) {
      person.box = Box(
        x: (numbers[1] - numbers[3] / 2) * width, y: (numbers[2] - numbers[4] / 2) * height,
        width: numbers[3] * width, height: numbers[4] * height)
      for index in recognised.order {
        let at = 5 + shape.numbers * index
        let (x, y) = (numbers[at], numbers[at + 1])
        let isMissing = x < 0 || y < 0 || (x == 0 && y == 0)
        let visibility = shape.numbers == 3 ? numbers[at + 2] : isMissing ? 0 : 2
        // As Ultralytics' own converters have it: COCO's pixels divided by the size.
        set.add(x: x * width, y: y * height, visibility: visibility)
      }
      person.points = recognised.order.count
    }
  }
}
