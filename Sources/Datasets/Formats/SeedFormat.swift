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
    guard Path.isFile(file), try JSONKind.first(of: file) == .list else { return nil }
    let document: JSONValue
    do throws(FileError) {
      document = try FileReading.json(of: file, limit: 512 << 20)
    } catch {
      throw .file(error)
    }
    let records = document.array ?? []
    // Another format's list, such as MPII's, has no image_name in any record.
    let isSeed = records.isEmpty || records.contains { $0["image_name"] != nil }
    guard isSeed else { return nil }
    return try dataset(records, file: file, location: location)
  }

  private static func dataset(
    _ records: [JSONValue], file: String, location: DatasetLocation
  ) throws(DatasetError) -> Dataset {
    let folder = Path.parent(of: file)
    let pictures = PictureFolder(
      candidates: location.images.map { [$0] } ?? [Path.join(folder, "images"), folder],
      names: records.lazy.compactMap { $0["image_name"]?.string })
    if let example = pictures.firstMissing, pictures.found == 0 {
      throw .picturesMissing(path: file, example: example, folders: pictures.candidates)
    }
    var tally = RecordTally()
    var numbers = ImageNumbers()
    var samples: [Sample] = []
    for (index, record) in records.enumerated() {
      guard let name = record["image_name"]?.string, !name.isEmpty else {
        tally.setAside(.causeImageName, "record \(index)")
        continue
      }
      let path = Path.join(pictures.folder, name)
      guard Path.isFile(path) else {
        tally.setAside(.causePictureMissing, name)
        continue
      }
      switch keypoints(record["keypoints"]) {
      case .failure(let cause): tally.setAside(cause.sentence, name)
      case .success(let points):
        let box = box(record["bbox"])
        if box == nil, record["bbox"] != nil, record["bbox"] != .null {
          tally.boxReplaced(name)
        }
        let mended = record["bbox"] == nil || record["bbox"] == .null ? nil : Box(around: points)
        samples.append(
          Sample(
            imagePath: path, name: name, image: numbers.number(of: path), keypoints: points,
            box: box ?? mended))
      }
    }
    guard !samples.isEmpty else {
      throw .noUsableRecord(path: file, records: records.count, cause: tally.firstCause)
    }
    return Dataset(
      name: location.name, path: location.path, format: format.name, schema: .coco17,
      samples: samples, notices: tally.notices(path: file, records: records.count))
  }

  private struct Cause: Error { let sentence: DatasetSentence }

  private static func keypoints(_ value: JSONValue?) -> Result<[Keypoint], Cause> {
    guard let list = value?.array else { return .failure(Cause(sentence: .causeKeypointForm)) }
    guard list.count == KeypointSchema.coco17.count else {
      return .failure(Cause(sentence: .causeKeypointCount))
    }
    var points: [Keypoint] = []
    for entry in list {
      guard let point = keypoint(entry) else {
        return .failure(Cause(sentence: .causeKeypointForm))
      }
      points.append(point)
    }
    guard points.contains(where: \.isLabelled) else {
      return .failure(Cause(sentence: .causeNoKeypoints))
    }
    return .success(points)
  }

  private static func keypoint(_ value: JSONValue) -> Keypoint? {
    if value == .null { return Keypoint(x: 0, y: 0, visibility: .unlabelled) }
    guard let numbers = value.array, (2...3).contains(numbers.count) else { return nil }
    // A null in place of a number is a missing point, as pandas writes NaN.
    if numbers.contains(.null) { return Keypoint(x: 0, y: 0, visibility: .unlabelled) }
    guard let x = numbers[0].double, let y = numbers[1].double,
      abs(x) <= farthestCoordinate, abs(y) <= farthestCoordinate
    else { return nil }
    var visibility = Visibility.visible
    if numbers.count == 3 {
      guard let flag = numbers[2].double else { return nil }
      visibility = flag <= 0 ? .unlabelled : flag < 2 ? .hidden : .visible
    }
    return Keypoint(x: x, y: y, visibility: visibility)
  }

  private static func box(_ value: JSONValue?) -> Box? {
    guard let list = value?.array, list.count == 4 else { return nil }
    let numbers = list.compactMap(\.double)
    guard numbers.count == 4, numbers.allSatisfy({ abs($0) <= farthestCoordinate }),
      numbers[2] > 0, numbers[3] > 0
    else { return nil }
    return Box(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }
}
