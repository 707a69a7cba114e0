import RunFiles
import Support
import TerminalUI
import TrainingAPI
import Wording

/// Where the time of a training step goes, by kinds of ops.
enum OpsPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let profile = context.state.profile
    let inside = Frame(
      context.say(.paneOps),
      notes: profile.map {
        [(NumberText.fixed(1000 * $0.seconds, 1), .text)]
      } ?? [],
      footer: profile.map { context.say(.opsAt, $0.step) } ?? ""
    ).draw(into: &surface, in: rect, context.look)
    guard let profile, profile.seconds > 0 else {
      let canMeasure = context.state.isLive && !context.history.hasEnded
      context.center(
        context.say(canMeasure ? .noOps : .opsNotMeasured), into: &surface, in: inside, .faint)
      return
    }
    var sums: [String: Double] = [:]
    for op in profile.ops { sums[op.op, default: 0] += op.seconds }
    let kinds = sums.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
    let nameWidth = min(24, max(8, inside.width / 2))
    for (row, kind) in kinds.prefix(inside.height).enumerated() {
      let y = inside.y + row
      surface.put(
        context.fit(kind.key, nameWidth), inside.x + 1, y, context.look[.text])
      surface.put(
        NumberText.fixed(1000 * kind.value, 1), endingAt: inside.right - 1, y,
        context.look[.text])
      Bar.draw(
        into: &surface, x: inside.x + nameWidth + 2, y: y,
        width: inside.width - nameWidth - 11, share: kind.value / kinds[0].value, context.look,
        slim: true)
    }
  }
}
