import Support

/// The folder that holds the pictures of an annotation file, found by looking.
struct PictureFolder {
  /// Where it looked, in this order.
  let candidates: [String]
  /// The folder with the most of the tried pictures.
  let folder: String
  /// How many of the tried pictures are there.
  let found: Int
  /// A picture that is in none.
  let firstMissing: String?

  /// Looks for the pictures of these names, which are relative to the folder and may have folders of
  /// their own: for the first ones, and for all where none of those is there.
  init(candidates: [String], names: some Sequence<String>) {
    self.candidates = candidates
    let tried = Array(names.prefix(64))
    var best = Self.best(candidates, tried)
    if best.found == 0, tried.count == 64 { best = Self.best(candidates, Array(names)) }
    let folder = best.folder
    self.folder = folder
    found = best.found
    firstMissing = tried.first { Self.picture($0, in: folder) == nil }
  }

  private static func best(
    _ candidates: [String], _ tried: [String]
  ) -> (folder: String, found: Int) {
    var best: (folder: String, found: Int) = (candidates.first ?? ".", 0)
    for folder in candidates {
      let count = tried.count { picture($0, in: folder) != nil }
      if count > best.found { best = (folder, count) }
      if count == tried.count { break }
    }
    return best
  }

  /// Where a picture lies; nil when it is not there.
  func path(of name: String) -> String? { Self.picture(name, in: folder) }

  /// Where a picture of a folder lies; nil when it is not there, and also when its name leads out of
  /// the folder: an annotation file from elsewhere must not choose which files of this machine are
  /// opened. Links are followed, since whoever has the folder has made them.
  static func picture(_ name: String, in folder: String) -> String? {
    // The whole path of a picture in the folder is as good as its name.
    let root = name.hasPrefix("/") ? Path.absolute(folder) + "/" : ""
    guard name.hasPrefix(root), !name.utf8.contains(0) else { return nil }
    let parts = name.dropFirst(root.count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.first != "", !parts.contains("..") else { return nil }
    let path = Path.join(folder, name)
    return Path.isFile(path) ? path : nil
  }
}

/// The pictures of a format whose records name them, each once.
struct NamedPictures {
  private(set) var pictures: [AnnotatedPicture] = []
  private var places: [String: Int] = [:]
  private let folder: PictureFolder

  /// Refuses the file when none of the pictures is anywhere.
  init(
    file: String, candidates: [String], names: some Sequence<String>
  ) throws(DatasetError) {
    folder = PictureFolder(candidates: candidates, names: names)
    if let example = folder.firstMissing, folder.found == 0 {
      throw .picturesMissing(path: file, example: example, folders: candidates)
    }
  }

  /// The picture's place in the list.
  mutating func place(of name: String) -> Int {
    if let place = places[name] { return place }
    pictures.append(AnnotatedPicture(name: name, path: folder.path(of: name)))
    places[name] = pictures.count - 1
    return pictures.count - 1
  }
}

/// What a JSON file begins with.
enum JSONKind {
  case list, object, other

  /// Looks at the first bytes only.
  static func first(of path: String) throws(DatasetError) -> JSONKind {
    do {
      let (descriptor, _) = try FileReading.open(path)
      defer { FileReading.close(descriptor) }
      var head = [UInt8](repeating: 0, count: 4096)
      let count = head.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: 0) }
      var bytes = head.prefix(max(0, count))
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
      switch bytes.first(where: { $0 > 0x20 }) {
      case UInt8(ascii: "["): return .list
      case UInt8(ascii: "{"): return .object
      default: return .other
      }
    } catch {
      throw .file(error)
    }
  }
}
