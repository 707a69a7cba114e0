public import RunFiles
public import Support
import TerminalUI
import TrainingAPI
import Wording

/// What was read from the run folder for the samples browser.
public struct SampleLoad: Sendable {
  /// The validation crops, if they were asked for and are there.
  public var previews: SamplePreviews?
  /// The newest predictions, if there are any.
  public var predictions: PredictionSet?
  /// Why something could not be read.
  public var problem: FileError?

  /// What was read.
  public init(previews: SamplePreviews?, predictions: PredictionSet?, problem: FileError?) {
    self.previews = previews
    self.predictions = predictions
    self.problem = problem
  }
}

extension DashboardState {
  static let replySeconds = 6.0

  /// Takes in what happened; returns what must be done about it.
  public mutating func update(_ message: Message) -> [Effect] {
    switch message {
    case .events(let events): return take(events)
    case .key(let key): return press(key)
    case .resize(let width, let height):
      self.width = max(0, width)
      self.height = max(0, height)
      return needsSamples ? [.loadSamples(withPreviews: true)] : []
    case .tick(let now):
      self.now = now
      if let reply, reply.until < now { self.reply = nil }
      return []
    case .connection(let isLive):
      self.isLive = isLive
      return []
    case .sent(let id, let command):
      if let id {
        pending = id
        say(.replySent, [command.text], .faint, seconds: 3600)
      } else {
        say(.replyNobody, [command.text], .bad)
      }
      return []
    case .samples(let load):
      samples.load(previews: load.previews, predictions: load.predictions, problem: load.problem)
      return []
    }
  }

  /// Pictures are read only when a pane shows them.
  private var needsSamples: Bool {
    samples.previews == nil && (screen == .samples || TrainView.showsSample(self))
  }

  private mutating func take(_ events: [LoggedEvent]) -> [Effect] {
    var effects: [Effect] = []
    for event in events {
      history.apply(event)
      now = max(now, event.time)
      switch event.event {
      case .epoch, .checkpoint:
        // Predictions are written around these; after the second they are surely there.
        if screen == .samples || TrainView.showsSample(self) {
          effects = [.loadSamples(withPreviews: samples.previews == nil)]
        }
      case .step:
        // The crops are written before the first step.
        if effects.isEmpty, needsSamples, samples.problem == nil, history.loss.buckets.count == 1 {
          effects = [.loadSamples(withPreviews: true)]
        }
      case .command(let record) where record.id == pending: answer(record)
      default: break
      }
    }
    return effects
  }

  /// Says what became of the command that was sent from here.
  private mutating func answer(_ record: CommandRecord) {
    let words = UntrustedText.clean(record.command, limit: 60)
    switch record.status {
    case .accepted:
      say(.replyAccepted, [words], .faint, seconds: 3600)
      return
    case .rejected(let reason): say(.replyRejected, [words, reason.text(in: language)], .bad)
    case .applied(let step): say(.replyApplied, [words, step], .good)
    }
    pending = nil
  }

  private mutating func say(
    _ template: ScreenSentence, _ arguments: [any CustomStringConvertible], _ style: StyleKey,
    seconds: Double = replySeconds
  ) {
    reply = Reply(
      sentence: Sentence(key: template.key, arguments: arguments.map { $0.description }),
      style: style, until: now + seconds)
  }

  private mutating func press(_ key: Key) -> [Effect] {
    if case .rate(var editor) = overlay, case .character(let scalar) = key, editor.type(scalar) {
      overlay = .rate(editor)
      return []
    }
    if case .mouse(let action, let x, let y) = key { return mouse(action, x, y) }
    guard let action = Keymap.binding(for: key, in: scopes)?.action else { return [] }
    return perform(action)
  }

  /// The mouse only does what keys do as well.
  private mutating func mouse(_ action: MouseAction, _ x: Int, _ y: Int) -> [Effect] {
    switch action {
    case .wheelUp: return overlay == nil ? perform(.moveSample(-1)) : perform(.scrollHelp(-1))
    case .wheelDown: return overlay == nil ? perform(.moveSample(1)) : perform(.scrollHelp(1))
    case .click:
      guard overlay == nil, y == 0, let screen = TabLine.screen(at: x, self) else { return [] }
      return perform(.show(screen))
    }
  }

  private mutating func perform(_ action: Action) -> [Effect] {
    switch action {
    case .show(let next): return show(next)
    case .nextScreen: return turn(by: 1)
    case .previousScreen: return turn(by: -1)
    case .help: overlay = .help(scroll: 0)
    case .closeOverlay: overlay = nil
    case .quitMenu:
      // Nothing can be lost any more: no question is asked.
      if history.hasEnded || !isLive { return [.detach] }
      overlay = .quit
    case .detach: return [.detach]
    case .stop:
      overlay = nil
      return ask(.stop)
    case .togglePause: return ask(history.state == .paused ? .resume : .pause)
    case .save: return ask(.save)
    case .undoRate: return ask(.undoLearningRate)
    case .openRateEditor:
      if canAsk() { overlay = .rate(RateEditor(rate: history.learningRate)) }
    case .rateFactor(let factor): edit { $0.multiply(by: factor) }
    case .erase: edit { $0.erase() }
    case .applyRate: return applyRate()
    case .toggleLogarithmic: chart.isLogarithmic.toggle()
    case .nextSmoothing:
      chart.smoothing = (chart.smoothing + 1) % ChartSettings.smoothings.count
    case .nextAxis:
      let all = ChartSettings.Axis.allCases
      chart.axis = all[((all.firstIndex(of: chart.axis) ?? 0) + 1) % all.count]
    case .moveSample(let offset): samples.move(by: offset)
    case .firstSample: samples.moveToFirst()
    case .lastSample: samples.moveToLast()
    case .toggleOrder: samples.toggleOrder()
    case .toggleLetters: samples.showsLetters.toggle()
    case .scrollHelp(let offset):
      if case .help(let scroll) = overlay { overlay = .help(scroll: max(0, scroll + offset)) }
    }
    return []
  }

  private mutating func show(_ next: ScreenID) -> [Effect] {
    screen = next
    guard next == .samples else { return [] }
    return [.loadSamples(withPreviews: samples.previews == nil)]
  }

  private mutating func turn(by offset: Int) -> [Effect] {
    let all = ScreenID.allCases
    let index = all.firstIndex(of: screen) ?? 0
    return show(all[(index + offset + all.count) % all.count])
  }

  private mutating func edit(_ change: (inout RateEditor) -> Void) {
    guard case .rate(var editor) = overlay else { return }
    change(&editor)
    overlay = .rate(editor)
  }

  private mutating func applyRate() -> [Effect] {
    guard case .rate(let editor) = overlay, editor.complaint == nil, let value = editor.value
    else { return [] }
    overlay = nil
    return ask(.learningRate(.value(value)))
  }

  private mutating func ask(_ command: EngineCommand) -> [Effect] {
    canAsk() ? [.send(command)] : []
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
