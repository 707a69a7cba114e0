import Glibc
import Support
public import Wording

/// The pictures that the words of a command line name: files, folders, patterns.
public struct PictureSearch: Sendable {
  /// The pictures, in the order of the words; those of a folder by name.
  public private(set) var sources: [PictureSource] = []
  /// For each folder that holds other files too what is to be said of it.
  public private(set) var leftOut: [Sentence] = []

  /// Looks for the pictures.
  ///
  /// A file is taken as it is; of a folder the files that begin as PNG or JPEG do, hidden ones not;
  /// a word that is neither, and holds `*`, `?` or `[`, is a pattern.
  public init(_ words: [String]) throws(DatasetError) {
    var seen: Set<String> = []
    for word in words {
      for path in try Self.expanded(word) {
        if Path.isFolder(path) {
          addFolder(path, &seen)
        } else {
          add(path, &seen)
        }
      }
    }
    if sources.isEmpty {
      throw .noPictures(place: words.joined(separator: ", "))
    }
  }

  private mutating func add(_ path: String, _ seen: inout Set<String>) {
    let absolute = Path.absolute(path)
    guard seen.insert(absolute).inserted else { return }
    sources.append(PictureSource(path: absolute, name: path, id: Self.number(of: path)))
  }

  private mutating func addFolder(_ folder: String, _ seen: inout Set<String>) {
    let before = sources.count
    var others: [String] = []
    for name in (Path.names(in: folder) ?? []).sorted() where !name.hasPrefix(".") {
      let path = Path.join(folder, name)
      if Path.isFolder(path) { continue }
      if Self.isPicture(path) { add(path, &seen) } else { others.append(name) }
    }
    // A data set's own folder holds its pictures in a folder of theirs.
    let inner = Path.join(folder, "images")
    if sources.count == before, Path.isFolder(inner) { return addFolder(inner, &seen) }
    guard let first = others.first else { return }
    leftOut.append(
      Sentence(
        DatasetSentence.othersInFolder, UntrustedText.clean(folder), others.count,
        UntrustedText.clean(first, limit: 200)))
  }

  private static func expanded(_ word: String) throws(DatasetError) -> [String] {
    if access(word, F_OK) == 0 { return [word] }
    guard word.contains(where: { "*?[".contains($0) }) else {
      throw .file(.cannotOpen(path: UntrustedText.clean(word), reason: FileError.reason()))
    }
    var result = glob_t()
    defer { globfree(&result) }
    guard glob(word, 0, nil, &result) == 0 else { throw .noPictures(place: word) }
    return (0..<Int(result.gl_pathc)).compactMap { place in
      result.gl_pathv[place].map { String(cString: $0) }
    }
  }

  /// Whether a file begins as a picture that can be read.
  static func isPicture(_ path: String) -> Bool {
    guard let (descriptor, _) = try? FileReading.open(path) else { return false }
    defer { FileReading.close(descriptor) }
    var head = [UInt8](repeating: 0, count: 8)
    let count = head.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: 0) }
    return isPicture(head.prefix(max(0, count)))
  }

  /// Whether bytes begin as a picture that can be read.
  public static func isPicture(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) || bytes.starts(with: [0xFF, 0xD8, 0xFF])
  }

  /// The number at the end of a file's name, which is COCO's id of it: 139 for
  /// `COCO_val2014_000000000139.jpg`; nil without one.
  static func number(of path: String) -> Int64? {
    var stem = Substring(Path.name(of: path))
    if let dot = stem.lastIndex(of: "."), dot > stem.startIndex { stem = stem[..<dot] }
    let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }
    return digits.isEmpty ? nil : Int64(String(digits.reversed()))
  }
}
