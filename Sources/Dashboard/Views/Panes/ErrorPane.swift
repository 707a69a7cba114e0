import Pose
import RunFiles
import Support
import TerminalUI
import Wording

/// A table of each joint's error.
enum ErrorPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.samples
    guard let previews = browser.previews, let index = browser.current,
      let errors = browser.errors(of: index)
    else {
      Frame(context.say(.paneErrors)).draw(into: &surface, in: rect, context.look)
      return
    }
    draw(errors, previews.schema, into: &surface, in: rect, context)
  }

  private static func draw(
    _ errors: SampleErrors, _ schema: KeypointSchema, into surface: inout Surface, in rect: Rect,
    _ context: DrawContext
  ) {
    let inside = Frame(
      context.say(.paneErrors),
      footer: errors.mean.isFinite
        ? context.say(.meanError, NumberText.fixed(errors.mean, 1)) : ""
    ).draw(into: &surface, in: rect, context.look)
    let letters = Skeleton.letters(of: schema)
    // Bars where there is room: a full one is twice the limit.
    let barWidth = inside.width >= 34 ? min(20, inside.width - 26) : 0
    let bars = context.look.symbols.slimBars
    let rows = schema.keypoints.indices.map { index -> [Table.Field] in
      let distance = errors.distances[index]
      let isWrong = errors.isWrong[index]
      let score = errors.scores[index]
      let side: StyleKey =
        switch schema.side(of: index) {
        case .left: .limbLeft
        case .right: .limbRight
        case .middle: .limbMiddle
        }
      let share = errors.limit > 0 && distance.isFinite ? min(1, distance / errors.limit / 2) : 0
      let cells = Int((share * Double(barWidth)).rounded())
      let bar = Table.Field(
        String(repeating: String(bars[bars.count - 1]), count: cells), isWrong ? .bad : .meter)
      return [
        Table.Field(String(letters[index]), side),
        Table.Field(DrawContext.short(schema.keypoints[index])),
        Table.Field(
          (isWrong ? "!" : "") + (distance.isFinite ? NumberText.fixed(distance, 1) : "-"),
          isWrong ? .bad : .text),
        Table.Field(score.isFinite ? NumberText.fixed(min(max(score, 0), 9), 2) : "-", .faint),
      ] + (barWidth > 0 ? [bar] : [])
    }
    var columns = [
      Table.Column("", width: 1), Table.Column(context.say(.columnJoint)),
      Table.Column(context.say(.columnError), width: 5, alignsRight: true),
      Table.Column(context.say(.columnScore), width: 4, alignsRight: true),
    ]
    if barWidth > 0 { columns.append(Table.Column("", width: barWidth)) }
    let notes = notes(errors, letters, inside.width, context)
    // The notes take what the table leaves; its rows come first.
    let tableHeight = min(rows.count + 1, inside.height)
    Table(columns: columns, rows: rows).draw(
      into: &surface, in: Rect(x: inside.x, y: inside.y, width: inside.width, height: tableHeight),
      context.look)
    for (row, note) in notes.prefix(max(0, inside.height - tableHeight)).enumerated() {
      surface.put(note, inside.x, inside.y + tableHeight + row, context.look[.faint])
    }
  }

  private static func notes(
    _ errors: SampleErrors, _ letters: [Unicode.Scalar], _ width: Int, _ context: DrawContext
  ) -> [String] {
    var notes: [String] = []
    for swap in errors.swaps.prefix(3) {
      notes += context.wrap(
        context.say(.swapHint, String(letters[swap.left]), String(letters[swap.right])), width)
    }
    notes += context.wrap(context.say(.limitHint, NumberText.fixed(errors.limit, 1)), width)
    notes += context.wrap(context.say(.caseHint), width)
    return notes
  }
}
