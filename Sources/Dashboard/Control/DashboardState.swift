public import RunFiles
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
    case prompt(Prompt)
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
  /// The run's folder from the root; empty when nobody said.
  let runPath: String
  /// The names of all themes that were found.
  let themeNames: [String]
  var language: Language
  var themeName: String
  var history = RunHistory()
  var screen = ScreenID.train
  /// The pane that was chosen; nil for the first.
  var focus: PaneID?
  /// Whether the chosen pane has the whole screen.
  var isZoomed = false
  var overlay: Overlay?
  var chart = ChartSettings()
  var samples = SampleBrowser()
  var joints = JointBrowser()
  var runs = RunBrowser()
  /// Earlier runs whose curves are laid over these.
  var overlays: [OverlaidRun] = []
  var layers = ListState()
  var logView = LogBrowser()
  var host: HostReport?
  /// How long the ops of a step took, when somebody had them measured.
  var profile: StepProfile?
  /// What the advisor says at present.
  var advice: [Advice] = []
  /// Commands that were typed, the newest last.
  var typedCommands: [String] = []
  /// Whether frames are shown at once where the terminal can do that.
  var isSynchronized = true
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
    runName: String, runPath: String = "", isReadOnly: Bool = false, clockOffset: Int = 0,
    language: Language = .english, themeNames: [String] = ["default"],
    themeName: String = "default"
  ) {
    self.runName = runName
    self.runPath = runPath
    self.themeNames = themeNames
    self.themeName = themeName
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
    case .prompt: [.prompt]
    case nil: [screen.scope, .everywhere]
    }
  }

  /// Whether somebody is there to be asked, and this dashboard may ask.
  var controlsRun: Bool { isLive && !isReadOnly && !history.hasEnded }
  /// Whether the training ended without saying so: its machine or its keeper died.
  var isLost: Bool { !isLive && !history.hasEnded }

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
  /// The runs beside this one.
  case runs([RunRow])
  /// More events of a run whose curves are laid over these.
  case overlay(path: String, events: [LoggedEvent])
  /// The last lines of the engine's own output.
  case engineOutput([String])
  /// The heatmaps that the engine has written, or why they cannot be read.
  case heatmaps(SampleHeatmaps?)
  /// How long the ops of a step took.
  case profile(StepProfile?)
  /// What the machine has to say.
  case host(HostReport)
  /// What became of something that was asked for on the screen.
  case answer(Sentence, isGood: Bool)
  /// Another theme is in force.
  case theme(name: String)
}

/// What `update` wants done.
public enum Effect: Sendable, Equatable {
  /// Send a command to the engine.
  case send(EngineCommand)
  /// Read the predictions, and the crops too where they are wanted; `epoch` nil means the newest.
  case loadSamples(withPreviews: Bool, epoch: Int?)
  /// List the runs beside this one.
  case loadRuns
  /// Read the log of another run.
  case loadOverlay(path: String)
  /// Stop reading the log of another run.
  case dropOverlay(path: String)
  /// Read the end of the engine's own output.
  case loadEngineOutput
  /// Read the heatmaps that the engine has written.
  case loadHeatmaps
  /// Read how long the ops of a step took.
  case loadProfile
  /// Look at the machine's memory and load, and at the GPU that is plugged in at a place; nil means the
  /// first.
  case lookAtHost(gpu: String?)
  /// Draw with another theme.
  case useTheme(name: String)
  /// Write a file.
  case write(path: String, text: String)
  /// Leave the screen; the training goes on.
  case detach
}
