import Keeper
import RunFiles
import Support
import TrainingAPI
import Wording

/// Opens the launcher and does what was chosen in it.
///
/// - Parameter asked: settings that were given on the command line.
func launch(asked: RunRecipe, _ options: ParsedOptions) throws(UsageError) -> ExitCode {
  useSafeBacktraces(options)
  let choice = LauncherRunner.run(
    asked: asked, look: ScreenOptions(options), engine: options.value("engine"))
  switch choice {
  case .quit: return .done
  case .start(let recipe): return startTraining(absolute(recipe), options)
  case .attach(let folder): return watch(folder, options)
  case .resume(let folder): return try resume(folder, options)
  case .terminal(let sentence):
    Output.sayError(sentence)
    return .failed
  }
}
