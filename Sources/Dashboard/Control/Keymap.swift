import TerminalUI
import Wording

/// What a key can do.
enum Action: Sendable, Hashable {
  case show(ScreenID)
  case nextScreen, previousScreen
  case help, quitMenu, closeOverlay
  case togglePause, save, openRateEditor, undoRate
  case toggleLogarithmic, nextSmoothing, nextAxis
  case moveSample(Int), firstSample, lastSample, toggleOrder, toggleLetters
  case rateFactor(Double), applyRate, erase
  case detach, stop
  case scrollHelp(Int)
}

/// Where a key means something.
enum KeyScope: Int, Sendable, CaseIterable {
  case everywhere, train, samples, rateEditor, quitMenu, help

  var title: ScreenSentence {
    switch self {
    case .everywhere: .scopeEverywhere
    case .train: .tabTrain
    case .samples: .tabSamples
    case .rateEditor: .scopeRateEditor
    case .quitMenu: .scopeQuitMenu
    case .help: .scopeHelp
    }
  }
}

/// One row of the table of keys.
struct KeyBinding: Sendable {
  /// Any of these.
  let keys: [Key]
  /// The keys as they are written.
  let label: String
  /// What they do, in the help.
  let help: ScreenSentence
  /// What they do, in one word in the hint line; nil for keys that are not hinted at.
  let hint: ScreenSentence?
  let scope: KeyScope
  /// Nil where another part reads the keys; then the row only explains them.
  let action: Action?

  init(
    _ keys: [Key], _ label: String, _ help: ScreenSentence, hint: ScreenSentence? = nil,
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
  static let bindings: [KeyBinding] = screens + everywhere + train + samples + editor + overlays

  private static let screens = ScreenID.allCases.map { screen in
    KeyBinding(
      [.character(screen.digit)], String(screen.digit), screen.help, .show(screen))
  }

  private static let everywhere: [KeyBinding] = [
    KeyBinding([.tab], "Tab", .helpNextScreen, .nextScreen),
    KeyBinding([.backTab], "Shift-Tab", .helpPreviousScreen, .previousScreen),
    KeyBinding(
      [.character("q"), .control("c")], "q Ctrl-C", .helpQuit, hint: .hintQuit, .quitMenu),
    KeyBinding([.character(" ")], "space", .helpPause, hint: .hintPause, .togglePause),
    KeyBinding([.character("e")], "e", .helpEditRate, hint: .hintEditRate, .openRateEditor),
    KeyBinding([.character("u")], "u", .helpUndo, hint: .hintUndo, .undoRate),
    KeyBinding([.character("w")], "w", .helpSave, hint: .hintSave, .save),
    KeyBinding([.character("?"), .function(1)], "? F1", .helpHelp, hint: .hintHelp, .help),
  ]

  private static let train: [KeyBinding] = [
    KeyBinding(
      [.character("y")], "y", .helpLogarithmic, hint: .hintLogarithmic, in: .train,
      .toggleLogarithmic),
    KeyBinding(
      [.character("s")], "s", .helpSmooth, hint: .hintSmooth, in: .train, .nextSmoothing),
    KeyBinding([.character("x")], "x", .helpAxis, hint: .hintAxis, in: .train, .nextAxis),
  ]

  private static let samples: [KeyBinding] = [
    KeyBinding(
      [.character("h"), .left, .up, .character("k")], "h k left up", .helpPreviousSample,
      hint: nil, in: .samples, .moveSample(-1)),
    KeyBinding(
      [.character("l"), .right, .down, .character("j")], "l j right down", .helpNextSample,
      hint: .hintNextSample, in: .samples, .moveSample(1)),
    KeyBinding(
      [.pageUp, .control("u")], "PgUp Ctrl-U", .helpBack10, in: .samples, .moveSample(-10)),
    KeyBinding(
      [.pageDown, .control("d")], "PgDn Ctrl-D", .helpOn10, in: .samples, .moveSample(10)),
    KeyBinding([.character("g"), .home], "g Home", .helpFirst, in: .samples, .firstSample),
    KeyBinding([.character("G"), .end], "G End", .helpLast, in: .samples, .lastSample),
    KeyBinding(
      [.character("O")], "O", .helpOrder, hint: .hintOrder, in: .samples, .toggleOrder),
    KeyBinding(
      [.character("i")], "i", .helpLetters, hint: .hintLetters, in: .samples, .toggleLetters),
  ]

  private static let editor: [KeyBinding] = [
    KeyBinding([], "0-9 . e", .helpType, in: .rateEditor, nil),
    KeyBinding([.character("-")], "-", .helpHalve, in: .rateEditor, .rateFactor(0.5)),
    KeyBinding([.character("+")], "+", .helpDouble, in: .rateEditor, .rateFactor(2)),
    KeyBinding([.character("<")], "<", .helpDown10, in: .rateEditor, .rateFactor(0.9)),
    KeyBinding([.character(">")], ">", .helpUp10, in: .rateEditor, .rateFactor(1.1)),
    KeyBinding([.backspace, .delete], "Backspace", .helpErase, in: .rateEditor, .erase),
    KeyBinding([.enter], "Enter", .helpApply, hint: .hintApply, in: .rateEditor, .applyRate),
    KeyBinding(
      [.escape, .control("c")], "Esc Ctrl-C", .helpDrop, hint: .hintDrop, in: .rateEditor,
      .closeOverlay),
  ]

  private static let overlays: [KeyBinding] = [
    KeyBinding([.character("d")], "d", .helpDetach, in: .quitMenu, .detach),
    KeyBinding([.character("s")], "s", .helpStop, in: .quitMenu, .stop),
    KeyBinding(
      [.escape, .character("q"), .control("c")], "Esc q Ctrl-C", .helpStay, in: .quitMenu,
      .closeOverlay),
    KeyBinding(
      [.down, .character("j"), .pageDown], "j down PgDn", .helpScroll, in: .help,
      .scrollHelp(1)),
    KeyBinding(
      [.up, .character("k"), .pageUp], "k up PgUp", .helpScrollBack, in: .help,
      .scrollHelp(-1)),
    KeyBinding(
      [.escape, .character("q"), .character("?"), .function(1), .enter, .control("c")],
      "Esc q ?", .helpClose, hint: .hintClose, in: .help, .closeOverlay),
  ]

  /// The row for a key in a scope; an overlay has no keys but its own.
  static func binding(for key: Key, in scopes: [KeyScope]) -> KeyBinding? {
    bindings.first { scopes.contains($0.scope) && $0.keys.contains(key) }
  }

  /// The hints for a screen, the most useful first.
  static func hints(in scopes: [KeyScope]) -> [KeyBinding] {
    bindings.filter { $0.hint != nil && scopes.contains($0.scope) }
  }
}
