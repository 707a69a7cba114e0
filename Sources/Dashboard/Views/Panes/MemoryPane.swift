import Support
import TerminalUI
import TrainingAPI
import Wording

/// The memory that was planned before the first step, by kind, and what computes.
enum MemoryPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let plan = context.history.plan
    let total = plan?.bytes(of: "total") ?? 0
    let inside = Frame(
      context.say(.paneMemory),
      notes: notes(planned: total, context)
    ).draw(into: &surface, in: rect, context.look)
    guard let plan, !inside.isEmpty else { return }
    var machine = [UntrustedText.clean(plan.device, limit: 80)]
    if let reason = plan.withoutGPU {
      // What exactly was not found stands on the screen of the machine.
      var short = context.say(reason).prefix { $0 != "(" }
      while short.last == " " { short.removeLast() }
      let text = context.say(.withoutGPU, short)
      machine += inside.height >= 8 ? context.wrap(text, inside.width - 2) : [text]
    }
    var kinds = kinds(of: plan).enumerated().map {
      (kind: $1.kind, count: $1.count, style: StyleKey.other($0))
    }
    // What no plan knows: code, threads, decoded pictures.
    if let used = context.history.lastStep?.residentBytes, used > total, total > 0 {
      kinds.append(("others", used - total, .track))
    }
    kinds.sort { $0.count > $1.count }
    let room = max(1, inside.height - min(machine.count, 2))
    var y = inside.y
    for kind in kinds.prefix(room) {
      row(kind, of: max(total, 1), into: &surface, in: inside, y, context)
      y += 1
    }
    for line in machine.prefix(max(0, inside.bottom - y)) {
      let text = context.fit(line, inside.width - 1)
      surface.put(text, inside.x + 1, y, context.look[.faint])
      y += 1
    }
  }

  /// The kinds of the plan, from those that lie lowest in the picture of the memory.
  static func kinds(of plan: PlanReport) -> [(kind: String, count: Int)] {
    plan.bytes.filter { $0.kind != "total" && $0.kind != "checkpoint" && $0.count > 0 }
  }

  /// What was planned, and what the engine holds at present.
  private static func notes(planned: Int, _ context: DrawContext) -> [(
    text: String, style: StyleKey
  )] {
    guard planned > 0 else { return [] }
    guard let used = context.history.lastStep?.residentBytes else {
      return [(context.say(.memoryPlanned, Numbers.bytes(planned)), .text)]
    }
    return [
      (context.say(.memoryPlanned, Numbers.bytes(planned)), .faint),
      (context.say(.memoryUsed, Numbers.bytes(used)), .text),
    ]
  }

  private static func row(
    _ kind: (kind: String, count: Int, style: StyleKey), of total: Int, into surface: inout Surface,
    in inside: Rect, _ y: Int, _ context: DrawContext
  ) {
    let nameWidth = inside.width >= 20 ? 11 : 8
    let name = context.fit(Self.name(kind.kind, context), nameWidth)
    surface.put(name, inside.x + 1, y, context.look[.text])
    surface.put(
      Numbers.bytes(kind.count), endingAt: inside.right - 1, y, context.look[.text])
    Bar.draw(
      into: &surface, x: inside.x + nameWidth + 2, y: y, width: inside.width - nameWidth - 9,
      share: Double(kind.count) / Double(total), context.look, filled: kind.style, slim: true)
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
    case "others": context.say(.memoryOthers)
    default: UntrustedText.clean(kind, limit: 20)
    }
  }
}
