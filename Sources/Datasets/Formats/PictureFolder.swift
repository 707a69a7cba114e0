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

  /// Tries the first names, which are relative to the folder and may have folders of their own.
  init(candidates: [String], names: some Sequence<String>) {
    self.candidates = candidates
    let tried = Array(names.prefix(64))
    var best: (folder: String, found: Int) = (candidates.first ?? ".", 0)
    for folder in candidates {
      let count = tried.count { Path.isFile(Path.join(folder, $0)) }
      if count > best.found { best = (folder, count) }
      if count == tried.count { break }
    }
    folder = best.folder
    found = best.found
    firstMissing = tried.first { !Path.isFile(Path.join(best.folder, $0)) }
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
