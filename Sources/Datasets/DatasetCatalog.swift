import Support

/// A way to lay out a data set on the disk.
struct DatasetFormat: Sendable {
  /// The name that reports show.
  let name: String
  /// Reads the annotations; nil when what lies there has another format.
  let open: @Sendable (DatasetLocation) throws(DatasetError) -> AnnotationSet?
}

/// Is told how many MB of a large annotation file have been read, and how many it has.
public typealias ReadingProgress = (_ done: Int, _ total: Int) -> Void

/// Where to look for a data set.
struct DatasetLocation {
  /// The folder or annotation file, as the user gave it.
  let path: String
  let isFolder: Bool
  /// The folder with the pictures, where the user named one.
  let images: String?
  let onRead: ReadingProgress?
  /// The JSON lists that were read on the way.
  let lists = ListDocuments()

  init(
    _ path: String, images: String?, onRead: ReadingProgress? = nil
  ) {
    self.path = path
    self.images = images
    self.onRead = onRead
    isFolder = Path.isFolder(path)
  }

  /// The folder in which the search starts.
  var folder: String { isFolder ? path : Path.parent(of: path) }

  var name: String {
    let name = Path.name(of: Path.absolute(path))
    return isFolder ? name : name.split(separator: ".").first.map(String.init) ?? name
  }

  /// The JSON files that may hold the annotations: keypoints and training first.
  func jsonFiles() -> [String] {
    guard isFolder else { return path.lowercased().hasSuffix(".yaml") ? [] : [path] }
    var files: [(rank: Int, path: String)] = []
    for place in [path, Path.join(path, "annotations"), Path.join(path, "annot")] {
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
}

/// JSON files that hold a list, each read once for all formats that look at it.
final class ListDocuments {
  private var known: [String: [JSONValue]] = [:]

  /// Bytes of a list that are read: it becomes a document in memory, at some 20 times its size.
  static let maximumBytes = 512 << 20

  /// The records of a file; nil when the file holds no list.
  func records(of file: String) throws(DatasetError) -> [JSONValue]? {
    if let records = known[file] { return records }
    guard Path.isFile(file), try JSONKind.first(of: file) == .list else { return nil }
    do throws(FileError) {
      let records = try FileReading.json(of: file, limit: Self.maximumBytes).array ?? []
      known[file] = records
      return records
    } catch {
      throw .file(error)
    }
  }
}

/// The data set formats, found by looking.
public enum DatasetCatalog {
  /// Every format, in the order in which they are tried.
  static let formats: [DatasetFormat] = [
    SeedFormat.format, COCOFormat.format, MPIIFormat.format, AIChallengerFormat.format,
    YOLOFormat.format,
  ]

  /// The names of the formats that can be read.
  public static var formatNames: [String] { formats.map(\.name) }

  /// Reads a data set, and refuses one that would silently ruin a training.
  ///
  /// - `path`: a folder, or an annotation file.
  /// - `images`: the folder with the pictures; found by looking when nil.
  /// - `onRead`: is told how many MB of a large annotation file have been read.
  public static func open(
    path: String, images: String? = nil, onRead: ReadingProgress? = nil
  ) throws(DatasetError) -> Dataset {
    let set = try annotations(path: path, images: images, onRead: onRead)
    if let finding = DatasetDoctor.refusal(set) {
      throw .ruinous(path: path, finding: finding.message, fix: finding.fix)
    }
    return try AnnotationRules.dataset(set)
  }

  /// Reads what the annotation file says, before any rule.
  static func annotations(
    path: String, images: String? = nil, onRead: ReadingProgress? = nil
  ) throws(DatasetError) -> AnnotationSet {
    guard Path.isFolder(path) || Path.isFile(path) else { throw .folderMissing(path: path) }
    if let images, !Path.isFolder(images) { throw .folderMissing(path: images) }
    let location = DatasetLocation(path, images: images, onRead: onRead)
    for format in formats {
      if let set = try format.open(location) { return set }
    }
    for file in location.jsonFiles() {
      if let first = try location.lists.records(of: file)?.first, first["score"] != nil,
        first["image_id"] != nil
      {
        throw .detectionsFile(path: file)
      }
    }
    throw .formatUnknown(path: path, isFolder: location.isFolder)
  }
}
