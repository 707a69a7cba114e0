import Keeper
import RunFiles
import Support
import TrainingAPI
import Wording

let resumeCommand = Command(
  name: "resume", operands: "RUN", summary: "go on from the last durable state",
  options: [
    OptionSpec("epochs", nil, "N", "train so many epochs in all, also after the end"),
    OptionSpec("device", nil, "auto|cpu|cuda[:N]", "what computes from now on"),
    OptionSpec("precision", nil, "NAME", "what maps are computed with from now on"),
    OptionSpec("threads", nil, "N", "compute threads"),
    OptionSpec("loaders", nil, "N", "threads that read and augment pictures"),
    OptionSpec("cropping", nil, "auto|host|device", "what crops and varies pictures"),
    OptionSpec("engine", nil, "PATH", "another engine, for tests", isHidden: true),
  ] + viewOptions,
  run: { (options) throws(UsageError) in
    guard let word = options.operands.first else {
      throw .operandMissing(command: "resume", operand: "RUN")
    }
    if options.operands.count > 1 {
      throw .tooManyOperands(command: "resume", word: options.operands[1])
    }
    var changes: [(name: String, text: String)] = []
    for name in ["epochs", "device", "precision", "threads", "loaders", "cropping"] {
      guard let text = options.value(name) else { continue }
      var trial = RunRecipe()
      do throws(RecipeError) { try trial.set(name, text: text) } catch {
        throw .said(error.sentence)
      }
      changes.append((name, text))
    }
    let folder: RunFolder
    do throws(RunError) {
      folder = try RunLookup(liveRuns: liveRuns()).find(word)
    } catch {
      Output.sayError(error.sentence)
      return .failed
    }
    return try resume(folder, changing: changes, options)
  })

/// Goes on with a run that is not live, with some settings changed, and shows it.
///
/// A run that has done all its epochs goes on only when it is given more of them.
func resume(
  _ folder: RunFolder, changing changes: [(name: String, text: String)] = [],
  _ options: ParsedOptions
) throws(UsageError) -> ExitCode {
  if RunSummary(folder).standing == .completed, !changes.contains(where: { $0.name == "epochs" }) {
    throw .said(Sentence(CommandLineSentence.runCompleted, folder.name))
  }
  useSafeBacktraces(options)
  do throws(KeeperError) {
    if !changes.isEmpty { try change(folder, changes) }
    try KeeperStart.start(folder, engine: options.value("engine"))
    if !options.has("json") { Output.say(Sentence(CommandLineSentence.runStarted, folder.path)) }
    return watch(folder, options)
  } catch {
    Output.sayError(error.sentence)
    return .failed
  }
}

private func change(
  _ folder: RunFolder, _ changes: [(name: String, text: String)]
) throws(KeeperError) {
  do throws(RunError) {
    guard !RunLock.isHeld(folder) else {
      throw .locked(path: folder.path, holder: LockHolder(folder)?.text ?? "?")
    }
    var recipe = try folder.recipe()
    // The texts were checked when they were read from the command line.
    for (name, text) in changes { try? recipe.set(name, text: text) }
    try folder.write(recipe)
  } catch {
    throw .run(error)
  }
}
