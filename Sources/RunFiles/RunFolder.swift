import Glibc
public import Support
public import TrainingAPI
import Wording

/// A run's folder: where its files are.
public struct RunFolder: Sendable, Hashable {
  /// The folder from the root.
  public let path: String

  /// The run at that path, which need not exist.
  public init(_ path: String) { self.path = Path.absolute(path) }

  /// The folder's name, which is the run's name.
  public var name: String { Path.name(of: path) }
  /// Every setting of the run.
  public var recipePath: String { Path.join(path, "recipe.json") }
  /// The event log.
  public var eventsPath: String { Path.join(path, "events.ndjson") }
  /// Parts of the log that a resume cut off.
  public var cutEventsPath: String { Path.join(path, "events.cut.ndjson") }
  /// The folder of the complete training states.
  public var checkpointsPath: String { Path.join(path, "checkpoints") }
  /// The pictures that are set aside, each with its reason.
  public var quarantinePath: String { Path.join(path, "quarantine.json") }
  /// Where the loaders note which picture they are decoding.
  public var notesPath: String { Path.join(path, ".decoding") }
  /// The file whose lock says that the run is live.
  public var lockPath: String { Path.join(path, "lock") }
  /// What keeper, engine and the libraries under them wrote.
  public var engineLogPath: String { Path.join(path, "engine.log") }
  /// The weights of the best epoch.
  public var bestPath: String { Path.join(path, "best.safetensors") }
  /// The last weights.
  public var lastPath: String { Path.join(path, "last.safetensors") }

  /// Whether the folder holds a run.
  public var isRun: Bool { Path.isFile(recipePath) || Path.isFile(eventsPath) }

  /// Makes the folder of a new run with its recipe; a folder that holds a run is refused.
  public static func create(_ path: String, recipe: RunRecipe) throws(RunError) -> RunFolder {
    let folder = try wrap { () throws(FileError) in
      try Path.makeFolders(path)
      return RunFolder(path)
    }
    guard !folder.isRun else { throw .alreadyARun(path: path) }
    try folder.claim(recipe)
    return folder
  }

  /// Puts the first recipe into the folder; of several processes that try, one succeeds.
  private func claim(_ recipe: RunRecipe) throws(RunError) {
    let draft = "\(recipePath).new-\(getpid())"
    try wrap { () throws(FileError) in
      var record = recipe.json.object ?? JSONObject()
      record["asked"] = recipe.json
      try DurableFile.commit(draft, bytes: Array(JSONValue.object(record).prettyText.utf8))
    }
    // A link is never made over a file; where a file system has none, renaming has to do.
    if link(draft, recipePath) == 0 {
      unlink(draft)
    } else if errno == EEXIST || rename(draft, recipePath) != 0 {
      unlink(draft)
      throw .alreadyARun(path: path)
    }
    try wrap { () throws(FileError) in try DurableFile.syncFolder(of: recipePath) }
  }

  /// Replaces the recipe by the one in force; what was asked for stays beside it. Nothing is written
  /// when it stands there already: a run that goes on needs no room on the disk for that.
  ///
  /// - Parameter record: more that belongs to the run, under the recipe's record keys.
  public func write(_ recipe: RunRecipe, record: [(key: String, value: JSONValue)] = [])
    throws(RunError)
  {
    var object = recipe.json.object ?? JSONObject()
    if let asked { object["asked"] = asked.json }
    for field in record { object[field.key] = field.value }
    let text = Array(JSONValue.object(object).prettyText.utf8)
    if let present = try? FileReading.bytes(of: recipePath, limit: 16 << 20), present == text {
      return
    }
    try wrap { () throws(FileError) in try DurableFile.commit(recipePath, bytes: text) }
  }

  /// The settings that were asked for when the run was made; nil when the folder does not say.
  public var asked: RunRecipe? {
    guard let json = try? FileReading.json(of: recipePath, limit: 16 << 20),
      let asked = json["asked"]
    else { return nil }
    var recipe = RunRecipe()
    do throws(RecipeError) { try recipe.merge(asked) } catch { return nil }
    return recipe
  }

  /// The recipe. `recipe.json` may say more than a recipe's own settings (split, identity,
  /// fingerprint): what the table of settings does not know is left out here.
  public func recipe() throws(RunError) -> RunRecipe {
    let json = try wrap { () throws(FileError) in
      try FileReading.json(of: recipePath, limit: 16 << 20)
    }
    let known = Set(RunRecipe.options.map(\.name))
    let members = (json.object?.members ?? []).filter { known.contains($0.key) }
    var recipe = RunRecipe()
    do throws(RecipeError) {
      try recipe.merge(.object(JSONObject(members)))
    } catch {
      throw .file(.brokenJSON(path: recipePath, reason: error.sentence.text()))
    }
    return recipe
  }

  /// The line of `engine.log` that says most: the last fatal error, else the last line with words.
  public func lastLogLine() -> String? {
    guard let (descriptor, size) = try? FileReading.open(engineLogPath) else { return nil }
    defer { close(descriptor) }
    let start = max(0, size - (64 << 10))
    var tail = [UInt8](repeating: 0, count: size - start)
    let count = tail.withUnsafeMutableBytes { FileReading.read(descriptor, into: $0, at: start) }
    let lines = tail.prefix(max(0, count)).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
    let texts = lines.map { UntrustedText.clean(bytes: $0, limit: 300) }
    // Behind the words of a trap comes its backtrace.
    return texts.last { $0.contains("Fatal error") } ?? texts.last { $0.contains { $0 != " " } }
  }

  private func wrap<Value>(
    _ body: () throws(FileError) -> Value
  ) throws(RunError) -> Value {
    try Self.wrap(body)
  }

  static func wrap<Value>(_ body: () throws(FileError) -> Value) throws(RunError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }
}
