import Support
import TerminalUI
import TrainingAPI
import Wording

/// The first line: the screens on the left, the run and its state on the right.
enum TabLine {
  private static func label(_ screen: ScreenID, _ state: DashboardState) -> String {
    let title = Sentence(screen.title).text(in: state.language)
    return screen == state.screen
      ? "[\(screen.digit) \(title)]" : " \(screen.digit) \(title)\(state.width >= 100 ? " " : "")"
  }

  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let state = context.state
    var x = rect.x + 1
    for screen in ScreenID.allCases {
      let style: StyleKey = screen == state.screen ? .tab : .hint
      x += surface.put(label(screen, state), x, rect.y, context.look[style])
    }
    let (word, style) = status(context)
    let text = " \(context.say(word)) "
    var right = rect.right
    let room = right - x - CharacterWidth.of(text) - 2
    surface.put(text, endingAt: right, rect.y, context.look[style])
    right -= CharacterWidth.of(text)
    if room > 4 {
      var name = UntrustedText.clean(state.runName, limit: 200)
      if state.isReadOnly { name = context.say(.watching, name) }
      name = context.fit(name, room)
      surface.put(name, endingAt: right, rect.y, context.look[.title])
    }
  }

  /// The screen whose tab is at a column of the first line.
  static func screen(at column: Int, _ state: DashboardState) -> ScreenID? {
    var x = 1
    for screen in ScreenID.allCases {
      let length = CharacterWidth.of(label(screen, state))
      if column >= x, column < x + length { return screen }
      x += length
    }
    return nil
  }

  /// The word for the run's state.
  static func status(_ context: DrawContext) -> (word: ScreenSentence, style: StyleKey) {
    let history = context.history
    if history.failure != nil { return (.stateFailed, .bad) }
    if let finish = history.finish {
      return (finish.isComplete ? .stateDone : .stateStopped, .good)
    }
    if !context.state.isLive { return (.stateLost, .bad) }
    switch history.state {
    case .planning: return (.statePlanning, .warning)
    case .running: return (.stateLive, .good)
    case .paused: return (.statePaused, .warning)
    case .evaluating: return (.stateEvaluating, .validation)
    case .saving: return (.stateSaving, .good)
    case .finished: return (.stateDone, .good)
    case .failed: return (.stateFailed, .bad)
    }
  }
}

/// The line above the key hints: the answer to the last request, or the newest lines of the log.
enum StatusLine {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let room = rect.width - 2
    if let reply = context.state.reply {
      surface.put(
        context.fit(context.say(reply.sentence), room), rect.x + 1, rect.y,
        context.look[reply.style])
      return
    }
    if context.state.isLost, context.history.plan != nil {
      let tag = context.say(.stateLost)
      let used = surface.put(tag, rect.x + 1, rect.y, context.look[.bad]) + 1
      let name = UntrustedText.clean(context.state.runName, limit: 60)
      surface.put(
        context.fit(context.say(.lostRun, name), room - used), rect.x + 1 + used, rect.y,
        context.look[.text])
      return
    }
    if let advice = context.state.advice.first {
      let tag = context.say(.tagAdvice)
      let used = surface.put(tag, rect.x + 1, rect.y, context.look[.warning]) + 1
      surface.put(
        context.fit(context.say(advice.sentence), room - used), rect.x + 1 + used, rect.y,
        context.look[.text])
      return
    }
    // As many of the newest lines as fit beside one another, oldest first; what was saved last stands
    // in the line below.
    var pieces: [LogLine] = []
    var used = 0
    for line in context.history.log.reversed().lazy.filter({ $0.tag != .tagSaved }).prefix(4) {
      let length = 12 + CharacterWidth.of(context.say(line.sentence))
      if !pieces.isEmpty, used + length > room { break }
      pieces.insert(line, at: 0)
      used += length + 1
    }
    var x = rect.x + 1
    for line in pieces {
      x += EventsPane.draw(
        line, into: &surface, x: x, y: rect.y, limit: rect.right - 1 - x, context)
      x += 2
    }
  }
}
