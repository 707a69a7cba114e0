public import TerminalUI
public import TrainingAPI
public import Wording

/// What the dashboard shows: a value, changed only by `update`, drawn only by `render`.
public struct DashboardState: Sendable {
  /// What lies over the screen.
  enum Overlay: Sendable, Equatable {
    case help(scroll: Int)
    case quit
    case rate(RateEditor)
  }

  /// How the curves are drawn.
  struct ChartSettings: Sendable, Equatable {
    /// What the horizontal axis counts, and how much of the run it covers.
    enum Axis: Sendable, CaseIterable { case steps, epochs, newest }
    static let smoothings = [0, 0.6, 0.9, 0.98]
    var isLogarithmic = true
    var smoothing = 2
    var axis = Axis.steps
    var factor: Double { Self.smoothings[smoothing] }
  }

  /// A line for the user about what was just asked for.
  struct Reply: Sendable, Equatable {
    var sentence: Sentence
    var style: StyleKey
    var until: Double
  }

  /// Name of the run.
  public let runName: String
  /// Whether commands are refused here.
  public let isReadOnly: Bool
  /// Seconds that local time is ahead of UTC.
  let clockOffset: Int
  let language: Language
  var history = RunHistory()
  var screen = ScreenID.train
  var overlay: Overlay?
  var chart = ChartSettings()
  var samples = SampleBrowser()
  var reply: Reply?
  /// The command whose fate is awaited.
  var pending: String?
  /// Seconds since 1970.
  var now = 0.0
  /// Whether the keeper still serves the run.
  var isLive = true
  var width = 80
  var height = 24

  /// The dashboard of a run about which nothing is known yet.
  public init(
    runName: String, isReadOnly: Bool = false, clockOffset: Int = 0, language: Language = .english
  ) {
    self.runName = runName
    self.isReadOnly = isReadOnly
    self.clockOffset = clockOffset
    self.language = language
  }

  /// The scopes whose keys mean something now.
  var scopes: [KeyScope] {
    switch overlay {
    case .help: [.help]
    case .quit: [.quitMenu]
    case .rate: [.rateEditor]
    case nil: [screen.scope, .everywhere]
    }
  }

  /// Whether the screen changes with time alone.
  public var isTicking: Bool { !history.hasEnded || reply != nil }
}

/// Something that happened.
public enum Message: Sendable {
  /// Events of the run arrived, in order.
  case events([LoggedEvent])
  /// The user pressed a key.
  case key(Key)
  /// The terminal has another size.
  case resize(width: Int, height: Int)
  /// Time has passed: seconds since 1970.
  case tick(now: Double)
  /// Whether the keeper still serves the run.
  case connection(isLive: Bool)
  /// A command was sent under that id, or could not be sent.
  case sent(id: String?, command: EngineCommand)
  /// Crops and predictions were read, or why not.
  case samples(SampleLoad)
}

/// What `update` wants done.
public enum Effect: Sendable, Equatable {
  /// Send a command to the engine.
  case send(EngineCommand)
  /// Read the predictions, and the crops too where they are wanted.
  case loadSamples(withPreviews: Bool)
  /// Leave the screen; the training goes on.
  case detach
}
