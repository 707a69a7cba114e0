import Support
import TerminalUI
import TrainingAPI
import Wording

/// What the engine holds in host memory over the whole run, beside what was planned.
enum MemoryHistoryPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let history = context.history
    let axis = ChartAxis(context.state)
    let gpu = history.plan?.gpu
    let planned =
      gpu.map { MemoryPane.sum($0.hostBytes) } ?? history.plan?.bytes(of: "total") ?? 0
    let megabyte = 1048576.0
    let points = history.memory.points(from: axis.firstStep, x: axis.x).map {
      ChartPoint(
        x: $0.x, value: $0.value / megabyte, low: $0.low / megabyte, high: $0.high / megabyte)
    }
    var series = bands(history, points)
    series.append(ChartSeries(points, name: "resident MiB", line: .means, style: .text))
    if planned > 0, let first = points.first, let last = points.last {
      let level = Double(planned) / megabyte
      series.append(
        ChartSeries(
          [ChartPoint(x: first.x, value: level), ChartPoint(x: last.x, value: level)],
          name: "planned MiB", line: .dashed, style: .warning))
    }
    let lines = context.look.symbols.lines
    var notes: [(text: String, style: StyleKey)] = []
    if let used = history.lastStep?.residentBytes {
      notes.append((context.say(.memoryResident, lines.solid, Numbers.bytes(used)), .text))
    }
    if planned > 0 {
      notes.append((context.say(.memoryPlan, lines.dashed, Numbers.bytes(planned)), .warning))
    }
    let title = gpu == nil ? ScreenSentence.paneMemoryHistory : .paneHostMemoryHistory
    let inside = Frame(context.say(title), notes: notes)
      .draw(into: &surface, in: rect, context.look)
    guard !points.isEmpty else {
      context.center(context.say(.noMemoryYet), into: &surface, in: inside, .faint)
      return
    }
    LineChart(series, horizontal: axis.range, unit: axis.unit, cursor: axis.cursor)
      .draw(into: &surface, in: inside, context.look)
  }
}

extension MemoryHistoryPane {
  /// What the memory is for, one band above the other, and on top what no plan knows: code, threads,
  /// decoded pictures. Until all pages are used the upper bands are cut off.
  fileprivate static func bands(_ history: RunHistory, _ points: [ChartPoint]) -> [ChartSeries] {
    guard let plan = history.plan else { return [] }
    var floor = 0.0
    var series: [ChartSeries] = []
    func add(_ name: String, _ top: Double, _ style: StyleKey) {
      let band = points.map { point in
        let low = min(point.value, floor)
        let high = min(point.value, top)
        return ChartPoint(x: point.x, value: high > low ? high : .nan, low: low, high: high)
      }
      series.append(ChartSeries(band, name: "\(name) MiB", line: .areas, style: style))
      floor = top
    }
    for (index, kind) in (plan.gpu?.hostBytes ?? MemoryPane.kinds(of: plan)).enumerated() {
      add(kind.kind, floor + Double(kind.count) / 1_048_576, .other(index))
    }
    add("others", .infinity, .track)
    return series
  }
}

/// A number of each step over the run.
private struct StepCurve {
  let title: ScreenSentence
  let store: SeriesStore
  let factor: Double
  let style: StyleKey
  let note: String

  func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let axis = ChartAxis(context.state)
    let points = store.points(from: axis.firstStep, x: axis.x).map {
      ChartPoint(x: $0.x, value: $0.value * factor, low: $0.low * factor, high: $0.high * factor)
    }
    let inside = Frame(context.say(title), notes: note.isEmpty ? [] : [(note, style)])
      .draw(into: &surface, in: rect, context.look)
    LineChart(
      [ChartSeries(points, line: .ranges, style: .track)]
        + [ChartSeries(SeriesStore.smoothed(points, factor: 0.9), line: .means, style: style)],
      horizontal: axis.range, unit: axis.unit, cursor: axis.cursor
    ).draw(into: &surface, in: inside, context.look)
  }
}

/// Training images per second over the run.
enum SpeedPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let speed = context.history.lastStep?.imagesPerSecond
    StepCurve(
      title: .paneSpeed, store: context.history.speed, factor: 1, style: .rate,
      note: speed.map { context.say(.progressSpeed, Numbers.speed($0)) } ?? ""
    ).draw(into: &surface, in: rect, context)
  }
}

/// The share of the time in which the engine waited for data.
enum DataWaitPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let wait = context.history.lastStep?.dataWait
    StepCurve(
      title: .paneDataWait, store: context.history.dataWait, factor: 100, style: .marker,
      note: wait.map { Numbers.percent($0, decimals: 1) } ?? ""
    ).draw(into: &surface, in: rect, context)
  }
}

/// What computes, and what the machine has.
enum MachinePane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let inside = Frame(context.say(.paneMachine)).draw(into: &surface, in: rect, context.look)
    let room = inside.inset(1, 0)
    var lines: [(label: String, text: String, share: Double?)] = []
    func add(_ label: ScreenSentence, _ text: String, _ share: Double? = nil) {
      lines.append((context.say(label), text, share))
    }
    if let plan = context.history.plan {
      add(.machineDevice, UntrustedText.clean(plan.device, limit: 80))
      if let reason = plan.withoutGPU { add(.machineGPU, context.say(reason)) }
    }
    if let gpu = context.state.host?.gpu {
      if context.history.plan?.gpu == nil {
        add(.machineGPU, UntrustedText.clean(gpu.name, limit: 60))
      }
      let state = [
        gpu.utilisation.map { "\($0) %" }, gpu.power.map { "\(NumberText.fixed($0, 0)) W" },
        gpu.temperature.map { "\($0) C" },
      ].compactMap { $0 }
      add(.machineGPUState, state.isEmpty ? "N/A" : state.joined(separator: "  "))
      if let memory = gpu.memory {
        add(
          .machineGPUMemory,
          context.say(
            .partOf, Numbers.bytes(memory.lowerBound), Numbers.bytes(memory.upperBound)),
          Double(memory.lowerBound) / Double(memory.upperBound))
      }
    }
    if let host = context.state.host {
      let used = host.memory.total - host.memory.available
      add(
        .paneMemory,
        context.say(.partOf, Numbers.bytes(used), Numbers.bytes(host.memory.total)),
        Double(used) / Double(max(1, host.memory.total)))
      add(
        .machineLoad, "\(NumberText.fixed(host.load, 2)) / \(host.processors)",
        host.load / Double(max(1, host.processors)))
    }
    if let plan = context.history.plan {
      add(.machineParameters, "\(plan.parameters)")
      let batch = plan.recipe["batch"]?.int
      if let batch { add(.machineBatch, "\(batch)") }
      add(
        .machineSamples,
        context.say(.machineSampleCounts, plan.trainSamples, plan.validationSamples))
    }
    let width = min(16, (lines.map { CharacterWidth.of($0.label) }.max() ?? 0) + 2)
    var y = room.y
    for line in lines where y < room.bottom {
      surface.put(line.label, room.x, y, context.look[.faint], limit: width)
      let words = context.wrap(line.text, max(8, room.width - width))
      for word in words.prefix(3) where y < room.bottom {
        surface.put(word, room.x + width, y, context.look[.text], limit: room.width - width)
        y += 1
      }
      if let share = line.share, y < room.bottom {
        Bar.draw(
          into: &surface, x: room.x + width, y: y, width: min(30, room.width - width), share: share,
          context.look, filled: share > 0.9 ? .warning : .meter, track: true, slim: true)
        y += 1
      }
    }
  }
}
