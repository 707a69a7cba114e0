import Glibc
import Keeper
import RunFiles
import Support
import TrainingAPI
import Wording

let trainCommand = Command(
  name: "train", operands: "[DATASET]", summary: "start a training and open the dashboard on it",
  options: recipeOptions + [
    OptionSpec("run", nil, "FOLDER", "folder of the run (default: a new one under runs)"),
    recipeOption,
    OptionSpec("engine", nil, "PATH", "another engine, for tests", isHidden: true),
  ] + viewOptions,
  run: { (options) throws(UsageError) in
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "train", word: options.operands[1])
    }
    let recipe = try readRecipe(options)
    if recipe.dataset == nil {
      guard opensDashboard(options) else {
        throw .operandMissing(command: "train", operand: "a data set")
      }
      return try launch(asked: recipe, options)
    }
    if let run = options.value("run"), RunFolder(run).isRun {
      let folder = RunFolder(run)
      guard folder.neverBegan else { return try goOn(folder, recipe, options) }
      folder.removeRecords()
    }
    return startTraining(recipe, options)
  })

extension RunFolder {
  /// Whether this is what is left of a start that failed before there was a plan, such as over a data set that
  /// is not there: nothing of it is worth keeping.
  fileprivate var neverBegan: Bool {
    let summary = RunSummary(self)
    return summary.standing == .failed && summary.epochs.planned == 0 && !RunLock.isHeld(self)
      && (Path.names(in: checkpointsPath) ?? []).isEmpty
  }

  /// Removes what a start that failed has written.
  fileprivate func removeRecords() {
    for path in [eventsPath, recipePath, engineLogPath] { _ = unlink(path) }
  }
}

/// Starts a training in a new run and shows it.
func startTraining(_ recipe: RunRecipe, _ options: ParsedOptions) -> ExitCode {
  if let problem = problem(of: recipe) {
    Output.sayError(problem)
    return .failed
  }
  useSafeBacktraces(options)
  if options.value("run") == nil { mentionUnfinished(recipe) }
  do throws(KeeperError) {
    let folder = try start(recipe, options)
    if !options.has("json") {
      Output.say(Sentence(CommandLineSentence.runStarted, folder.path))
    }
    return watch(folder, options)
  } catch {
    Output.sayError(error.sentence)
    return .failed
  }
}

/// `train --run` on a run that is there: the same recipe on an unfinished run goes on, after a
/// question where somebody can answer.
private func goOn(
  _ folder: RunFolder, _ recipe: RunRecipe, _ options: ParsedOptions
) throws(UsageError) -> ExitCode {
  let standing = RunSummary(folder).standing
  guard folder.asked == recipe, standing != .completed else {
    throw .said(
      Sentence(
        standing == .completed
          ? CommandLineSentence.runCompleted : CommandLineSentence.runExists, folder.path))
  }
  if opensDashboard(options), !RunLock.isHeld(folder) {
    print(Sentence(CommandLineSentence.askToResume, folder.name).text(), terminator: " ")
    fflush(nil)
    let answer = readLine()?.lowercased() ?? "n"
    if !["", "y", "yes"].contains(answer) { return .done }
  }
  if RunLock.isHeld(folder) {
    Output.sayError(
      RunError.locked(path: folder.path, holder: LockHolder(folder)?.text ?? "?").sentence)
    return .failed
  }
  return try resume(folder, options)
}

/// Says that an unfinished run of the same recipe could be gone on with.
private func mentionUnfinished(_ recipe: RunRecipe) {
  let unfinished = RunLookup.runs(in: RunNaming.runsFolder).last { run in
    run.asked == recipe && !RunLock.isHeld(run)
      && [.interrupted, .stopped, .failed].contains(RunSummary(run).standing)
  }
  if let unfinished {
    Output.sayError(Sentence(CommandLineSentence.unfinishedRun, unfinished.name))
  }
}

/// The recipe's settings as options; a switch also has its `--no-` form.
let recipeOptions: [OptionSpec] = RunRecipe.options.flatMap { option -> [OptionSpec] in
  if option.name == "dataset" { return [] }
  let spec = OptionSpec(option.name, nil, option.placeholder, option.help)
  if option.placeholder != nil { return [spec] }
  return [spec, OptionSpec("no-\(option.name)", isHidden: true)]
}

/// `--recipe`, for every command that takes settings.
let recipeOption = OptionSpec(
  "recipe", nil, "FILE|NAME",
  "settings from a JSON file, or \(BuiltInRecipe.all.map(\.name).joined(separator: ", ")); options win"
)

/// The recipe of `--recipe` with the options that were given.
func readSettings(_ options: ParsedOptions) throws(UsageError) -> RunRecipe {
  var recipe = RunRecipe()
  if let name = options.value("recipe"), !Path.isFile(name),
    let known = BuiltInRecipe.all.first(where: { $0.name == name })
  {
    try setting { () throws(RecipeError) in try recipe.merge(known.settings) }
  } else if let path = options.value("recipe") {
    let json: JSONValue
    do throws(FileError) {
      json = try FileReading.json(of: path, limit: 1 << 20)
    } catch {
      throw .said(error.sentence)
    }
    try setting { () throws(RecipeError) in try recipe.merge(json) }
  }
  for (name, value) in options.given {
    let isSwitchedOff = name.hasPrefix("no-")
    let key = isSwitchedOff ? String(name.dropFirst(3)) : name
    guard let option = RunRecipe.options.first(where: { $0.name == key }) else { continue }
    let text = option.placeholder == nil ? (isSwitchedOff ? "false" : "true") : value ?? ""
    try setting { () throws(RecipeError) in try recipe.set(key, text: text) }
  }
  try recipe.readFiles()
  // The keeper and the engine work in other folders.
  recipe.initialWeights = recipe.initialWeights.map(Path.absolute)
  return recipe
}

private func readRecipe(_ options: ParsedOptions) throws(UsageError) -> RunRecipe {
  var recipe = try readSettings(options)
  if let operand = options.operands.first { recipe.dataset = operand }
  return absolute(recipe)
}

/// The recipe with all paths from the root: keeper and engine work in other folders.
func absolute(_ recipe: RunRecipe) -> RunRecipe {
  var recipe = recipe
  recipe.dataset = recipe.dataset.map(Path.absolute)
  recipe.images = recipe.images.map(Path.absolute)
  recipe.validation = recipe.validation.map(Path.absolute)
  recipe.initialWeights = recipe.initialWeights.map(Path.absolute)
  recipe.mirror = recipe.mirror.map(Path.absolute)
  return recipe
}

/// Makes a recipe's error one of usage.
func setting(_ body: () throws(RecipeError) -> Void) throws(UsageError) {
  do throws(RecipeError) { try body() } catch { throw .said(error.sentence) }
}

/// What can be seen of the data sets before anything is started.
private func problem(of recipe: RunRecipe) -> Sentence? {
  for path in [recipe.dataset, recipe.validation] {
    guard let path else { continue }
    if Path.isFolder(path) {
      guard let names = Path.names(in: path) else {
        return Sentence(CommandLineSentence.datasetUnreadable, path, FileError.reason())
      }
      if names.isEmpty { return Sentence(CommandLineSentence.datasetEmpty, path) }
    } else if !Path.isFile(path) {
      return Sentence(CommandLineSentence.datasetMissing, path)
    }
  }
  if let images = recipe.images, !Path.isFolder(images) {
    return Sentence(CommandLineSentence.imagesMissing, images)
  }
  return nil
}

private func start(
  _ recipe: RunRecipe, _ options: ParsedOptions
) throws(KeeperError) -> RunFolder {
  let folder: RunFolder
  do throws(RunError) {
    if let path = options.value("run") {
      folder = try RunFolder.create(path, recipe: recipe)
    } else {
      let path = try RunNaming.makeFolder(
        model: recipe.model ?? "lite", in: RunNaming.runsFolder)
      folder = try RunFolder.create(path, recipe: recipe)
    }
  } catch {
    throw .run(error)
  }
  try KeeperStart.start(folder, engine: options.value("engine"))
  return folder
}
