import Support
import TerminalUI
import TrainingAPI
import Wording

/// What is shown where there is room for one line, or a few.
enum CompactView {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let lines = lines(context)
    if rect.height == 1, let saved = SavedNote.text(context, isShort: true),
      CharacterWidth.of(summary(context)) + 2 + CharacterWidth.of(saved.text) <= rect.width
    {
      surface.put(saved.text, endingAt: rect.right, rect.y, context.look[saved.style])
    }
    // The summary stays whatever the height; what explains it is dropped first.
    let chosen = lines.sorted { $0.priority < $1.priority }.prefix(rect.height)
    let shown = lines.filter { line in chosen.contains { $0.priority == line.priority } }
    for (row, line) in shown.enumerated() {
      if line.priority == barPriority, rect.width >= 8 {
        Bar.draw(
          into: &surface, x: rect.x, y: rect.y + row, width: rect.width,
          share: ProgressLine.share(context.history), context.look, track: true)
      } else {
        surface.put(
          context.fit(line.text, rect.width), rect.x, rect.y + row, context.look[line.style])
      }
    }
  }

  private static let barPriority = 2

  private static func lines(
    _ context: DrawContext
  ) -> [(text: String, style: StyleKey, priority: Int)] {
    let history = context.history
    let (word, style) = TabLine.status(context)
    var lines: [(String, StyleKey, Int)] = [
      (
        "\(context.say(word)) \(UntrustedText.clean(context.state.runName, limit: 60))", style, 3
      ),
      (summary(context), .text, 0),
      ("", .meter, barPriority),
    ]
    if let saved = SavedNote.text(context, isShort: true) {
      lines.append((saved.text, saved.style, 1))
    }
    if let reply = context.state.reply {
      lines.append((context.say(reply.sentence), reply.style, 4))
    } else if let last = history.log.last {
      lines.append((context.say(last.sentence), last.style, 5))
    }
    if let rate = history.learningRate {
      lines.append((context.say(.compactRate, Numbers.rate(rate)), .rate, 6))
    }
    if let speed = history.lastStep?.imagesPerSecond {
      lines.append((context.say(.progressSpeed, Numbers.speed(speed)), .faint, 7))
    }
    lines.append((context.say(.compactKeys), .hint, 8))
    return lines
  }

  /// `ep 3/8 loss 7.1e-4 ETA 2m`
  static func summary(_ context: DrawContext) -> String {
    let history = context.history
    guard let plan = history.plan else { return context.say(.statePlanning) }
    var text = context.say(.progressEpoch, history.epoch, plan.epochs)
    if let loss = history.lastStep?.loss {
      text += " \(context.say(.compactLoss, Numbers.loss(loss)))"
    }
    if let seconds = history.remainingSeconds {
      text += " \(context.say(.compactETA, NumberText.duration(seconds)))"
    }
    return text
  }
}
