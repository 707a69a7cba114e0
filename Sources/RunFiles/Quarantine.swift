public import Support

/// The pictures that a run sets aside, each with its reason: `quarantine.json`.
public struct Quarantine: Sendable, Hashable {
  /// A picture that is set aside.
  public struct Entry: Sendable, Hashable {
    /// The picture's file.
    public var file: String
    /// Why, in a few words.
    public var reason: String
    /// Seconds since 1970.
    public var time: Double
  }

  /// The pictures, in the order in which they were set aside.
  public private(set) var entries: [Entry] = []
  private let path: String

  /// What a run has set aside so far; an unreadable file counts as empty.
  public init(_ folder: RunFolder) {
    path = folder.quarantinePath
    let json = try? FileReading.json(of: path, limit: 16 << 20)
    entries = (json?.array ?? []).compactMap { entry in
      guard let file = entry["file"]?.string else { return nil }
      return Entry(
        file: file, reason: entry["reason"]?.string ?? "", time: entry["time"]?.double ?? 0)
    }
  }

  /// The files.
  public var files: Set<String> { Set(entries.map(\.file)) }

  /// Sets a picture aside and commits the list.
  public mutating func add(_ file: String, reason: String) throws(FileError) {
    if files.contains(file) { return }
    entries.append(Entry(file: file, reason: reason, time: Clock.wall()))
    let json = JSONValue.array(
      entries.map { entry in
        [
          "file": .string(entry.file), "reason": .string(entry.reason),
          "time": .number(entry.time),
        ]
      })
    try DurableFile.commit(path, bytes: Array(json.prettyText.utf8))
  }
}
