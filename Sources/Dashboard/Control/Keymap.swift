import TerminalUI
import Wording

/// What a key can do.
enum Action: Sendable, Hashable {
  case show(ScreenID)
  case focus(Int), toggleZoom
  case help, quitMenu, closeOverlay
  case togglePause, singleStep, evaluate, save, openRateEditor, undoRate
  case commandLine, search, nextTheme
  case toggleLogarithmic, nextSmoothing, nextAxis, nextMetric(Int), toggleClipping
  case zoomCurves(Double), wholeCurves, followNewest, toggleCursor, pan(Int)
  case moveSample(Int), firstSample, lastSample, nextOrder, nextPicture, nextView
  case moveEvaluation(Int), toggleHeatmap, nextHeatJoint(Int), profile, rollBack
  case moveRow(Int), firstRow, lastRow, nextJointOrder, showJointSamples, toggleOverlay
  case toggleOutput, findAgain(up: Bool)
  case rateFactor(Double), nextRateMode, applyRate, erase
  case accept, eraseWord, clearPrompt, recall(Int), complete
  case detach, stop
  case scrollHelp(Int)
  case launch, changeSetting(Int), editSetting, resetSetting, typePath, resumeRun
}

/// Where a key means something.
enum KeyScope: Int, Sendable, CaseIterable {
  case everywhere, train, samples, joints, runs, system, layers, log
  case rateEditor, prompt, quitMenu, help
  case launcher

  var title: String {
    switch self {
    case .everywhere: KeySentence.scopeEverywhere.key
    case .train: ScreenSentence.tabTrain.key
    case .samples: ScreenSentence.tabSamples.key
    case .joints: ScreenSentence.tabJoints.key
    case .runs: ScreenSentence.tabRuns.key
    case .system: ScreenSentence.tabSystem.key
    case .layers: ScreenSentence.tabLayers.key
    case .log: ScreenSentence.tabLog.key
    case .rateEditor: KeySentence.scopeRateEditor.key
    case .prompt: KeySentence.scopePrompt.key
    case .quitMenu: KeySentence.scopeQuitMenu.key
    case .help: KeySentence.scopeHelp.key
    case .launcher: KeySentence.scopeLauncher.key
    }
  }

  /// What the help of the dashboard explains.
  static let ofDashboard = allCases.filter { $0 != .launcher }

  /// Whether it is a screen, on which the keys that mean something everywhere hold as well.
  var isScreen: Bool { ScreenID.allCases.contains { $0.scope == self } }
}

/// One row of the table of keys.
struct KeyBinding: Sendable {
  /// Any of these.
  let keys: [Key]
  /// The keys as they are written.
  let label: String
  /// What they do, in the help.
  let help: KeySentence
  /// What they do, in one word in the hint line; nil for keys that are not hinted at.
  let hint: KeySentence?
  let scope: KeyScope
  /// Nil where another part reads the keys; then the row only explains them.
  let action: Action?

  init(
    _ keys: [Key], _ label: String, _ help: KeySentence, hint: KeySentence? = nil,
    in scope: KeyScope = .everywhere, _ action: Action?
  ) {
    self.keys = keys
    self.label = label
    self.help = help
    self.hint = hint
    self.scope = scope
    self.action = action
  }
}

/// The one table of keys: it feeds dispatch, the hint line and the help.
enum Keymap {
  static let bindings: [KeyBinding] =
    everywhere + screens + train + samples + joints + runs + system + layers + log + editor + prompt
    + overlays + launcher

  /// The row for a key; the first scope that knows it decides, and an overlay has no keys but its
  /// own.
  static func binding(for key: Key, in scopes: [KeyScope]) -> KeyBinding? {
    for scope in scopes {
      if let found = bindings.first(where: { $0.scope == scope && $0.keys.contains(key) }) {
        return found
      }
    }
    return nil
  }

  /// The hints for the scopes that hold now, the most useful first: how to get help and away, then what
  /// only this screen has, then the rest.
  static func hints(in scopes: [KeyScope]) -> [KeyBinding] {
    let all = bindings.filter { $0.hint != nil && scopes.contains($0.scope) }
    guard let own = scopes.first, own.isScreen || own == .everywhere else { return all }
    let first = all.filter { $0.action == .help || $0.action == .quitMenu }
    let others = all.filter { $0.action != .help && $0.action != .quitMenu }
    // Most of what can be done on the screen of the training can be done on every screen.
    if own == .train || own == .everywhere { return first + others }
    return first + others.filter { $0.scope == own } + others.filter { $0.scope != own }
  }
}
