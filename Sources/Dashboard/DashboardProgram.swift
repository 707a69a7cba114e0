import Glibc
import RunFiles
import Support
public import TerminalUI
public import TrainingAPI
public import Wording

/// How the dashboard was left.
public enum DashboardExit: Sendable {
  /// The user left; the run goes on.
  case detached
  /// The run is over; the report is nil when nobody knows how it ended.
  case runEnded(FinishReport?)
  /// The run ended with an error.
  case failed(Sentence)
  /// The terminal or the theme cannot be used.
  case terminal(Sentence)
}

/// The dashboard of a run without a terminal: keys and events in, surfaces out.
///
/// It holds the state, passes messages to `update` and carries out the effects. Whoever owns a
/// terminal calls it from one thread.
public final class DashboardProgram {
  /// What the user chose.
  public struct Options: Sendable {
    /// Whether commands are refused here.
    public var isReadOnly: Bool
    /// The colours.
    public var theme: Theme
    /// Where other themes are found.
    public var themes: ThemeStore?
    /// What is worth saying at the start.
    public var notice: Sentence?
    /// Seconds that local time is ahead of UTC.
    public var clockOffset: Int
    /// The language of the screen.
    public var language: Language

    /// What the user chose.
    public init(
      isReadOnly: Bool = false, theme: Theme = .standard, themes: ThemeStore? = nil,
      notice: Sentence? = nil, clockOffset: Int = 0, language: Language = .english
    ) {
      self.isReadOnly = isReadOnly
      self.theme = theme
      self.themes = themes
      self.notice = notice
      self.clockOffset = clockOffset
      self.language = language
    }
  }

  private var state: DashboardState
  private let connection: any RunConnection
  private let runFolder: String
  private var capabilities: Capabilities
  private var theme: Theme
  private let themes: ThemeStore?
  private var look: Look
  private var reading = RunReading()
  private var isDirty = true
  private var lastRequest = 0
  /// How the dashboard was left; nil while it is shown.
  public private(set) var exit: DashboardExit?

  /// A dashboard over a connection.
  public init(
    connection: any RunConnection, runFolder: String, capabilities: Capabilities,
    options: Options = Options()
  ) {
    self.connection = connection
    self.runFolder = runFolder
    self.capabilities = capabilities
    themes = options.themes
    theme = options.theme
    look = Look(theme: options.theme, capabilities: capabilities)
    let path = Path.absolute(runFolder)
    state = DashboardState(
      runName: UntrustedText.clean(Path.name(of: path), limit: 200), runPath: path,
      isReadOnly: options.isReadOnly, clockOffset: options.clockOffset,
      // What cannot be shown is not spoken.
      language: capabilities.glyphs == .ascii ? .english : options.language,
      themeNames: options.themes?.names ?? ["default"],
      themeName: options.theme.name)
    state.now = Clock.wall()
    if let notice = options.notice { state.warn(notice) }
  }

  /// The descriptor to poll for news of the run; -1 when there will be none.
  public var descriptor: Int32 { connection.descriptor }

  /// Whether the screen changes with time alone.
  public var isTicking: Bool { state.isTicking }

  /// Whether something has changed that was not drawn yet.
  public var hasNews: Bool { isDirty }

  /// Whether other runs are being read, a piece at each `receive`.
  public var isReading: Bool { !reading.isDone }

  /// Whether frames are shown at once where the terminal can do that.
  public var isSynchronized: Bool { state.isSynchronized }

  /// Takes in the events that have arrived.
  public func receive() {
    let events = connection.drain()
    if !events.isEmpty { send(.events(events)) }
    if connection.isLive != state.isLive { send(.connection(isLive: connection.isLive)) }
    for message in reading.readOn() { send(message) }
    // Without a plan there is nothing to look at: the caller says why on an ordinary line.
    if exit == nil, state.history.plan == nil, let failure = state.history.failure {
      exit = .failed(failure)
    }
  }

  /// The user pressed a key.
  public func handle(_ key: Key) { send(.key(key)) }

  /// The terminal has this size.
  public func resize(width: Int, height: Int) { send(.resize(width: width, height: height)) }

  /// The terminal has said more of what it can do.
  ///
  /// - Parameter theme: another one that suits it; nil keeps the one that is shown.
  public func use(_ capabilities: Capabilities, theme: Theme? = nil) {
    self.capabilities = capabilities
    if let theme {
      self.theme = theme
      send(.theme(name: theme.name))
    }
    let theme = self.theme
    look = Look(theme: theme, capabilities: capabilities)
    isDirty = true
  }

  /// Time has passed: seconds since 1970.
  public func tick(now: Double) { send(.tick(now: now)) }

  /// The terminal is gone, or the process was asked to end: the run goes on.
  public func leave() { if exit == nil { exit = state.exit } }

  /// The screen, if it has changed since the last call.
  public func frame() -> Surface? {
    guard isDirty else { return nil }
    isDirty = false
    return state.render(look)
  }

  private func send(_ message: Message) {
    isDirty = true
    for effect in state.update(message) { carryOut(effect) }
  }

  private func carryOut(_ effect: Effect) {
    switch effect {
    case .send(let command):
      lastRequest += 1
      let id = "\(getpid())-\(lastRequest)"
      let user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "?"
      let by = "dashboard of \(UntrustedText.clean(user, limit: 40)) (pid \(getpid()))"
      let isSent = connection.send(CommandRequest(id: id, by: by, command: command))
      send(.sent(id: isSent ? id : nil, command: command))
    case .loadSamples(let withPreviews, let epoch):
      send(.samples(load(withPreviews: withPreviews, epoch: epoch)))
    case .loadRuns: reading.list(beside: RunFolder(runFolder))
    case .loadOverlay(let path): reading.begin(path)
    case .dropOverlay(let path): reading.end(path)
    case .loadEngineOutput:
      send(.engineOutput(RunReading.lastLines(of: RunFolder(runFolder).engineLogPath)))
    case .loadHeatmaps:
      do throws(FileError) {
        send(.heatmaps(try SampleHeatmaps.read(runFolder: runFolder)))
      } catch {
        send(.answer(error.sentence, isGood: false))
      }
    case .loadProfile:
      do throws(FileError) {
        send(.profile(try StepProfile.read(runFolder: runFolder)))
      } catch {
        send(.answer(error.sentence, isGood: false))
      }
    case .lookAtHost(let gpu):
      if let report = HostReport.now(gpu: gpu) { send(.host(report)) }
    case .useTheme(let name): useTheme(name)
    case .write(let path, let text): write(text, to: path)
    case .detach: exit = state.exit
    }
  }

  private func load(withPreviews: Bool, epoch: Int?) -> SampleLoad {
    var load = SampleLoad(previews: nil, predictions: nil, problem: nil)
    do {
      if withPreviews { load.previews = try SamplePreviews.read(runFolder: runFolder) }
      load.epochs = PredictionSet.epochs(runFolder: runFolder)
      guard let shown = epoch ?? load.epochs.last else { return load }
      load.predictions = try PredictionSet.read(runFolder: runFolder, epoch: shown)
      if let before = load.epochs.last(where: { $0 < shown }) {
        load.earlier = try PredictionSet.read(runFolder: runFolder, epoch: before)
      }
    } catch {
      load.problem = error
    }
    return load
  }

  private func useTheme(_ name: String) {
    guard let themes else { return }
    do throws(ThemeError) {
      let found = try themes.load(name)
      theme = found.theme
      look = Look(theme: theme, capabilities: capabilities)
      send(.theme(name: name))
      send(.answer(found.notices.first ?? Sentence(ScreenSentence.replyTheme, name), isGood: true))
    } catch {
      send(.answer(error.sentence, isGood: false))
    }
  }

  private func write(_ text: String, to path: String) {
    do throws(FileError) {
      try DurableFile.commit(path, bytes: Array(text.utf8))
      send(.answer(Sentence(ScreenSentence.replyWritten, Path.absolute(path)), isGood: true))
    } catch {
      send(.answer(error.sentence, isGood: false))
    }
  }
}

extension DashboardState {
  /// What leaving now means.
  var exit: DashboardExit {
    if let failure = history.failure { return .failed(failure) }
    if history.finish != nil || !isLive { return .runEnded(history.finish) }
    return .detached
  }

  /// Shows a warning for a while.
  mutating func warn(_ sentence: Sentence) {
    reply = Reply(sentence: sentence, style: .warning, until: now + Self.replySeconds)
  }
}
