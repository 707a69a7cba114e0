import Glibc
import Support

/// Finds themes by name: in a given folder, the user's, the installation's, and the checkout's.
public struct ThemeStore: Sendable {
  /// The folders in which themes are looked for, in order.
  public let folders: [String]

  /// The usual folders, after `folder` where one is given.
  public init(folder: String?, executable: String) {
    var folders: [String] = []
    if let folder { folders.append(folder) }
    if let home = Self.environment("XDG_CONFIG_HOME") {
      folders.append(Path.join(home, "posetop/themes"))
    } else if let home = Self.environment("HOME") {
      folders.append(Path.join(home, ".config/posetop/themes"))
    }
    var above = Path.parent(of: Path.absolute(executable))
    folders.append(Path.join(Path.parent(of: above), "share/posetop/themes"))
    // A checkout: the executable lies a few folders below the one with the manifest.
    for _ in 0..<5 {
      if Path.isFile(Path.join(above, "Package.swift")) {
        folders.append(Path.join(above, "themes"))
        break
      }
      above = Path.parent(of: above)
    }
    // Whoever has btop has its themes as well.
    let home = Self.environment("HOME").map { Path.join($0, ".config") }
    let shared = [Self.environment("XDG_CONFIG_HOME") ?? home, "/usr/local/share", "/usr/share"]
    folders += shared.compactMap { $0.map { Path.join($0, "btop/themes") } }
    self.folders = folders
  }

  /// A store that looks only in these folders.
  public init(folders: [String]) { self.folders = folders }

  /// The names of all themes.
  public var names: [String] {
    var names: Set<String> = ["default"]
    for folder in folders {
      for file in Path.names(in: folder) ?? [] where file.hasSuffix(".theme") {
        names.insert(String(file.dropLast(6)))
      }
    }
    return names.sorted()
  }

  /// The theme of that name, or in the file when `name` has a slash.
  public func load(_ name: String) throws(ThemeError) -> ThemeFile.Outcome {
    try load(name, above: [])
  }

  private func load(_ name: String, above: [String]) throws(ThemeError) -> ThemeFile.Outcome {
    guard let path = path(of: name) else {
      if name == "default" { return (.standard, []) }
      throw .notFound(name: UntrustedText.clean(name, limit: 100), known: names)
    }
    if above.contains(path) { throw .circular(path: path, base: name) }
    let bytes: [UInt8]
    do {
      bytes = try FileReading.bytes(of: path, limit: ThemeFile.maximumBytes)
    } catch {
      throw .file(error)
    }
    return try ThemeFile.parse(String(decoding: bytes, as: UTF8.self), path: path) {
      (base) throws(ThemeError) in try load(base, above: above + [path]).theme
    }
  }

  private func path(of name: String) -> String? {
    if name.contains("/") { return name }
    return folders.map { Path.join($0, "\(name).theme") }.first(where: Path.isFile)
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
