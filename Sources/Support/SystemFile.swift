import Glibc

/// Files in which the system tells of itself: small, and without a size before they are read.
public enum SystemFile {
  /// The first 64 KiB of such a file; nil where it cannot be opened.
  public static func text(_ path: String) -> String? {
    guard let stream = fopen(path, "re") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, stream)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

/// The control groups of this process.
enum ControlGroups {
  /// Where a controller's files are.
  enum Place {
    /// Version 2: a folder below `sys/fs/cgroup`, of this process's group or one above it.
    case unified(folder: String)
    /// Version 1: the group's path in the controller's own hierarchy.
    case separate(path: String)
  }

  /// All places of a controller (`cpu`, `memory`), from the process's own group up.
  ///
  /// - Parameter text: what `/proc/self/cgroup` holds.
  static func places(of controller: Substring, _ text: String) -> [Place] {
    var places: [Place] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[0] == "0" {
        var path = String(fields[2])
        while true {
          places.append(.unified(folder: "sys/fs/cgroup" + (path == "/" ? "" : path)))
          if path == "/" || !path.hasPrefix("/") { break }
          path = Path.parent(of: path)
        }
      } else if fields[1].split(separator: ",").contains(controller) {
        places.append(.separate(path: String(fields[2])))
      }
    }
    return places
  }
}
