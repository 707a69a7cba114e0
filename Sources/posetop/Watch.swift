import Dashboard
import Glibc
import Keeper
import RunFiles
import RunLink
import Support
import TerminalUI
import TrainingAPI
import Wording

/// The options of everything that shows a run.
let viewOptions =
  [
    OptionSpec("headless", nil, nil, "print lines instead of opening the dashboard"),
    OptionSpec("json", nil, nil, "print one event a line as JSON and nothing else"),
    OptionSpec("theme", nil, "NAME", "colours of the dashboard"),
    OptionSpec("lang", nil, "en|zh", "language of the dashboard (default: that of the locale)"),
    OptionSpec("themes-dir", nil, "FOLDER", "where themes are looked for first"),
  ] + pictureOptions

/// The options of everything that shows pictures.
let pictureOptions = [
  OptionSpec(
    "colors", nil, "24bit|256|16|8|mono",
    "how many colours to draw with (default: ask the terminal)"),
  OptionSpec(
    "pictures", nil, "auto|cells|kitty|sixel",
    "how pictures are shown (default: ask the terminal)"),
]

/// The language of the screen: what `--lang` says, else that of the environment.
func screenLanguage(_ options: ParsedOptions) -> Language {
  options.value("lang").flatMap(Language.init(rawValue:))
    ?? Language { Environment.value($0) }
}

/// The number of colours that a word stands for.
func colorDepth(_ word: String) -> ColorDepth? {
  switch word {
  case "24bit": .direct
  case "256": .colors256
  case "16": .colors16
  case "8": .colors8
  case "mono": .mono
  default: nil
  }
}

/// Whether the dashboard is opened.
func opensDashboard(_ options: ParsedOptions) -> Bool {
  Output.isTerminal && !options.has("headless") && !options.has("json")
}

/// Starts this program anew with the crash reporter off when it is going to draw: the reporter would
/// write over the screen and wait for a key.
func useSafeBacktraces(_ options: ParsedOptions) {
  if opensDashboard(options), Environment.value("SWIFT_BACKTRACE") == nil {
    Program.replaceSelf(
      arguments: CommandLine.arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
  }
}

/// What to say to somebody who leaves a live run: its name, or its path where a name does not do.
func howToAttach(_ folder: RunFolder) -> Sentence {
  let isNamed = RunFolder(Path.join(RunNaming.runsFolder, folder.name)) == folder
  return Sentence(CommandLineSentence.howToAttach, isNamed ? folder.name : folder.path)
}

/// Shows a run until it is over or the user leaves.
func watch(_ folder: RunFolder, _ options: ParsedOptions) -> ExitCode {
  let connection: any RunConnection
  let role: ViewerRole =
    options.has("readonly") ? .watcher : opensDashboard(options) ? .controller : .caller
  do throws(LinkError) {
    connection =
      RunLock.isHeld(folder)
      ? try ViewerLink(folder, role: role) as any RunConnection : LogConnection(folder)
  } catch {
    // Between the look at the lock and the connection the run may have ended.
    if RunLock.isHeld(folder) {
      Output.sayError(error.sentence)
      return .failed
    }
    return follow(LogConnection(folder), folder, options)
  }
  return follow(connection, folder, options)
}

private func follow(
  _ connection: any RunConnection, _ folder: RunFolder, _ options: ParsedOptions
) -> ExitCode {
  guard opensDashboard(options) else {
    return HeadlessViewer(
      connection, folder, asJSON: options.has("json"), isReadOnly: options.has("readonly")
    ).run()
  }
  let exit = runDashboard(
    connection: connection, runFolder: folder.path, readOnly: options.has("readonly"),
    look: ScreenOptions(options))
  return say(exit, folder, isLive: connection.isLive)
}

/// What is left on the terminal when the dashboard is gone.
private func say(_ exit: DashboardExit, _ folder: RunFolder, isLive: Bool) -> ExitCode {
  switch exit {
  case .detached:
    if isLive { Output.say(howToAttach(folder)) }
    return .done
  case .runEnded(let report?):
    HeadlessPrinter.say(report, folder)
    return report.isComplete ? .done : .endedEarly
  case .runEnded(nil):
    Output.sayError(Sentence(CommandLineSentence.logEnded, folder.name))
    return .failed
  case .failed(let sentence):
    Output.sayError(sentence)
    return .failed
  case .terminal(let sentence):
    Output.sayError(sentence)
    if isLive { Output.say(howToAttach(folder)) }
    return .failed
  }
}
