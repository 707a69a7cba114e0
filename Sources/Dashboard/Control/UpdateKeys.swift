import Pose
import RunFiles
import Support
import TerminalUI
import TrainingAPI
import Wording

// What keys and the mouse do.

extension DashboardState {
  mutating func press(_ key: Key) -> [Effect] {
    if case .character(let scalar) = key {
      switch overlay {
      case .rate(var editor):
        if editor.type(scalar) {
          overlay = .rate(editor)
          return []
        }
      case .prompt(var prompt):
        prompt.type(scalar)
        overlay = .prompt(prompt)
        return []
      default: break
      }
    }
    if case .mouse(let action, let x, let y) = key { return mouse(action, x, y) }
    guard let action = Keymap.binding(for: key, in: scopes)?.action else { return [] }
    return perform(action)
  }

  /// The mouse only does what keys do as well.
  private mutating func mouse(_ action: MouseAction, _ x: Int, _ y: Int) -> [Effect] {
    switch action {
    case .wheelUp, .wheelDown:
      let direction = action == .wheelUp ? -1 : 1
      if overlay != nil { return perform(.scrollHelp(direction)) }
      switch screen {
      case .samples: return perform(.moveSample(direction))
      case .train, .system:
        zoomChart(direction < 0 ? 0.8 : 1.25)
        return []
      case .joints, .runs, .layers, .log: return perform(.moveRow(direction))
      }
    case .click:
      guard overlay == nil, hasScreens else { return [] }
      if y == 0 {
        guard let screen = TabLine.screen(at: x, self) else { return [] }
        return perform(.show(screen))
      }
      if let placed = panes.first(where: { $0.pane.hasFrame && $0.rect.contains(x, y) }) {
        focus = placed.pane
      }
      return []
    }
  }

  mutating func perform(_ action: Action) -> [Effect] {
    switch action {
    case .show(let next): return show(next)
    case .focus(let offset): moveFocus(offset)
    case .toggleZoom:
      isZoomed.toggle()
      return needsSamples ? [loadSamples(withPreviews: true)] : []
    case .help: overlay = .help(scroll: 0)
    case .closeOverlay: overlay = nil
    case .quitMenu: return openQuitMenu()
    case .detach: return [.detach]
    case .stop:
      overlay = nil
      return ask(.stop)
    case .togglePause: return ask(history.state == .paused ? .resume : .pause)
    case .singleStep: return ask(.step)
    case .evaluate: return ask(.evaluate)
    case .save: return ask(.save)
    case .undoRate: return ask(.undoLearningRate)
    case .profile: return ask(.profile)
    case .rollBack:
      // Typed out, so that nothing happens by a slip of a finger, and the rate can be changed.
      if canAsk() { overlay = .prompt(Prompt(.command, text: "rollback x0.5")) }
    case .openRateEditor:
      if canAsk() { overlay = .rate(RateEditor(rate: history.learningRate)) }
    case .rateFactor(let factor): editRate { $0.multiply(by: factor) }
    case .nextRateMode: editRate { $0.nextMode() }
    case .applyRate: return applyRate()
    case .commandLine: overlay = .prompt(Prompt(.command))
    case .search: overlay = .prompt(Prompt(.search, text: screen == .runs ? runs.filter : ""))
    case .nextTheme:
      let index = themeNames.firstIndex(of: themeName) ?? 0
      return [.useTheme(name: themeNames[(index + 1) % max(1, themeNames.count)])]
    case .scrollHelp(let offset):
      if case .help(let scroll) = overlay { overlay = .help(scroll: max(0, scroll + offset)) }
    case .erase:
      editRate { $0.erase() }
      editPrompt { $0.erase() }
    case .accept: return acceptPrompt()
    case .eraseWord: editPrompt { $0.eraseWord() }
    case .clearPrompt: editPrompt { $0.clear() }
    case .recall(let direction):
      let typed = typedCommands
      editPrompt { if $0.kind == .command { $0.recall(direction, in: typed) } }
    case .complete:
      let state = self
      editPrompt { if $0.kind == .command { $0.complete(state.completions) } }
    default: return browse(action)
    }
    return []
  }

  /// What moves through curves, samples and lists.
  private mutating func browse(_ action: Action) -> [Effect] {
    switch action {
    case .toggleLogarithmic: chart.isLogarithmic.toggle()
    case .nextSmoothing:
      chart.smoothing = (chart.smoothing + 1) % ChartSettings.smoothings.count
    case .nextAxis:
      let all = ChartSettings.Axis.allCases
      chart.axis = all[((all.firstIndex(of: chart.axis) ?? 0) + 1) % all.count]
    case .nextMetric(let offset): nextMetric(offset)
    case .toggleClipping: chart.clipsOutliers.toggle()
    case .zoomCurves(let factor): zoomChart(factor)
    case .wholeCurves:
      chart.window = nil
      chart.followsNewest = false
    case .followNewest:
      chart.followsNewest.toggle()
      chart.window = nil
    case .toggleCursor: toggleCursor()
    case .pan(let direction): panChart(direction)
    case .moveSample(let offset):
      samples.move(by: offset)
      return askForHeatmap()
    case .firstSample:
      samples.moveToFirst()
      return askForHeatmap()
    case .lastSample:
      samples.moveToLast()
      return askForHeatmap()
    case .nextOrder: samples.nextOrder(joint: selectedJoint)
    case .toggleHeatmap:
      samples.heatJoint = samples.heatJoint == nil ? samples.worstJoint ?? 0 : nil
      return askForHeatmap()
    case .nextHeatJoint(let offset):
      let count = samples.previews?.schema.count ?? 0
      guard let joint = samples.heatJoint, count > 0 else { return [] }
      samples.heatJoint = (joint + offset + count) % count
    case .nextPicture: samples.nextPicture()
    case .nextView: samples.nextView()
    case .moveEvaluation(let offset):
      guard samples.moveEvaluation(offset) else { return [] }
      return [loadSamples(withPreviews: false)]
    case .moveRow(let offset): moveRow(offset)
    case .firstRow: moveRow(-Int.max)
    case .lastRow: moveRow(Int.max)
    case .nextJointOrder:
      let all = JointBrowser.Order.allCases
      joints.order = all[((all.firstIndex(of: joints.order) ?? 0) + 1) % all.count]
    case .showJointSamples:
      guard let joint = selectedJoint else { return [] }
      samples.sort(by: .joint(joint))
      return show(.samples)
    case .toggleOverlay: return toggleOverlay()
    case .toggleOutput:
      logView.showsOutput.toggle()
      logView.offset = 0
      return logView.showsOutput ? [.loadEngineOutput] : []
    case .findAgain(let up): findInLog(up: up)
    default: break
    }
    return []
  }

  private mutating func moveRow(_ offset: Int) {
    switch screen {
    case .joints: joints.list.move(by: offset, of: history.plan?.keypoints.count ?? 0)
    case .runs: runs.list.move(by: offset, of: runs.shown.count)
    case .layers: layers.move(by: offset, of: history.plan?.layers.count ?? 0)
    case .log: scrollLog(offset)
    default: break
    }
  }

  /// A look at this machine, and at the run's own GPU.
  var lookAtHost: Effect { .lookAtHost(gpu: history.plan?.gpu?.pciBusID) }

  mutating func show(_ next: ScreenID) -> [Effect] {
    if screen != next {
      focus = nil
      isZoomed = false
    }
    screen = next
    var effects: [Effect] = []
    if showsPictures { effects.append(loadSamples(withPreviews: samples.previews == nil)) }
    switch next {
    case .runs: effects.append(.loadRuns)
    case .system: effects += [lookAtHost, .loadProfile]
    case .layers: effects.append(.loadProfile)
    case .log where logView.showsOutput: effects.append(.loadEngineOutput)
    default: break
    }
    return effects
  }

  private mutating func moveFocus(_ offset: Int) {
    let framed = screen.view.panes(in: body, self).filter { !$0.rect.isEmpty && $0.pane.hasFrame }
      .map(\.pane)
    guard !framed.isEmpty else { return }
    let index = framed.firstIndex { $0 == focus } ?? (offset > 0 ? -1 : 0)
    focus = framed[(index + offset + framed.count) % framed.count]
  }

  private mutating func openQuitMenu() -> [Effect] {
    // Nothing can be lost any more: no question is asked.
    if history.hasEnded || !isLive { return [.detach] }
    overlay = .quit
    return []
  }

  private mutating func editRate(_ change: (inout RateEditor) -> Void) {
    guard case .rate(var editor) = overlay else { return }
    change(&editor)
    overlay = .rate(editor)
  }

  private mutating func editPrompt(_ change: (inout Prompt) -> Void) {
    guard case .prompt(var prompt) = overlay else { return }
    change(&prompt)
    overlay = .prompt(prompt)
  }

  private mutating func applyRate() -> [Effect] {
    guard case .rate(let editor) = overlay, let change = editor.change else { return [] }
    overlay = nil
    return ask(.learningRate(change))
  }

  mutating func ask(_ command: EngineCommand) -> [Effect] {
    canAsk() ? [.send(command)] : []
  }

  /// Asks for the heatmaps of the sample that is shown, where they are wanted and not there.
  private mutating func askForHeatmap() -> [Effect] {
    guard samples.heatJoint != nil, let sample = samples.current,
      samples.heatmaps?.sample != sample
    else { return [] }
    return ask(.heatmap(sample: sample))
  }

  /// Whether there is somebody to ask; says so when there is not.
  private mutating func canAsk() -> Bool {
    if isReadOnly {
      say(.replyReadOnly, [], .warning)
    } else if history.hasEnded || !isLive {
      say(.replyEnded, [], .warning)
    } else {
      return true
    }
    return false
  }
}
