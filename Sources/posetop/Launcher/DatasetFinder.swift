import Dashboard
import RunFiles
import Support
import TrainingAPI

/// Finds data sets that could be trained on, by the names of files only: whether they can be used is
/// for the doctor to say.
enum DatasetFinder {
  /// Folders that are looked into, and data sets that are shown.
  private static let (folderLimit, choiceLimit) = (400, 40)
  /// Where people keep data sets, below the current folder.
  private static let usualPlaces = ["datasets", "datasets.example", "data", "dataset"]

  /// Those of recent runs first, then what lies in and below the current folder.
  static func find(runs: [RunRow]) -> [DatasetChoice] {
    var choices: [DatasetChoice] = []
    var seen: Set<String> = []
    func add(_ path: String, isRecent: Bool) {
      guard choices.count < choiceLimit, seen.insert(Path.absolute(path)).inserted else { return }
      choices.append(DatasetChoice(path: shortest(path), isRecent: isRecent))
    }
    for run in runs.prefix(20) {
      guard let path = run.recipe["dataset"]?.string, Path.isFolder(path) || Path.isFile(path)
      else { continue }
      add(path, isRecent: true)
    }
    var folders = 0
    for place in ["."] + usualPlaces {
      for name in Path.names(in: place) ?? [] where !name.hasPrefix(".") {
        let path = place == "." ? name : Path.join(place, name)
        guard folders < folderLimit, Path.isFolder(path) else { continue }
        folders += 1
        if isDataset(path) { add(path, isRecent: false) }
      }
    }
    return choices
  }

  /// Whether a folder's files are named as a data set's are.
  private static func isDataset(_ folder: String) -> Bool {
    let names = Path.names(in: folder) ?? []
    // A run's folder holds JSON files as well.
    if names.contains("recipe.json") || names.contains("Package.swift") { return false }
    if names.contains("annotations.json") || names.contains("data.yaml") { return true }
    let hasPictures = names.contains { name in
      ["images", "train", "val", "train2017", "val2017"].contains(name)
    }
    let places = [folder, Path.join(folder, "annotations"), Path.join(folder, "annot")]
    return places.contains { place in
      (Path.names(in: place) ?? []).contains { name in
        name.hasSuffix(".json") && (place != folder || hasPictures)
          || name.hasSuffix(".yaml") && hasPictures
      }
    }
  }

  /// The path as one would type it here.
  private static func shortest(_ path: String) -> String {
    let here = Path.absolute(".") + "/"
    let whole = Path.absolute(path)
    return whole.hasPrefix(here) ? String(whole.dropFirst(here.count)) : path
  }

  /// The folders and annotation files whose path begins with some text; folders end with a slash.
  static func paths(beginningWith text: String) -> [String] {
    let slash = text.lastIndex(of: "/")
    let folder = slash.map { String(text[...$0]) } ?? ""
    let start = slash.map { String(text[text.index(after: $0)...]) } ?? text
    return (Path.names(in: folder.isEmpty ? "." : folder) ?? []).compactMap { name in
      guard name.hasPrefix(start), start.hasPrefix(".") || !name.hasPrefix(".") else { return nil }
      let path = folder + name
      if Path.isFolder(path) { return path + "/" }
      return name.hasSuffix(".json") || name.hasSuffix(".yaml") ? path : nil
    }
  }
}
