import TerminalUI
import Wording

/// The screens; a screen's digit stays the same when others are added.
enum ScreenID: Int, Sendable, CaseIterable {
  case train = 1
  case samples = 2

  /// The key that shows it.
  var digit: Unicode.Scalar { Unicode.Scalar(UInt8(0x30 + rawValue % 10)) }

  var title: ScreenSentence {
    switch self {
    case .train: .tabTrain
    case .samples: .tabSamples
    }
  }

  var help: ScreenSentence {
    switch self {
    case .train: .helpTrain
    case .samples: .helpSamples
    }
  }

  /// The keys that mean something on it.
  var scope: KeyScope {
    switch self {
    case .train: .train
    case .samples: .samples
    }
  }

  /// What draws it.
  var view: any ScreenView.Type {
    switch self {
    case .train: TrainView.self
    case .samples: SamplesView.self
    }
  }
}
