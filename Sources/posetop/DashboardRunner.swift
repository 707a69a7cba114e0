import CPosix
import Dashboard
import Support
import TerminalNcurses
import TerminalUI
import TrainingAPI
import Wording

/// Shows the dashboard of a run on this terminal until the user leaves it.
///
/// - Parameters:
///   - connection: where the events come from and commands go to.
///   - runFolder: where the pictures are.
///   - theme: a theme's name or file; nil for the default.
///   - themesFolder: where themes are looked for first.
///   - readOnly: whether commands are refused here.
///   - colors: how many colours to draw with; nil asks the terminal.
///   - language: the language of the screen.
/// - Returns: how the dashboard was left.
func runDashboard(
  connection: any RunConnection, runFolder: String, theme: String?, themesFolder: String?,
  readOnly: Bool, colors: ColorDepth?, language: Language
) -> DashboardExit {
  var options = DashboardProgram.Options(isReadOnly: readOnly, language: language)
  options.clockOffset = posetop_clock_offset(Int64(Clock.wall()))
  let screen: NcursesScreen
  do throws(ThemeError) {
    let store = ThemeStore(folder: themesFolder, executable: "/proc/self/exe")
    let found = try store.load(theme ?? "default")
    options.theme = found.theme
    options.themes = store
    options.notice = found.notices.first
  } catch {
    return .terminal(error.sentence)
  }
  do throws(TerminalError) {
    screen = try NcursesScreen(colors: colors)
  } catch {
    return .terminal(error.sentence)
  }
  defer { screen.close() }
  let program = DashboardProgram(
    connection: connection, runFolder: runFolder, capabilities: screen.capabilities,
    options: options)
  program.resize(width: screen.size.width, height: screen.size.height)
  return loop(program, on: screen)
}

/// News alone is drawn at most so often: the engine needs the processor more. A key is drawn at once.
private let secondsPerFrame = 0.1

private func loop(_ program: DashboardProgram, on screen: NcursesScreen) -> DashboardExit {
  var lastFrame = -Double.infinity
  var lastTick = -Double.infinity
  var isUrgent = true
  while true {
    program.receive()
    let now = Clock.monotonic()
    if now - lastTick >= 1, program.isTicking {
      lastTick = now
      program.tick(now: Clock.wall())
    }
    if let exit = program.exit { return exit }
    if isUrgent || now - lastFrame >= secondsPerFrame, let surface = program.frame() {
      screen.isSynchronized = program.isSynchronized
      screen.present(surface)
      lastFrame = now
      isUrgent = false
    }
    // Without news the next change is the next second; with news, the next frame.
    let untilFrame = max(0, lastFrame + secondsPerFrame - Clock.monotonic())
    let untilTick = program.isTicking ? max(0, lastTick + 1 - Clock.monotonic()) : 60
    let wakeup = screen.wait(
      for: program.descriptor,
      seconds: program.isReading ? 0 : program.hasNews ? untilFrame : untilTick)
    if wakeup.isOver { program.leave() }
    if wakeup.isResized {
      program.resize(width: screen.size.width, height: screen.size.height)
      isUrgent = true
    }
    for key in wakeup.keys {
      program.handle(key)
      isUrgent = true
      if program.exit != nil { break }
    }
  }
}
