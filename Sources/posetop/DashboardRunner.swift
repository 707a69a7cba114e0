import CPosix
import Dashboard
import Support
import TerminalNcurses
import TerminalUI
import TrainingAPI
import Wording

/// How the screen is to look, as the command line says.
struct ScreenOptions {
  /// A theme's name or file; nil for the default.
  var theme: String?
  /// Where themes are looked for first.
  var themesFolder: String?
  /// How many colours to draw with; nil asks the terminal.
  var colors: ColorDepth?
  /// The language of the screen.
  var language = Language.english
  /// Whether the terminal's own pixels show pictures.
  var pictures = NcursesScreen.PictureChoice.asked

  init(_ options: ParsedOptions) {
    theme = options.value("theme")
    themesFolder = options.value("themes-dir")
    colors = options.value("colors").flatMap(colorDepth)
    language = screenLanguage(options)
    switch options.value("pictures") {
    case "cells": pictures = .never
    case let word?: pictures = PixelProtocol(rawValue: word).map { .always($0) } ?? .asked
    case nil: break
    }
  }

  /// The themes that there are, and the one that is asked for.
  func themes() throws(ThemeError) -> (store: ThemeStore, found: ThemeFile.Outcome) {
    let store = ThemeStore(folder: themesFolder, executable: "/proc/self/exe")
    return (store, try store.load(theme ?? "default"))
  }

  /// The theme for a terminal that writes on a light ground, where none was asked for.
  func theme(suiting capabilities: Capabilities) -> Theme? {
    guard theme == nil, capabilities.isGroundLight == true else { return nil }
    return try? ThemeStore(folder: themesFolder, executable: "/proc/self/exe").load("light").theme
  }
}

/// Shows the dashboard of a run on this terminal until the user leaves it.
///
/// - Parameters:
///   - connection: where the events come from and commands go to.
///   - runFolder: where the pictures are.
///   - readOnly: whether commands are refused here.
///   - look: how the screen is to look.
/// - Returns: how the dashboard was left.
func runDashboard(
  connection: any RunConnection, runFolder: String, readOnly: Bool, look: ScreenOptions
) -> DashboardExit {
  var options = DashboardProgram.Options(isReadOnly: readOnly, language: look.language)
  options.clockOffset = posetop_clock_offset(Int64(Clock.wall()))
  let screen: NcursesScreen
  do throws(ThemeError) {
    let (store, found) = try look.themes()
    options.theme = found.theme
    options.themes = store
    options.notice = found.notices.first
  } catch {
    return .terminal(error.sentence)
  }
  do throws(TerminalError) {
    screen = try NcursesScreen(colors: look.colors, pictures: look.pictures)
  } catch {
    return .terminal(error.sentence)
  }
  defer { screen.close() }
  let program = DashboardProgram(
    connection: connection, runFolder: runFolder, capabilities: screen.capabilities,
    options: options)
  program.resize(width: screen.size.width, height: screen.size.height)
  return loop(program, on: screen, look)
}

/// News alone is drawn at most so often: the engine needs the processor more. A key is drawn at once.
private let secondsPerFrame = 0.1

private func loop(
  _ program: DashboardProgram, on screen: NcursesScreen, _ look: ScreenOptions
) -> DashboardExit {
  var lastFrame = -Double.infinity
  var lastTick = -Double.infinity
  var isUrgent = true
  var knewGround = false
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
      for: [program.descriptor],
      seconds: program.isReading ? 0 : program.hasNews ? untilFrame : untilTick)
    if wakeup.isOver { program.leave() }
    if wakeup.hasAnswered {
      // Once: later the user may have chosen another one.
      let theme = knewGround ? nil : look.theme(suiting: screen.capabilities)
      knewGround = screen.capabilities.isGroundLight != nil
      program.use(screen.capabilities, theme: theme)
      isUrgent = true
    }
    if wakeup.isResized {
      program.use(screen.capabilities)
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
