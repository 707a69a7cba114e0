import Pose
import RunFiles
import Support
import TerminalUI
import TrainingAPI
import Wording

/// All keypoints: error, share of hits, course, and the gap between left and right.
enum JointTablePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let state = context.state
    let order: ScreenSentence =
      switch state.joints.order {
      case .worst: .orderWorst
      case .body: .orderBody
      case .gap: .orderGap
      }
    let inside = Frame(
      context.say(.paneJoints), notes: [(context.say(order), .faint)],
      footer: state.history.epochs.last.map { context.say(.fromEpoch, $0.epoch) } ?? ""
    ).draw(into: &surface, in: rect, context.look)
    guard let last = context.history.epochs.last else {
      context.center(context.say(.waitingForEpoch), into: &surface, in: inside, .faint)
      return
    }
    let names = context.history.plan?.keypoints ?? []
    let worst = last.keypointErrors.filter(\.isFinite).max() ?? 1
    let showsKinds = showsKinds(inside, last)
    let kindWidth = inside.width >= 100 ? 10 : 5
    let rows = state.jointOrder.map { joint in
      row(joint, names, last, worst, context)
        + (showsKinds ? KindColumns.fields(joint, last) : [])
    }
    var columns = [
      Table.Column(context.say(.columnJoint), width: 12),
      Table.Column(context.say(.columnNME), width: 6, alignsRight: true),
      Table.Column("PCK@.1", width: 6, alignsRight: true),
      Table.Column(context.say(.columnGap), width: 6, alignsRight: true),
      Table.Column(context.say(.columnTrend), width: 7, alignsRight: true),
    ]
    let kinds = showsKinds ? KindColumns.all : []
    columns += kinds.map {
      let title = context.say(kindWidth > 5 ? $0.longTitle : $0.title)
      return Table.Column(title, width: kindWidth, alignsRight: true)
    }
    columns.append(Table.Column("", width: 0))
    ScrollTable(columns: columns, rows: rows, list: state.joints.list)
      .draw(into: &surface, in: inside, context.look)
    curves(into: &surface, in: inside, after: kinds.count * (kindWidth + 1), context)
  }

  /// The kinds of errors where there is room and the log has them.
  private static func showsKinds(_ rect: Rect, _ last: EpochReport) -> Bool {
    rect.width >= 74 && !last.errorKinds.isEmpty
  }

  private static func row(
    _ joint: Int, _ names: [String], _ last: EpochReport, _ worst: Double, _ context: DrawContext
  ) -> [Table.Field] {
    let error = joint < last.keypointErrors.count ? last.keypointErrors[joint] : .nan
    let share = joint < last.keypointPCK.count ? last.keypointPCK[joint] : .nan
    let before = context.history.epochs.dropLast().last?.keypointErrors ?? []
    let change = joint < before.count ? 100 * (error - before[joint]) : .nan
    let gap = context.state.sideGap(of: joint).map { 100 * $0 }
    func signed(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "-" }
      let text = NumberText.fixed(abs(value), 1)
      return text == "0.0" ? text : (value < 0 ? "-" : "+") + text
    }
    // A third more than on the other side is worth a look.
    let isLopsided = gap.map { $0 > 100 * error / 4 } ?? false
    return [
      Table.Field(DrawContext.short(names[joint])),
      Table.Field(
        error.isFinite ? NumberText.fixed(100 * error, 1) : "-",
        error.isFinite && error > 0.75 * worst ? .warning : .text),
      Table.Field(share.isFinite ? NumberText.fixed(share, 2) : "-"),
      Table.Field(signed(gap), isLopsided ? .warning : .faint),
      Table.Field(
        signed(change),
        change.isFinite && abs(change) >= 0.05 ? (change < 0 ? .good : .warning) : .faint),
    ]
  }

  /// The course of each row's error, right of the numbers.
  private static func curves(
    into surface: inout Surface, in rect: Rect, after columns: Int, _ context: DrawContext
  ) {
    let x = rect.x + 1 + 12 + 7 + 7 + 7 + 8 + 1 + columns
    let width = min(40, rect.right - 2 - x)
    guard width >= 6 else { return }
    let order = context.state.jointOrder
    let first = context.state.joints.list.first(of: order.count, height: rect.height - 1)
    for (row, joint) in order.dropFirst(first).prefix(rect.height - 1).enumerated() {
      let values = context.history.epochs.suffix(400).map {
        joint < $0.keypointErrors.count ? $0.keypointErrors[joint] : .nan
      }
      Sparkline.draw(
        Sparkline.leveled(values), into: &surface,
        in: Rect(x: x, y: rect.y + 1 + row, width: width, height: 1),
        context.look, style: .meter)
    }
  }
}

/// The shares of the kinds of errors of a keypoint, in percent of its labels.
private enum KindColumns {
  static let all: [(kind: KeypointErrorKind, title: ScreenSentence, longTitle: ScreenSentence)] = [
    (.jitter, .kindJitter, .kindJitterLong), (.inversion, .kindInversion, .kindInversionLong),
    (.swap, .kindSwap, .kindSwapLong), (.miss, .kindMiss, .kindMissLong),
  ]

  static func fields(_ joint: Int, _ epoch: EpochReport) -> [Table.Field] {
    let counts = joint < epoch.errorKinds.count ? epoch.errorKinds[joint] : []
    let total = counts.reduce(0, +)
    return all.map { column in
      let place = KeypointErrorKind.allCases.firstIndex(of: column.kind) ?? 0
      guard total > 0, place < counts.count else { return Table.Field("-", .faint) }
      let share = 100 * Double(counts[place]) / Double(total)
      // Sides taken for each other have a cause of their own.
      let isOdd = column.kind == .inversion && share >= 10
      return Table.Field(
        NumberText.fixed(share, 0), isOdd ? .warning : share < 0.5 ? .faint : .text)
    }
  }
}

/// The chosen keypoint's error over the epochs, with the other side's.
enum JointCurvePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let state = context.state
    let names = context.history.plan?.keypoints ?? []
    guard let joint = state.selectedJoint, names.indices.contains(joint) else {
      let inside = Frame(context.say(.paneJointCurve)).draw(into: &surface, in: rect, context.look)
      context.center(context.say(.waitingForEpoch), into: &surface, in: inside, .faint)
      return
    }
    let axis = ChartAxis(state)
    func series(_ joint: Int, _ style: StyleKey, _ line: ChartSeries.Line) -> ChartSeries {
      let points = context.history.epochs.map { epoch in
        ChartPoint(
          x: axis.x(epoch.step),
          value: joint < epoch.keypointErrors.count ? 100 * epoch.keypointErrors[joint] : .nan)
      }
      return ChartSeries(points, name: names[joint], line: line, style: style)
    }
    let lines = context.look.symbols.lines
    var all = [series(joint, .train, .solid)]
    var notes: [(text: String, style: StyleKey)] = [
      ("\(DrawContext.short(names[joint])) \(lines.solid)", .train)
    ]
    if let mirror = state.mirror(of: joint) {
      all.insert(series(mirror, .validation, .dashed), at: 0)
      notes.append(("\(DrawContext.short(names[mirror])) \(lines.dashed)", .validation))
    }
    let inside = Frame(context.say(.paneJointCurve), notes: notes)
      .draw(into: &surface, in: rect, context.look)
    LineChart(all, horizontal: axis.range, unit: axis.unit, cursor: axis.cursor)
      .draw(into: &surface, in: inside, context.look)
  }
}

/// The sample in which the chosen keypoint is predicted worst.
enum JointSamplePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let browser = context.state.samples
    let inside = Frame(
      context.say(.paneJointSample),
      footer: browser.predictions.map { context.say(.fromEpoch, $0.epoch) } ?? ""
    ).draw(into: &surface, in: rect, context.look)
    guard let previews = browser.previews, let joint = context.state.selectedJoint,
      let index = worst(joint, browser)
    else {
      context.center(context.say(.noSamples), into: &surface, in: inside, .faint)
      return
    }
    let labels = Skeleton(labels: previews.samples[index].keypoints, schema: previews.schema)
    let predicted = browser.predictions.map {
      Skeleton(
        predicted: $0.keypoints[index], isWrong: browser.errors(of: index)?.isWrong ?? [],
        schema: previews.schema)
    }
    let halves = PicturePane.halves(of: inside)
    let picture = PicturePane(previews: previews, index: index, context: context)
    picture.draw(labels, into: &surface, in: halves[0])
    if let predicted { picture.draw(predicted, into: &surface, in: halves[1]) }
  }

  private static func worst(_ joint: Int, _ browser: SampleBrowser) -> Int? {
    var best: (index: Int, error: Double)?
    for index in 0..<(browser.previews?.samples.count ?? 0) {
      guard let errors = browser.errors(of: index), errors.distances.indices.contains(joint),
        errors.limit > 0, errors.distances[joint].isFinite
      else { continue }
      let error = errors.distances[joint] / errors.limit
      if error > best?.error ?? -1 { best = (index, error) }
    }
    return best?.index
  }
}
