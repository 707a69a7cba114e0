import Support

/// A way to lay out a data set on the disk.
struct DatasetFormat: Sendable {
  /// The name that reports show.
  let name: String
  /// Reads the data set; nil when what lies there has another format.
  let open: @Sendable (DatasetLocation) throws(DatasetError) -> Dataset?
}

/// Where to look for a data set.
struct DatasetLocation: Sendable {
  /// The folder or annotation file, as the user gave it.
  let path: String
  let isFolder: Bool
  /// The folder with the pictures, where the user named one.
  let images: String?

  /// The folder in which the search starts.
  var folder: String { isFolder ? path : Path.parent(of: path) }

  var name: String {
    let name = Path.name(of: Path.absolute(path))
    return isFolder ? name : name.split(separator: ".").first.map(String.init) ?? name
  }
}

/// The data set formats, found by looking.
public enum DatasetCatalog {
  /// Every format, in the order in which they are tried.
  static let formats: [DatasetFormat] = [SeedFormat.format, COCOFormat.format]

  /// The names of the formats that can be read.
  public static var formatNames: [String] { formats.map(\.name) }

  /// Reads a data set.
  ///
  /// - `path`: a folder, or an annotation file.
  /// - `images`: the folder with the pictures; found by looking when nil.
  public static func open(
    path: String, images: String? = nil
  ) throws(DatasetError) -> Dataset {
    let isFolder = Path.isFolder(path)
    guard isFolder || Path.isFile(path) else { throw .folderMissing(path: path) }
    if let images, !Path.isFolder(images) { throw .folderMissing(path: images) }
    let location = DatasetLocation(path: path, isFolder: isFolder, images: images)
    for format in formats {
      if let dataset = try format.open(location) { return dataset }
    }
    throw .formatUnknown(path: path, isFolder: isFolder)
  }
}
