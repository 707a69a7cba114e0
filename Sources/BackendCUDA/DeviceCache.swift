import Glibc

/// What was found out about a GPU, in files of `$XDG_CACHE_HOME/posetop` or `~/.cache/posetop`. A cache
/// that cannot be read or written is no failure.
enum DeviceCache {
  /// This user's folder; nil where there is none.
  static var folder: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    return (variable("XDG_CACHE_HOME") ?? variable("HOME").map { "\($0)/.cache" })
      .map { "\($0)/posetop" }
  }

  /// Writes a file whole, beside its place first, so that no process reads half of it.
  static func keep(_ bytes: UnsafeRawBufferPointer, as path: String, in folder: String) {
    if let parent = folder.lastIndex(of: "/") { _ = mkdir(String(folder[..<parent]), 0o755) }
    _ = mkdir(folder, 0o755)
    let temporary = "\(path).\(getpid())"
    guard let file = fopen(temporary, "wb") else { return }
    let written = fwrite(bytes.baseAddress, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count, rename(temporary, path) == 0 else {
      _ = unlink(temporary)
      return
    }
  }
}
