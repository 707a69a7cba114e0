import Support
import TerminalUI
import TrainingAPI
import Wording

/// How far the run is: epoch, bar, share, step, speed and the time that is left.
enum ProgressLine: Pane {
  /// The share of all steps that is done.
  static func share(_ history: RunHistory) -> Double {
    guard let plan = history.plan, plan.totalSteps > 0 else { return 0 }
    return Double(history.step) / Double(plan.totalSteps)
  }

  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    guard let plan = history.plan else { return drawOpening(into: &surface, in: rect, context) }
    let epoch = context.say(.progressEpoch, history.epoch, plan.epochs)
    var pieces: [(text: String, style: StyleKey)] = [
      (Numbers.percent(share(history)), .text),
      (context.say(.progressStep, history.step, plan.totalSteps), .text),
    ]
    if let speed = history.lastStep?.imagesPerSecond, speed.isFinite, !history.hasEnded,
      context.state.isLive
    {
      pieces.append((context.say(.progressSpeed, Numbers.speed(speed)), .text))
    }
    if let money = money(context) { pieces.insert((money, .text), at: 1) }
    pieces.append(time(context))
    let gap = 2
    let bar = 7
    func length() -> Int { pieces.reduce(0) { $0 + gap + CharacterWidth.of($1.text) } }
    let room = rect.width - 2 - CharacterWidth.of(epoch)
    // The speed goes first, then the step: the time that is left is what people look for.
    while length() + bar > room, pieces.count > 1 { pieces.remove(at: max(0, pieces.count - 2)) }
    var x = rect.x + 1
    x += surface.put(epoch, x, rect.y, context.look[.text], limit: rect.width - 2) + 1
    x += drawBar(
      share(history), width: min(40, room - 1 - length()), into: &surface, x, rect.y, context)
    for piece in pieces {
      x += gap
      x += surface.put(
        piece.text, x, rect.y, context.look[piece.style], limit: max(0, rect.right - 1 - x))
    }
  }

  /// A bar between its ends; the columns that it took, none where it would be too short.
  private static func drawBar(
    _ share: Double, width: Int, into surface: inout Surface, _ x: Int, _ y: Int,
    _ context: DrawContext
  ) -> Int {
    guard width >= 4 else { return 0 }
    let ends = context.isASCII ? ("[", "]") : ("▕", "▏")
    surface.put(ends.0, x, y, context.look[.track])
    Bar.draw(into: &surface, x: x + 1, y: y, width: width - 2, share: share, context.look)
    surface.put(ends.1, x + width - 1, y, context.look[.track])
    return width
  }

  /// Before the plan: how much of a large annotation file has been read, else that it is being made.
  private static func drawOpening(
    into surface: inout Surface, in rect: Rect, _ context: DrawContext
  ) {
    let opening = context.history.opening
    let text = context.fit(
      opening.map { context.say(.openingData, $0.done, $0.total) } ?? context.say(.planning),
      rect.width - 2)
    let length = surface.put(text, rect.x + 1, rect.y, context.look[.faint])
    guard let opening, opening.total > 0 else { return }
    _ = drawBar(
      Double(opening.done) / Double(opening.total), width: min(40, rect.width - length - 3),
      into: &surface, rect.x + length + 2, rect.y, context)
  }

  /// What the run has cost, and what it will have cost at its end: `$1.20, $3.40 at the end`.
  static func money(_ context: DrawContext) -> String? {
    let history = context.history
    guard let text = history.plan?.recipe["price"]?.string, let price = HourlyPrice(text) else {
      return nil
    }
    let isRunning = !history.hasEnded && context.state.isLive
    let seconds =
      history.rent.seconds + (isRunning ? max(0, context.state.now - history.lastTime) : 0)
    let spent = price.text(price.money(seconds: seconds))
    let budget = history.plan?.recipe["budget"]?.double.map(price.text)
    guard isRunning, let left = history.remainingSeconds else {
      return budget.map { context.say(.partOf, spent, $0) } ?? spent
    }
    let end = price.text(price.money(seconds: seconds + left))
    return budget.map { context.say(.moneyToEndOf, spent, end, $0) }
      ?? context.say(.moneyToEnd, spent, end)
  }

  private static func time(_ context: DrawContext) -> (text: String, style: StyleKey) {
    let history = context.history
    if history.hasEnded || !context.state.isLive {
      let seconds = history.lastTime - (history.firstTime ?? history.lastTime)
      return (context.say(.progressTook, NumberText.duration(seconds)), .faint)
    }
    if history.state == .paused { return (context.say(.progressPaused), .warning) }
    guard let seconds = history.remainingSeconds else {
      return (context.say(.progressMeasuring), .faint)
    }
    return (context.say(.progressETA, NumberText.duration(seconds)), .text)
  }
}
