import Support
import TerminalUI
import TrainingAPI
import Wording

/// The runs beside this one.
enum RunTablePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.runs
    var notes: [(text: String, style: StyleKey)] = []
    if !browser.filter.isEmpty {
      notes.append(("/\(UntrustedText.clean(browser.filter, limit: 60))", .staged))
    }
    let rows = browser.shown
    notes.append(
      (rows.count == 1 ? context.say(.oneRun) : context.say(.runCount, rows.count), .faint))
    let inside = Frame(context.say(.paneRuns), notes: notes)
      .draw(into: &surface, in: rect, context.look)
    guard !rows.isEmpty else {
      context.center(
        context.say(browser.isLoaded ? .noRuns : .waitingForRuns), into: &surface, in: inside,
        .faint)
      return
    }
    let isWide = inside.width >= 110
    let nameWidth =
      rows.map { CharacterWidth.of(UntrustedText.clean($0.name, limit: 60)) }.max() ?? 0
    var columns = [
      Table.Column("", width: 1),
      Table.Column(context.say(.columnRun), width: isWide ? min(40, max(16, nameWidth)) : 0),
      Table.Column(context.say(.columnState), width: 11),
      Table.Column(context.say(.columnModel), width: 12),
      Table.Column(context.say(.columnEpoch), width: 9, alignsRight: true),
      Table.Column(context.say(.markBest), width: 12, alignsRight: true),
      Table.Column(context.say(.columnChanged), width: 8, alignsRight: true),
    ]
    if isWide {
      columns += [
        Table.Column(context.say(.paneRateShort), width: 9, alignsRight: true),
        Table.Column(context.say(.machineBatch), width: 7, alignsRight: true),
        Table.Column("", width: 1), Table.Column(context.say(.columnDataset)),
      ]
    }
    // The narrower the screen, the fewer columns; the name stays.
    let dropped = inside.width >= 76 ? 0 : inside.width >= 60 ? 2 : 4
    let order = [3, 6, 2, 4].prefix(dropped)
    let kept = columns.indices.filter { !order.contains($0) }
    let shown = rows.map { row -> [Table.Field] in
      let all = fields(row, context) + settings(row)
      return kept.map { all[$0] }
    }
    ScrollTable(columns: kept.map { columns[$0] }, rows: shown, list: browser.list)
      .draw(into: &surface, in: inside, context.look)
  }

  /// What a wide table shows of a run's recipe.
  private static func settings(_ row: RunRow) -> [Table.Field] {
    func text(_ key: String) -> String {
      guard let value = row.recipe[key] else { return "-" }
      return UntrustedText.clean(value.string ?? value.text, limit: 60)
    }
    return [
      Table.Field(text("lr")), Table.Field(text("batch")), Table.Field(""),
      Table.Field(Path.name(of: text("dataset")), .faint),
    ]
  }

  private static func fields(_ row: RunRow, _ context: DrawContext) -> [Table.Field] {
    let overlay = context.state.overlays.first { $0.path == row.path }
    let isThis = row.path == context.state.runPath
    let best = row.best.flatMap { best in
      best.value.isFinite
        ? "\(UntrustedText.clean(best.name, limit: 6)) \(NumberText.significant(best.value, 3))"
        : nil
    }
    let age = row.changed.map { Numbers.age(max(0, context.state.now - $0)) }
    let mark =
      overlay.map { String($0.letter) } ?? (isThis ? String(context.look.symbols.marker) : "")
    return [
      Table.Field(mark, overlay.map { .other($0.color) } ?? .train),
      Table.Field(UntrustedText.clean(row.name, limit: 60)),
      Table.Field(context.say(state(row.state)), style(row.state)),
      Table.Field(UntrustedText.clean(row.model, limit: 12)),
      Table.Field("\(row.epochs.done)/\(row.epochs.planned)"), Table.Field(best ?? "-"),
      Table.Field(age ?? "-", .faint),
    ]
  }

  /// How the word for a run's state looks.
  static func style(_ word: String) -> StyleKey {
    switch word {
    case "live", "paused": .good
    case "failed", "interrupted": .bad
    default: .faint
    }
  }

  /// The word for a run's state, as `posetop runs` has it.
  static func state(_ word: String) -> ScreenSentence {
    switch word {
    case "live": .stateLive
    case "paused": .statePaused
    case "completed": .stateDone
    case "stopped": .stateStopped
    case "failed": .stateFailed
    case "interrupted": .stateLost
    default: .stateEmpty
    }
  }
}

/// In which settings the chosen run differs from this one; of this one, all of them.
enum RunDetailPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let row = context.state.runs.selected
    let isThis = row?.path == context.state.runPath
    let name = row.map { UntrustedText.clean($0.name, limit: 40) } ?? ""
    let inside = Frame(
      context.say(isThis ? .paneRunSettings : .paneDifferences), notes: [(name, .text)]
    )
    .draw(into: &surface, in: rect, context.look)
    guard let row else { return }
    let own = context.history.plan?.recipe ?? [:]
    if isThis {
      let rows = (own.object?.members ?? []).map { member in
        [
          Table.Field(UntrustedText.clean(member.key, limit: 20), .faint),
          Table.Field(text(member.value)),
        ]
      }
      Table(columns: [Table.Column("", width: 16), Table.Column("")], rows: rows, hasHeader: false)
        .draw(into: &surface, in: inside.inset(1, 0), context.look)
      return
    }
    let differences = differences(own, row.recipe)
    guard !differences.isEmpty else {
      context.center(context.say(.noDifferences), into: &surface, in: inside, .faint)
      return
    }
    let rows = differences.map { item in
      [
        Table.Field(UntrustedText.clean(item.key, limit: 20), .faint),
        Table.Field(item.here, .train), Table.Field(item.there, .validation),
      ]
    }
    Table(
      columns: [
        Table.Column("", width: 13),
        Table.Column(context.say(.columnHere), width: max(8, (inside.width - 16) / 2)),
        Table.Column(context.say(.columnThere)),
      ], rows: rows
    ).draw(into: &surface, in: inside.inset(1, 0), context.look)
  }

  private static func text(_ value: JSONValue?) -> String {
    guard let value else { return "-" }
    let words = value.string ?? value.text
    // Of a path its end says most.
    return UntrustedText.clean(words.contains("/") ? Path.name(of: words) : words, limit: 40)
  }

  private static func differences(
    _ own: JSONValue, _ other: JSONValue
  ) -> [(key: String, here: String, there: String)] {
    let keys = (own.object?.members ?? []).map(\.key)
    let more = (other.object?.members ?? []).map(\.key).filter { !keys.contains($0) }
    // The recipe's file says more than what can be chosen: checksums, the split.
    let options = Set(RunRecipe.options.map(\.name))
    return (keys + more).filter(options.contains).compactMap { key in
      let (here, there) = (own[key], other[key])
      // A recipe leaves out what was left to the defaults.
      guard there != nil, here?.text != there?.text else { return nil }
      return (key, text(here), text(there))
    }
  }
}
