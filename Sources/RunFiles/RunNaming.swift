import Glibc
import Support

/// Names and places of new runs.
public enum RunNaming {
  /// The folder of all runs: `$POSETOP_RUNS`, else `./runs`.
  public static var runsFolder: String { Environment.value("POSETOP_RUNS") ?? "runs" }

  /// Makes the folder of a new run such as `lite-1123-2341`, with `-2`, `-3`, ... when it is taken,
  /// and gives its path: the folder is empty and ours.
  public static func makeFolder(model: String, in folder: String) throws(RunError) -> String {
    try RunFolder.wrap { () throws(FileError) in try Path.makeFolders(folder) }
    let base = "\(safe(model))-\(stamp(Clock.wall()))"
    for attempt in 1...1000 {
      let path = Path.join(folder, attempt == 1 ? base : "\(base)-\(attempt)")
      if mkdir(path, 0o755) == 0 { return path }
      guard errno == EEXIST else {
        throw .file(.cannotWrite(path: path, reason: FileError.reason()))
      }
    }
    throw .noFreeName(folder: folder)
  }

  static func safe(_ model: String) -> String {
    let kept = model.lowercased().unicodeScalars.filter {
      ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-"
    }
    return kept.isEmpty ? "run" : String(String.UnicodeScalarView(kept.prefix(40)))
  }

  /// Month, day, hour and minute in local time.
  static func stamp(_ seconds: Double) -> String {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(parts.tm_mon + 1))\(two(parts.tm_mday))-\(two(parts.tm_hour))\(two(parts.tm_min))"
  }
}
