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
    /// What is worth saying at the start.
    public var notice: Sentence?
    /// Seconds that local time is ahead of UTC.
    public var clockOffset: Int
    /// The language of the screen.
    public var language: Language

    /// What the user chose.
    public init(
      isReadOnly: Bool = false, theme: Theme = .standard, notice: Sentence? = nil,
      clockOffset: Int = 0, language: Language = .english
    ) {
      self.isReadOnly = isReadOnly
      self.theme = theme
      self.notice = notice
      self.clockOffset = clockOffset
      self.language = language
    }
  }

  private var state: DashboardState
  private let connection: any RunConnection
  private let runFolder: String
  private let look: Look
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
    look = Look(theme: options.theme, capabilities: capabilities)
    state = DashboardState(
      runName: UntrustedText.clean(Path.name(of: Path.absolute(runFolder)), limit: 200),
      isReadOnly: options.isReadOnly, clockOffset: options.clockOffset,
      language: options.language)
    state.now = Clock.wall()
    if let notice = options.notice { state.warn(notice) }
  }

  /// The descriptor to poll for news of the run; -1 when there will be none.
  public var descriptor: Int32 { connection.descriptor }

  /// Whether the screen changes with time alone.
  public var isTicking: Bool { state.isTicking }

  /// Whether something has changed that was not drawn yet.
  public var hasNews: Bool { isDirty }

  /// Takes in the events that have arrived.
  public func receive() {
    let events = connection.drain()
    if !events.isEmpty { send(.events(events)) }
    if connection.isLive != state.isLive { send(.connection(isLive: connection.isLive)) }
    // Without a plan there is nothing to look at: the caller says why on an ordinary line.
    if exit == nil, state.history.plan == nil, let failure = state.history.failure {
      exit = .failed(failure)
    }
  }

  /// The user pressed a key.
  public func handle(_ key: Key) { send(.key(key)) }

  /// The terminal has this size.
  public func resize(width: Int, height: Int) { send(.resize(width: width, height: height)) }

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
    case .loadSamples(let withPreviews): send(.samples(load(withPreviews: withPreviews)))
    case .detach: exit = state.exit
    }
  }

  private func load(withPreviews: Bool) -> SampleLoad {
    var load = SampleLoad(previews: nil, predictions: nil, problem: nil)
    do {
      if withPreviews { load.previews = try SamplePreviews.read(runFolder: runFolder) }
      load.predictions = try PredictionSet.latest(runFolder: runFolder)
    } catch {
      load.problem = error
    }
    return load
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
