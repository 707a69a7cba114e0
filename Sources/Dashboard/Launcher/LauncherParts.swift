import Pose
import RunFiles
import Support
import TerminalUI
import TrainingAPI
import Wording

/// The data sets that were found, and what the doctor says of the chosen one.
enum DatasetPart {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    let state = context.state
    let inside = Frame(context.say(.paneDatasets), style: context.frameStyle(.datasets))
      .draw(into: &surface, in: rect, context.look)
    guard !inside.isEmpty else { return }
    let notes = notes(context)
    let noteCount = min(notes.count, max(0, inside.height - 2))
    let height = inside.height - noteCount
    let count = state.datasets.count + 1
    let first = state.datasetList.first(of: count, height: height)
    for row in first..<min(count, first + height) {
      let isSelected = row == state.datasetList.selected
      let y = inside.y + row - first
      let style = context.rowStyle(.datasets, isSelected: isSelected)
      if isSelected { surface.set(inside.x, y, context.look.symbols.pointer, context.look[style]) }
      guard state.datasets.indices.contains(row) else {
        surface.put(
          context.fit(context.say(.typePath), inside.width - 3), inside.x + 2, y,
          context.look[isSelected ? style : .faint])
        continue
      }
      let choice = state.datasets[row]
      let (mark, markStyle) = mark(of: choice, context)
      let room = inside.width - 4 - CharacterWidth.of(mark)
      let path = UntrustedText.clean(choice.path, limit: 300)
      surface.put(shortened(path, room, context), inside.x + 2, y, context.look[style])
      surface.put(mark, endingAt: inside.right - 1, y, context.look[markStyle])
    }
    // Below the list and a blank line where there is room, else at the bottom.
    let top = inside.y + min(height, count + 1)
    for (index, note) in notes.prefix(noteCount).enumerated() {
      surface.put(
        context.fit(note.text, inside.width - 3), inside.x + 2, top + index,
        context.look[note.style])
    }
  }

  /// The end of a long path says more than its beginning.
  private static func shortened(_ path: String, _ room: Int, _ context: LauncherContext) -> String {
    guard CharacterWidth.of(path) > room, room > 1 else { return path }
    var scalars = Array(path.unicodeScalars)
    while CharacterWidth.of(String(String.UnicodeScalarView(scalars))) > room - 1 {
      scalars.removeFirst()
    }
    return String(context.look.symbols.ellipsis) + String(String.UnicodeScalarView(scalars))
  }

  private static func mark(
    of choice: DatasetChoice, _ context: LauncherContext
  ) -> (String, StyleKey) {
    if context.state.problems[choice.path] != nil { return (context.say(.notUsable), .bad) }
    if let report = context.state.reports[choice.path] {
      return (report.format, report.errors > 0 ? .warning : .good)
    }
    return choice.isRecent ? (context.say(.recent), .faint) : ("", .faint)
  }

  /// What is known of the chosen data set.
  private static func notes(_ context: LauncherContext) -> [(text: String, style: StyleKey)] {
    let state = context.state
    guard let path = state.dataset, state.problems[path] == nil else { return [] }
    guard let report = state.reports[path] else { return [(context.say(.looking), .faint)] }
    var notes: [(text: String, style: StyleKey)] = [
      (
        context.say(
          .contents, report.format, NumberText.grouped(report.samples),
          NumberText.grouped(report.images)), .text
      )
    ]
    if report.samples < report.records {
      let text = context.say(
        .usable, NumberText.grouped(report.samples), NumberText.grouped(report.records))
      notes.append((text, .warning))
    }
    if let progress = state.progress, progress.path == path {
      notes.append((context.say(.lookingAt, progress.done, progress.total), .faint))
    } else if report.findings.isEmpty {
      notes.append((context.say(.nothingFound), .good))
    }
    if !report.findings.isEmpty {
      notes.append(
        (
          context.say(.found, report.errors, report.warnings),
          report.errors > 0 ? .bad : .warning
        ))
      for finding in report.findings.prefix(6) {
        let count = finding.count > 1 ? "\(finding.count)x " : ""
        notes.append((count + finding.text, finding.isError ? .bad : .warning))
      }
    }
    return notes
  }
}

/// Some samples of the chosen data set with their labels drawn over them.
enum DatasetSamplesPart {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    guard !rect.isEmpty else { return }
    let inside = Frame(context.say(.paneSamples)).draw(into: &surface, in: rect, context.look)
    guard let previews = context.state.shownSamples,
      !previews.samples.isEmpty, inside.height > 1
    else {
      context.center(context.say(.waitingForSamples), into: &surface, in: inside, .faint)
      return
    }
    // Three or more where they fit: in as few rows as that takes, each in its own shape.
    let wanted = min(3, previews.samples.count)
    for rows in 1...4 {
      let height = Self.height(of: rows, in: inside)
      // A cell is two pixels high.
      let width = max(4, 2 * height * previews.width / max(1, previews.height))
      let columns = max(1, (inside.width + 1) / (width + 1))
      let isLast = rows == 4 || Self.height(of: rows + 1, in: inside) < 8
      guard columns * rows >= wanted || isLast else { continue }
      draw(
        previews, rows: rows, columns: columns, width: width, into: &surface, in: inside, context)
      return
    }
  }

  /// The height of a picture when so many are above one another, with a row between them.
  private static func height(of rows: Int, in rect: Rect) -> Int {
    max(1, (rect.height - rows + 1) / rows)
  }

  private static func draw(
    _ previews: SamplePreviews, rows: Int, columns: Int, width: Int, into surface: inout Surface,
    in inside: Rect, _ context: LauncherContext
  ) {
    let count = min(previews.samples.count, rows * columns)
    let columns = min(columns, count)
    let height = height(of: rows, in: inside)
    let gap = columns > 1 ? min(2, (inside.width - columns * width) / (columns - 1)) : 0
    let used = columns * width + gap * (columns - 1)
    let left = inside.x + max(0, (inside.width - used) / 2)
    for index in 0..<count {
      let x = left + index % columns * (width + gap)
      let place = Rect(
        x: x, y: inside.y + index / columns * (height + 1), width: min(width, inside.right - x),
        height: height)
      let labels = Skeleton(labels: previews.samples[index].keypoints, schema: previews.schema)
      PicturePane(previews: previews, index: index, context: context)
        .draw(labels, into: &surface, in: place)
    }
  }
}

/// The settings: what was asked for stands out from the defaults.
enum SettingsPart {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    let state = context.state
    let inside = Frame(context.say(.paneSettings), style: context.frameStyle(.settings))
      .draw(into: &surface, in: rect, context.look)
    let all = LauncherSetting.all
    let first = state.settingList.first(of: all.count, height: inside.height)
    for row in first..<min(all.count, first + inside.height) {
      let setting = all[row]
      let y = inside.y + row - first
      let isSelected = row == state.settingList.selected
      let style = context.rowStyle(.settings, isSelected: isSelected)
      let name =
        setting.name == LauncherSetting.recipeName ? context.say(.settingRecipe) : setting.name
      if isSelected { surface.set(inside.x, y, context.look.symbols.pointer, context.look[style]) }
      surface.put(name, inside.x + 2, y, context.look[isSelected ? style : .faint], limit: 10)
      let value = state.value(of: setting)
      let shown =
        value.text.isEmpty ? unset(setting.name, context) : UntrustedText.clean(value.text)
      let valueStyle: StyleKey =
        isSelected && state.part == .settings ? style : value.isAsked ? .text : .hint
      let arrows = isSelected && state.part == .settings && setting.steps != .typed
      let (left, right) = context.isASCII ? ("<", ">") : ("◂", "▸")
      let text = context.fit(shown, inside.width - 17)
      var x = inside.x + 13
      if arrows { surface.put(left, x, y, context.look[.key]) }
      x += 2
      x += surface.put(text, x, y, context.look[valueStyle]) + 1
      if arrows { surface.put(right, x, y, context.look[.key]) }
    }
  }
}

extension SettingsPart {
  /// What happens where nothing was said.
  private static func unset(_ name: String, _ context: LauncherContext) -> String {
    switch name {
    case "precision": return "auto"
    case "init": return context.say(.randomWeights)
    case "freeze": return context.say(.nothingFrozen)
    case "val":
      guard let share = context.state.plan?.recipe.validationFraction else { break }
      return context.say(.shareOfDataset, Numbers.percent(share))
    default: break
    }
    return context.say(.notSet)
  }
}

/// What the settings need: memory, time, money, disk.
enum NeedsPart {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    guard !rect.isEmpty else { return }
    let state = context.state
    let inside = Frame(context.say(.paneNeeds)).draw(into: &surface, in: rect, context.look)
      .inset(1, 0)
    guard let plan = state.plan else {
      let problem = state.planProblem
      context.center(
        problem.map { context.say($0) } ?? context.say(.planningSettings), into: &surface,
        in: inside,
        problem == nil ? .faint : .bad)
      return
    }
    var y = inside.y
    let labelWidth = min(15, max(10, inside.width / 4))
    func line(_ label: String, _ text: String, _ style: StyleKey = .text) {
      guard y < inside.bottom, !text.isEmpty else { return }
      surface.put(label, inside.x, y, context.look[.faint], limit: labelWidth - 1)
      surface.put(
        context.fit(text, inside.width - labelWidth), inside.x + labelWidth, y,
        context.look[style])
      y += 1
    }
    line(
      context.say(.needMemory), memory(plan, context), state.exceedsMemory ? .bad : .text)
    if y < inside.bottom {
      let free = Double(max(1, state.freeMemory ?? plan.total))
      Bar.draw(
        into: &surface, x: inside.x + labelWidth, y: y,
        width: min(48, inside.width - labelWidth), share: Double(plan.total) / free, context.look,
        filled: state.exceedsMemory ? .bad : Double(plan.total) > 0.8 * free ? .warning : .meter,
        track: true, slim: true)
      y += 1
    }
    // The kinds of memory, where there is room for all.
    let kinds = plan.kinds.filter { $0.count > 0 }.sorted { $0.count > $1.count }
    if inside.bottom - y >= kinds.count + 7 {
      for kind in kinds {
        line(
          "", "\(MemoryPane.name(kind.kind, context).padded(12))\(NumberText.bytes(kind.count))",
          .faint)
      }
    }
    line(context.say(.needEpoch), epoch(context))
    line(context.say(.needAll, plan.recipe.epochs ?? 0), whole(plan, context))
    line(context.say(.needMoney), money(plan, context))
    line(
      context.say(.needModel),
      plan.trainedParameters == plan.parameters
        ? context.say(.parameters, NumberText.grouped(plan.parameters))
        : context.say(
          .parametersOf, NumberText.grouped(plan.parameters),
          NumberText.grouped(plan.trainedParameters)))
    line(context.say(.needWork), context.say(.work, NumberText.significant(plan.flops / 1e9, 3)))
    line(
      context.say(.needDisk),
      plan.checkpoint == 0 ? "" : context.say(.savedState, NumberText.bytes(plan.checkpoint)))
    line(context.say(.machineDevice), plan.device)
  }

  static func memory(_ plan: LaunchPlan, _ context: LauncherContext) -> String {
    guard let free = context.state.freeMemory else { return NumberText.bytes(plan.total) }
    return context.say(.memoryOf, NumberText.bytes(plan.total), NumberText.bytes(free))
  }

  /// How long an epoch takes.
  static func epoch(_ context: LauncherContext) -> String {
    let state = context.state
    guard let epoch = state.epochSeconds, let step = state.stepSeconds else {
      return context.say(state.measuring != nil ? .measuring : .unknownTime)
    }
    return context.say(
      epoch.isMeasured ? .measured : .estimated, NumberText.duration(epoch.value),
      NumberText.duration(step.value))
  }

  private static func whole(_ plan: LaunchPlan, _ context: LauncherContext) -> String {
    guard let epoch = context.state.epochSeconds, let epochs = plan.recipe.epochs else { return "" }
    return context.say(.about, NumberText.duration(epoch.value * Double(epochs)))
  }

  private static func money(_ plan: LaunchPlan, _ context: LauncherContext) -> String {
    guard let epoch = context.state.epochSeconds, let epochs = plan.recipe.epochs,
      let price = context.state.asked.price.flatMap({ HourlyPrice($0) })
    else { return "" }
    let seconds = epoch.value * Double(epochs)
    return context.say(.about, UntrustedText.clean(price.text(price.money(seconds: seconds))))
  }
}

extension String {
  /// The text with blanks up to a number of cells.
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - CharacterWidth.of(self)))
  }
}

/// The runs of before: Enter opens one.
enum RecentRunsPart {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: LauncherContext) {
    let state = context.state
    guard !rect.isEmpty else { return }
    let inside = Frame(
      context.say(.paneRecent), notes: [(context.say(.runHelp), .faint)],
      style: context.frameStyle(.runs)
    ).draw(into: &surface, in: rect, context.look)
    let first = state.runList.first(of: state.runs.count, height: inside.height)
    let longest = state.runs.map { CharacterWidth.of(UntrustedText.clean($0.name, limit: 100)) }
      .max()
    let nameWidth = min(longest ?? 0, 40, max(16, inside.width / 3))
    for row in first..<min(state.runs.count, first + inside.height) {
      let run = state.runs[row]
      let y = inside.y + row - first
      let isSelected = row == state.runList.selected
      let style = context.rowStyle(.runs, isSelected: isSelected)
      if isSelected, state.part == .runs {
        surface.set(inside.x, y, context.look.symbols.pointer, context.look[style])
      }
      var x = inside.x + 2
      surface.put(
        context.fit(UntrustedText.clean(run.name, limit: 100), nameWidth), x, y,
        context.look[style])
      x += nameWidth + 2
      surface.put(
        context.fit(context.say(RunTablePane.state(run.state)), 12), x, y,
        context.look[RunTablePane.style(run.state)])
      x += 13
      var facts = [
        UntrustedText.clean(run.model, limit: 20),
        context.say(.progressEpoch, run.epochs.done, run.epochs.planned),
      ]
      if let best = run.best, best.value.isFinite {
        facts.append(
          "\(UntrustedText.clean(best.name, limit: 20)) \(NumberText.significant(best.value, 3))")
      }
      if let changed = run.changed { facts.append(Numbers.age(max(0, state.now - changed))) }
      let text = facts.joined(separator: "  ")
      if x < inside.right - 4 {
        surface.put(
          context.fit(text, inside.right - 1 - x), x, y,
          context.look[isSelected && state.part == .runs ? style : .faint])
      }
    }
  }
}
