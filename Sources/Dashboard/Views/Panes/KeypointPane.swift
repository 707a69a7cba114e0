import Support
import TerminalUI
import TrainingAPI
import Wording

/// The keypoints with the largest error, with bars and what changed since the epoch before.
enum KeypointPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    let names = history.plan?.keypoints ?? []
    let last = history.epochs.last
    let errors = last?.keypointErrors ?? []
    let order = errors.indices.filter { errors[$0].isFinite && $0 < names.count }
      .sorted { (errors[$0], -$0) > (errors[$1], -$1) }
    let shown = order.prefix(max(0, rect.height - 2))
    let hidden = order.count - shown.count
    let inside = Frame(
      context.say(.paneKeypoints),
      notes: hidden > 0 ? [(context.say(.moreKeypoints, hidden), .faint)] : []
    ).draw(into: &surface, in: rect, context.look)
    guard let worst = shown.first else {
      context.center(context.say(.waitingForEpoch), into: &surface, in: inside, .faint)
      return
    }
    let short = names.map(DrawContext.short)
    let nameWidth = min(12, shown.map { CharacterWidth.of(short[$0]) }.max() ?? 0)
    let previous = history.epochs.dropLast().last?.keypointErrors ?? []
    // Name, value, bar, trend; a curve over the epochs where there is room.
    let curve = inside.width >= 54 ? 10 : 0
    let barX = inside.x + nameWidth + 8
    let barWidth = inside.right - 8 - curve - barX
    for (row, index) in shown.enumerated() {
      let y = inside.y + row
      surface.put(short[index], inside.x + 1, y, context.look[.text], limit: nameWidth)
      surface.put(
        NumberText.fixed(100 * errors[index], 1), endingAt: inside.x + nameWidth + 7, y,
        context.look[.text])
      Bar.draw(
        into: &surface, x: barX, y: y, width: max(0, barWidth),
        share: errors[index] / max(errors[worst], 1e-12), context.look, slim: true)
      if index < previous.count, previous[index].isFinite {
        trend(
          100 * (errors[index] - previous[index]), into: &surface,
          endingAt: inside.right - 1 - curve, y, context)
      }
      if curve > 0 {
        let values = history.epochs.map {
          index < $0.keypointErrors.count ? $0.keypointErrors[index] : .nan
        }
        Sparkline.draw(
          Sparkline.leveled(values.suffix(200)), into: &surface,
          in: Rect(x: inside.right - curve, y: y, width: curve - 1, height: 1), context.look,
          style: .title)
      }
    }
  }

  private static func trend(
    _ change: Double, into surface: inout Surface, endingAt right: Int, _ y: Int,
    _ context: DrawContext
  ) {
    let size = NumberText.fixed(abs(change), 1)
    let isZero = size == "0.0"
    let style: StyleKey = isZero ? .faint : change < 0 ? .good : .warning
    surface.put(
      isZero ? size : (change < 0 ? "-" : "+") + size, endingAt: right, y, context.look[style])
  }
}
