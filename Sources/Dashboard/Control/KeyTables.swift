import TerminalUI
import Wording

// The rows of the one table of keys, scope by scope.

extension Keymap {
  static let screens = ScreenID.allCases.map { screen in
    KeyBinding(
      [.character(screen.digit)], String(screen.digit), screen.help, .show(screen))
  }

  static let everywhere: [KeyBinding] = [
    KeyBinding([.character(" ")], "space", .helpPause, hint: .hintPause, .togglePause),
    KeyBinding([.character(".")], ".", .helpSingleStep, .singleStep),
    KeyBinding([.character("e")], "e", .helpEditRate, hint: .hintEditRate, .openRateEditor),
    KeyBinding([.character("u")], "u", .helpUndo, hint: .hintUndo, .undoRate),
    KeyBinding([.character("R")], "R", .helpRollBack, .rollBack),
    KeyBinding([.character("w")], "w", .helpSave, hint: .hintSave, .save),
    KeyBinding([.character("E")], "E", .helpEvaluate, .evaluate),
    KeyBinding(
      [.character("q"), .control("c")], "q Ctrl-C", .helpQuit, hint: .hintQuit, .quitMenu),
    KeyBinding([.character("?"), .function(1)], "? F1", .helpHelp, hint: .hintHelp, .help),
    KeyBinding([.tab], "Tab", .helpPane, .focus(1)),
    KeyBinding([.backTab], "Shift-Tab", .helpPane, .focus(-1)),
    KeyBinding([.character("z")], "z", .helpZoom, hint: .hintZoom, .toggleZoom),
    KeyBinding([.character(":")], ":", .helpCommand, hint: .hintCommand, .commandLine),
    KeyBinding([.character("t")], "t", .helpTheme, .nextTheme),
  ]

  static let train: [KeyBinding] = [
    KeyBinding(
      [.character("y")], "y", .helpLogarithmic, hint: .hintLogarithmic, in: .train,
      .toggleLogarithmic),
    KeyBinding(
      [.character("s")], "s", .helpSmooth, hint: .hintSmooth, in: .train, .nextSmoothing),
    KeyBinding([.character("m")], "m", .helpMetric, hint: .hintMetric, in: .train, .nextMetric(1)),
    KeyBinding([.character("M")], "M", .helpMetric, in: .train, .nextMetric(-1)),
    KeyBinding([.character("c")], "c", .helpCursor, hint: .hintCursor, in: .train, .toggleCursor),
    KeyBinding([.character("x")], "x", .helpAxis, hint: .hintAxis, in: .train, .nextAxis),
    KeyBinding(
      [.character("+"), .character("=")], "+", .helpZoomCurves, in: .train, .zoomCurves(0.5)),
    KeyBinding([.character("-")], "-", .helpZoomCurves, in: .train, .zoomCurves(2)),
    KeyBinding([.character("0")], "0", .helpWhole, in: .train, .wholeCurves),
    KeyBinding([.character("f")], "f", .helpNewest, in: .train, .followNewest),
    KeyBinding([.left, .character("h")], "h left", .helpPan, in: .train, .pan(-1)),
    KeyBinding([.right, .character("l")], "l right", .helpPan, in: .train, .pan(1)),
    KeyBinding([.character("o")], "o", .helpClip, in: .train, .toggleClipping),
  ]

  static let samples: [KeyBinding] = [
    KeyBinding(
      [.character("h"), .left, .up, .character("k")], "h k left up", .helpPreviousSample,
      hint: nil, in: .samples, .moveSample(-1)),
    KeyBinding(
      [.character("l"), .right, .down, .character("j")], "l j right down", .helpNextSample,
      hint: .hintNextSample, in: .samples, .moveSample(1)),
    KeyBinding(
      [.pageUp, .control("u")], "PgUp", .helpSamples10, in: .samples, .moveSample(-10)),
    KeyBinding(
      [.pageDown, .control("d")], "PgDn", .helpSamples10, in: .samples, .moveSample(10)),
    KeyBinding([.character("g"), .home], "g Home", .helpEndSamples, in: .samples, .firstSample),
    KeyBinding([.character("G"), .end], "G End", .helpEndSamples, in: .samples, .lastSample),
    KeyBinding(
      [.character("O")], "O", .helpOrder, hint: .hintOrder, in: .samples, .nextOrder),
    KeyBinding([.character("v")], "v", .helpView, hint: .hintView, in: .samples, .nextView),
    KeyBinding(
      [.character("i")], "i", .helpPicture, hint: .hintPicture, in: .samples, .nextPicture),
    KeyBinding(
      [.character("[")], "[", .helpEvaluation, hint: .hintEvaluation, in: .samples,
      .moveEvaluation(-1)),
    KeyBinding([.character("]")], "]", .helpEvaluation, in: .samples, .moveEvaluation(1)),
    KeyBinding(
      [.character("H")], "H", .helpHeatmap, hint: .hintHeatmap, in: .samples, .toggleHeatmap),
    KeyBinding([.character("n")], "n", .helpOtherHeat, in: .samples, .nextHeatJoint(1)),
    KeyBinding([.character("N")], "N", .helpOtherHeat, in: .samples, .nextHeatJoint(-1)),
  ]

  /// The keys of a list.
  private static func list(_ scope: KeyScope) -> [KeyBinding] {
    [
      KeyBinding([.down, .character("j")], "j down", .helpRow, in: scope, .moveRow(1)),
      KeyBinding([.up, .character("k")], "k up", .helpRow, in: scope, .moveRow(-1)),
      KeyBinding(
        [.pageDown, .control("d")], "PgDn", .helpRows10, in: scope, .moveRow(10)),
      KeyBinding([.pageUp, .control("u")], "PgUp", .helpRows10, in: scope, .moveRow(-10)),
      KeyBinding([.character("g"), .home], "g Home", .helpEndRows, in: scope, .firstRow),
      KeyBinding([.character("G"), .end], "G End", .helpEndRows, in: scope, .lastRow),
    ]
  }

  static let joints: [KeyBinding] =
    [
      KeyBinding(
        [.enter], "Enter", .helpJointSamples, hint: .hintJointSamples, in: .joints,
        .showJointSamples),
      KeyBinding(
        [.character("O")], "O", .helpJointOrder, hint: .hintOrder, in: .joints, .nextJointOrder),
    ] + list(.joints)

  static let runs: [KeyBinding] =
    [
      KeyBinding(
        [.enter], "Enter", .helpOverlay, hint: .hintOverlay, in: .runs, .toggleOverlay),
      KeyBinding([.character("/")], "/", .helpFilter, hint: .hintFilter, in: .runs, .search),
    ] + list(.runs)

  /// What measures the ops of a step.
  private static func profile(_ scope: KeyScope) -> KeyBinding {
    KeyBinding([.character("p")], "p", .helpProfile, hint: .hintProfile, in: scope, .profile)
  }

  static let system: [KeyBinding] = [profile(.system)]
  static let layers: [KeyBinding] = [profile(.layers)] + list(.layers)

  static let log: [KeyBinding] =
    [
      KeyBinding([.character("/")], "/", .helpSearch, hint: .hintSearch, in: .log, .search),
      KeyBinding([.character("n")], "n", .helpFind, in: .log, .findAgain(up: true)),
      KeyBinding([.character("N")], "N", .helpFind, in: .log, .findAgain(up: false)),
      KeyBinding(
        [.character("a")], "a", .helpOutput, hint: .hintOutput, in: .log, .toggleOutput),
    ] + list(.log)

  static let editor: [KeyBinding] = [
    KeyBinding([], "0-9 . e", .helpType, in: .rateEditor, nil),
    KeyBinding([.character("-")], "-", .helpHalve, in: .rateEditor, .rateFactor(0.5)),
    KeyBinding([.character("+")], "+", .helpDouble, in: .rateEditor, .rateFactor(2)),
    KeyBinding([.character("<")], "<", .helpTenth, in: .rateEditor, .rateFactor(0.9)),
    KeyBinding([.character(">")], ">", .helpTenth, in: .rateEditor, .rateFactor(1.1)),
    KeyBinding([.tab], "Tab", .helpRateMode, hint: .hintRateMode, in: .rateEditor, .nextRateMode),
    KeyBinding([.backspace, .delete], "Backspace", .helpErase, in: .rateEditor, .erase),
    KeyBinding([.enter], "Enter", .helpApply, hint: .hintApply, in: .rateEditor, .applyRate),
    KeyBinding(
      [.escape, .control("c")], "Esc Ctrl-C", .helpDrop, hint: .hintDrop, in: .rateEditor,
      .closeOverlay),
  ]

  static let prompt: [KeyBinding] = [
    KeyBinding([.enter], "Enter", .helpRun, hint: .hintRun, in: .prompt, .accept),
    KeyBinding([.tab], "Tab", .helpComplete, hint: .hintComplete, in: .prompt, .complete),
    KeyBinding([.up], "up", .helpRecall, hint: .hintOlder, in: .prompt, .recall(-1)),
    KeyBinding([.down], "down", .helpRecall, in: .prompt, .recall(1)),
    KeyBinding([.backspace, .delete], "Backspace", .helpErase, in: .prompt, .erase),
    KeyBinding([.control("w")], "Ctrl-W", .helpEraseWord, in: .prompt, .eraseWord),
    KeyBinding([.control("u")], "Ctrl-U", .helpClear, in: .prompt, .clearPrompt),
    KeyBinding(
      [.escape, .control("c")], "Esc Ctrl-C", .helpClosePrompt, hint: .hintClose, in: .prompt,
      .closeOverlay),
  ]

  static let overlays: [KeyBinding] = [
    KeyBinding([.character("d")], "d", .helpDetach, in: .quitMenu, .detach),
    KeyBinding([.character("s")], "s", .helpStop, in: .quitMenu, .stop),
    KeyBinding(
      [.escape, .character("q"), .control("c")], "Esc q Ctrl-C", .helpStay, in: .quitMenu,
      .closeOverlay),
    KeyBinding([.down, .character("j")], "j down", .helpScroll, in: .help, .scrollHelp(1)),
    KeyBinding([.up, .character("k")], "k up", .helpScroll, in: .help, .scrollHelp(-1)),
    KeyBinding(
      [.pageDown, .character(" "), .control("d")], "space PgDn", .helpScroll10, in: .help,
      .scrollHelp(10)),
    KeyBinding([.pageUp, .control("u")], "PgUp", .helpScroll10, in: .help, .scrollHelp(-10)),
    KeyBinding(
      [.escape, .character("q"), .character("?"), .function(1), .enter, .control("c")],
      "Esc q ?", .helpClose, hint: .hintClose, in: .help, .closeOverlay),
  ]

  static let launcher: [KeyBinding] =
    [
      KeyBinding([.enter], "Enter", .helpLaunch, hint: .hintStart, in: .launcher, .launch),
      KeyBinding([.tab], "Tab", .helpNextPart, hint: .hintNextPart, in: .launcher, .focus(1)),
      KeyBinding([.backTab], "Shift-Tab", .helpPreviousPart, in: .launcher, .focus(-1)),
      KeyBinding(
        [.left, .character("h")], "left h", .helpOtherValue, in: .launcher, .changeSetting(-1)),
      KeyBinding(
        [.right, .character("l")], "right l", .helpOtherValue, hint: .hintChange, in: .launcher,
        .changeSetting(1)),
      KeyBinding(
        [.character("e")], "e", .helpEditSetting, hint: .hintEdit, in: .launcher, .editSetting),
      KeyBinding(
        [.backspace, .delete], "Backspace", .helpDefault, in: .launcher, .resetSetting),
      KeyBinding(
        [.character("p")], "p", .helpTypePath, hint: .hintPath, in: .launcher, .typePath),
      KeyBinding([.character("r")], "r", .helpResumeRun, in: .launcher, .resumeRun),
      KeyBinding(
        [.character("?"), .function(1)], "? F1", .helpHelp, hint: .hintHelp, in: .launcher, .help),
      KeyBinding(
        [.character("q"), .escape, .control("c")], "q Esc Ctrl-C", .helpLeaveLauncher,
        hint: .hintQuit, in: .launcher, .quitMenu),
    ] + list(.launcher)
}
