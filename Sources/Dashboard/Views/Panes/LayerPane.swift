import RunFiles
import Support
import TerminalUI
import TrainingAPI
import Wording

/// The layers of the model with their shapes, parameters and work.
enum LayerPane: Pane {
  static func draw(into surface: inout Surface, in rect: Rect, _ context: DrawContext) {
    let plan = context.history.plan
    let layers = plan?.layers ?? []
    let work = layers.reduce(0) { $0 + $1.flops }
    var notes: [(text: String, style: StyleKey)] = []
    if let plan {
      notes.append((context.say(.layerParameters, count(plan.parameters)), .text))
      if work > 0 { notes.append((context.say(.layerWork, count(work)), .text)) }
    }
    let title = UntrustedText.clean(plan?.model ?? "", limit: 30)
    let inside = Frame(context.say(.paneLayers, title), notes: notes)
      .draw(into: &surface, in: rect, context.look)
    guard !layers.isEmpty else {
      context.center(context.say(.noLayers), into: &surface, in: inside, .faint)
      return
    }
    let isWide = inside.width >= 76
    let largest = layers.map(\.flops).max() ?? 1
    // Names and ops have what they need, the bars the rest; in a narrow window the names have the rest.
    let names = layers.map { UntrustedText.clean($0.name, limit: 60) }
    let nameWidth = names.map { CharacterWidth.of($0) }.max() ?? 0
    let opWidth = layers.map { CharacterWidth.of(UntrustedText.clean($0.op, limit: 20)) }.max() ?? 0
    let fixed = 13 + 7 + 7 + (context.state.profile == nil ? 0 : 7) + 6
    let hasRoom = inside.width >= fixed + nameWidth + opWidth + 16
    let barWidth = hasRoom ? min(60, inside.width - fixed - nameWidth - opWidth - 3) : 10
    var columns = [
      Table.Column(context.say(.columnLayer), width: hasRoom ? nameWidth : 0),
      Table.Column(context.say(.columnOutput), width: 13, alignsRight: true),
      Table.Column(context.say(.columnParameters), width: 7, alignsRight: true),
    ]
    if isWide {
      columns.insert(Table.Column(context.say(.columnOp), width: hasRoom ? opWidth : 13), at: 1)
      columns.append(Table.Column("FLOPs", width: 7, alignsRight: true))
      columns.append(Table.Column("", width: barWidth))
    }
    // Forward and backward together, where somebody had them measured.
    var times: [String: Double] = [:]
    for op in context.state.profile?.ops ?? [] { times[op.layer, default: 0] += op.seconds }
    if !times.isEmpty {
      columns.append(Table.Column(context.say(.columnTime), width: 6, alignsRight: true))
    }
    let bars = context.look.symbols.slimBars
    let rows = layers.map { layer -> [Table.Field] in
      let output = layer.output.dropFirst().map(String.init).joined(separator: "x")
      var row = [
        Table.Field(UntrustedText.clean(layer.name, limit: 60)),
        Table.Field(output, .faint),
        Table.Field(layer.parameters > 0 ? count(layer.parameters) : "-"),
      ]
      if isWide {
        let op = UntrustedText.clean(layer.op, limit: 20)
        row.insert(Table.Field(hasRoom ? op : context.fit(op, 13), .faint), at: 1)
        row.append(Table.Field(count(layer.flops)))
        let share = Double(layer.flops) / Double(max(1, largest))
        let cells = Int((Double(barWidth) * share).rounded())
        row.append(
          Table.Field(
            String(repeating: String(bars[bars.count - 1]), count: min(barWidth, cells)), .meter))
      }
      if !times.isEmpty {
        row.append(Table.Field(times[layer.name].map { NumberText.fixed(1000 * $0, 1) } ?? "-"))
      }
      return row
    }
    ScrollTable(columns: columns, rows: rows, list: context.state.layers)
      .draw(into: &surface, in: inside, context.look)
  }

  /// A count in few characters, by thousands: `2.19M`.
  static func count(_ value: Int) -> String {
    let units = ["", "k", "M", "G", "T"]
    var (number, unit) = (Double(value), 0)
    while number >= 1000, unit < units.count - 1 {
      number /= 1000
      unit += 1
    }
    return (unit == 0 ? "\(value)" : NumberText.significant(number, 3)) + units[unit]
  }
}
