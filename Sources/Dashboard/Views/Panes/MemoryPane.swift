import Support
import TerminalUI
import TrainingAPI
import Wording

/// The memory that was planned before the first step, by kind, and what computes: of the GPU where one
/// does, with what else lies there.
enum MemoryPane: Pane {
  /// A kind of memory in its colour.
  private struct Row {
    let kind: String
    let count: Int
    let style: StyleKey
  }

  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let plan = context.history.plan
    let total = plan?.bytes(of: "total") ?? 0
    let title: ScreenSentence =
      plan?.gpu == nil ? .paneMemory : rect.width < 40 ? .paneGPUMemoryShort : .machineGPUMemory
    let inside = Frame(context.say(title), notes: notes(plan, planned: total, context))
      .draw(into: &surface, in: rect, context.look)
    guard let plan, !inside.isEmpty else { return }
    let rows = rows(of: plan, planned: total, context)
    let lines = lines(of: plan, context, inside)
    var y = inside.y
    if let gpu = plan.gpu, inside.height >= 4 {
      drawDevice(rows, of: gpu.capacity, into: &surface, in: inside, context)
      y += 1
    }
    let largest = max(total, rows.first?.count ?? 0, 1)
    for row in rows.prefix(max(1, inside.bottom - y - min(lines.count, 2))) {
      draw(row, of: largest, into: &surface, in: inside, y, context)
      y += 1
    }
    for line in lines.prefix(max(0, inside.bottom - y)) {
      let text = context.fit(line, inside.width - 1)
      surface.put(text, inside.x + 1, y, context.look[.faint])
      y += 1
    }
  }

  /// The kinds of the plan and what no plan knows, the largest first.
  private static func rows(
    of plan: PlanReport, planned: Int, _ context: DrawContext
  ) -> [Row] {
    var rows = kinds(of: plan).enumerated().map {
      Row(kind: $1.kind, count: $1.count, style: $1.kind == "driver" ? .faint : .other($0))
    }
    // On the processor code, threads and decoded pictures; on a GPU what other processes hold there.
    let used = plan.gpu == nil ? context.history.lastStep?.residentBytes : deviceUse(context)
    if let used, used > planned, planned > 0 {
      rows.append(Row(kind: "others", count: used - planned, style: .track))
    }
    return rows.sorted { $0.count > $1.count }
  }

  /// What computes, and what lies beside.
  private static func lines(
    of plan: PlanReport, _ context: DrawContext, _ inside: Rect
  ) -> [String] {
    var lines = [UntrustedText.clean(plan.device, limit: 80)]
    if let gpu = plan.gpu, let used = context.history.lastStep?.residentBytes {
      lines.append(
        context.say(.memoryHost, Numbers.bytes(used), Numbers.bytes(sum(gpu.hostBytes))))
    }
    if let reason = plan.withoutGPU {
      // What exactly was not found stands on the screen of the machine.
      var short = context.say(reason).prefix { $0 != "(" }
      while short.last == " " { short.removeLast() }
      let text = context.say(.withoutGPU, short)
      lines += inside.height >= 8 ? context.wrap(text, inside.width - 2) : [text]
    }
    return lines
  }

  /// The kinds of the plan, from those that lie lowest in the picture of the memory.
  static func kinds(of plan: PlanReport) -> [(kind: String, count: Int)] {
    plan.bytes.filter { $0.kind != "total" && $0.kind != "checkpoint" && $0.count > 0 }
  }

  /// Bytes of all kinds.
  static func sum(_ kinds: [(kind: String, count: Int)]) -> Int {
    kinds.reduce(0) { $0 + $1.count }
  }

  /// What all processes hold of the GPU that the run is on; nil where nobody looks at it, or the run is
  /// over.
  private static func deviceUse(_ context: DrawContext) -> Int? {
    guard context.history.plan?.gpu != nil, context.state.isLive, !context.history.hasEnded
    else { return nil }
    return context.state.host?.gpu?.memory?.lowerBound
  }

  /// What was planned, and what is held at present: by the engine, or of the whole GPU.
  private static func notes(
    _ plan: PlanReport?, planned: Int, _ context: DrawContext
  ) -> [(text: String, style: StyleKey)] {
    guard let plan, planned > 0 else { return [] }
    let text = context.say(.memoryPlanned, Numbers.bytes(planned))
    if let gpu = plan.gpu {
      let used = deviceUse(context).map(Numbers.bytes) ?? "?"
      return [(text, .faint), (context.say(.partOf, used, Numbers.bytes(gpu.capacity)), .text)]
    }
    guard let used = context.history.lastStep?.residentBytes else { return [(text, .text)] }
    return [(text, .faint), (context.say(.memoryUsed, Numbers.bytes(used)), .text)]
  }

  /// The whole GPU in one bar: ours by kind, then what others hold, then what is free.
  private static func drawDevice(
    _ rows: [Row], of capacity: Int, into surface: inout Surface, in inside: Rect,
    _ context: DrawContext
  ) {
    let ours = rows.filter { $0.kind != "others" }
    let parts = (ours + rows.filter { $0.kind == "others" }).map {
      StackedBar.Part(
        share: Double($0.count) / Double(max(1, capacity)), style: $0.style,
        isFaint: $0.kind == "others")
    }
    StackedBar.draw(
      parts, into: &surface, x: inside.x + 1, y: inside.y, width: inside.width - 2, context.look)
  }

  private static func draw(
    _ row: Row, of total: Int, into surface: inout Surface, in inside: Rect, _ y: Int,
    _ context: DrawContext
  ) {
    let nameWidth = inside.width >= 20 ? 11 : 8
    let name = context.fit(Self.name(row.kind, context), nameWidth)
    surface.put(name, inside.x + 1, y, context.look[.text])
    surface.put(
      Numbers.bytes(row.count), endingAt: inside.right - 1, y, context.look[.text])
    Bar.draw(
      into: &surface, x: inside.x + nameWidth + 2, y: y, width: inside.width - nameWidth - 9,
      share: Double(row.count) / Double(total), context.look, filled: row.style, slim: true)
  }

  /// The word for a kind of memory.
  static func name(_ kind: String, _ context: any ScreenContext) -> String {
    switch kind {
    case "weights": context.say(.memoryWeights)
    case "gradients": context.say(.memoryGradients)
    case "optimizer": context.say(.memoryOptimizer)
    case "activations": context.say(.memoryActivations)
    case "workspace": context.say(.memoryWorkspace)
    case "input": context.say(.memoryInput)
    case "driver": context.say(.memoryDriver)
    case "others": context.say(.memoryOthers)
    default: UntrustedText.clean(kind, limit: 20)
    }
  }
}
