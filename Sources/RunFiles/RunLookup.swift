import Glibc
import Support

/// Finds the run that is meant by the word RUN of the command line.
public struct RunLookup {
  private let runsFolder: String
  private let liveRuns: [RunFolder]

  /// Looks in a folder of runs and among the live ones.
  public init(runsFolder: String = RunNaming.runsFolder, liveRuns: [RunFolder]) {
    self.runsFolder = runsFolder
    self.liveRuns = liveRuns
  }

  /// A path, or a unique prefix of a name among the known runs; nil means the only live run, else
  /// the newest.
  ///
  /// Where only live runs make sense (`preferringLive`), ended ones do not make a name ambiguous.
  public func find(
    _ word: String?, preferringLive: Bool = false
  ) throws(RunError) -> RunFolder {
    guard let word else { return try findDefault() }
    guard !word.isEmpty else { throw .noSuchRun(name: "\"\"", folder: runsFolder) }
    let folder = RunFolder(word)
    if folder.isRun { return folder }
    if word.contains("/") || word == "." || word == ".." {
      if Path.isFolder(word) { throw .notARun(path: word) }
      throw .noSuchRun(name: word, folder: runsFolder)
    }
    let known = knownRuns()
    let matches = known.filter { $0.name.hasPrefix(word) }
    let exact = matches.filter { $0.name == word }
    if exact.count == 1 { return exact[0] }
    if matches.count == 1 { return matches[0] }
    if preferringLive {
      let live = matches.filter { RunLock.isHeld($0) }
      if live.count == 1 { return live[0] }
    }
    if matches.isEmpty { throw .noSuchRun(name: word, folder: runsFolder) }
    throw .ambiguous(name: word, matches: matches.map(\.name))
  }

  private func findDefault() throws(RunError) -> RunFolder {
    if liveRuns.count == 1 { return liveRuns[0] }
    if liveRuns.count > 1 {
      throw .ambiguous(name: "", matches: liveRuns.map(\.path))
    }
    let newest = knownRuns().max { Self.changed($0) < Self.changed($1) }
    guard let newest else { throw .noRuns(folder: runsFolder) }
    return newest
  }

  /// All runs in the folder of runs, and the live ones elsewhere.
  public func knownRuns() -> [RunFolder] {
    var runs = Self.runs(in: runsFolder)
    for run in liveRuns where !runs.contains(run) { runs.append(run) }
    return runs
  }

  /// The runs in a folder, by name.
  public static func runs(in folder: String) -> [RunFolder] {
    (Path.names(in: folder) ?? []).map { RunFolder(Path.join(folder, $0)) }.filter(\.isRun)
  }

  /// When the run last wrote its log, else its recipe.
  public static func changed(_ folder: RunFolder) -> Double {
    var status = stat()
    guard stat(folder.eventsPath, &status) == 0 || stat(folder.recipePath, &status) == 0 else {
      return 0
    }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
  }
}
