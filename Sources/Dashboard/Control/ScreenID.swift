import TerminalUI
import Wording

/// The screens; a screen's digit stays the same when others are added.
enum ScreenID: Int, Sendable, CaseIterable {
  case train = 1
  case samples = 2
  case joints = 3
  case runs = 4
  case system = 5
  case layers = 6
  case log = 7

  /// The key that shows it.
  var digit: Unicode.Scalar { Unicode.Scalar(UInt8(0x30 + rawValue % 10)) }

  var title: ScreenSentence {
    switch self {
    case .train: .tabTrain
    case .samples: .tabSamples
    case .joints: .tabJoints
    case .runs: .tabRuns
    case .system: .tabSystem
    case .layers: .tabLayers
    case .log: .tabLog
    }
  }

  var help: KeySentence {
    switch self {
    case .train: .helpTrain
    case .samples: .helpSamples
    case .joints: .helpJoints
    case .runs: .helpRuns
    case .system: .helpSystem
    case .layers: .helpLayers
    case .log: .helpLog
    }
  }

  /// The keys that mean something on it.
  var scope: KeyScope {
    switch self {
    case .train: .train
    case .samples: .samples
    case .joints: .joints
    case .runs: .runs
    case .system: .system
    case .layers: .layers
    case .log: .log
    }
  }

  /// What lays it out.
  var view: any ScreenView.Type {
    switch self {
    case .train: TrainScreen.self
    case .samples: SamplesScreen.self
    case .joints: JointsScreen.self
    case .runs: RunsScreen.self
    case .system: SystemScreen.self
    case .layers: LayersScreen.self
    case .log: LogScreen.self
    }
  }

  /// The word by which the command line knows it.
  var word: String { "\(self)" }
}
