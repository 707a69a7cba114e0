/// One point of a curve, or several that were joined: then with their smallest and largest value.
public struct ChartPoint: Sendable, Hashable {
  /// Position on the horizontal axis.
  public var x: Double
  /// The value; what is not finite leaves a gap.
  public var value: Double
  /// The smallest value that the point stands for.
  public var low: Double
  /// The largest value that the point stands for.
  public var high: Double

  /// A point.
  public init(x: Double, value: Double, low: Double? = nil, high: Double? = nil) {
    self.x = x
    self.value = value
    self.low = low ?? value
    self.high = high ?? value
  }
}

/// A curve of a chart.
public struct ChartSeries: Sendable {
  /// How the points are joined.
  public enum Line: Sendable {
    /// By a solid line, through each point's whole range.
    case solid
    /// By a dashed line, with a small mark at each point.
    case dashed
    /// Not at all: only the ranges are drawn.
    case ranges
    /// By a solid line through the mean of each column: for curves that were smoothed.
    case means
    /// The ranges are filled, one curve's above another's; as dots where a terminal cannot fill them.
    case areas
  }
  /// What the curve is called where it is exported.
  public var name: String
  /// Points by rising x.
  public var points: [ChartPoint]
  /// How they are joined.
  public var line: Line
  /// How the curve looks.
  public var style: StyleKey
  /// A letter that stands at the curve's last point; nil for none.
  public var letter: Unicode.Scalar?

  /// A curve.
  public init(
    _ points: [ChartPoint], name: String = "", line: Line = .solid, style: StyleKey,
    letter: Unicode.Scalar? = nil
  ) {
    self.points = points
    self.name = name
    self.line = line
    self.style = style
    self.letter = letter
  }
}

/// A labelled place on the horizontal axis.
public struct ChartMark: Sendable {
  /// What is marked.
  public enum Kind: Sendable {
    /// A change by hand: a faint line through the plot and a label.
    case edit
    /// Something that was saved: a small mark on the axis.
    case checkpoint
    /// The best so far: a line through the plot and a label.
    case best
  }
  /// Position on the horizontal axis.
  public var x: Double
  /// What stands below it.
  public var label: String
  /// What is marked.
  public var kind: Kind

  /// A mark.
  public init(x: Double, label: String = "", kind: Kind = .edit) {
    self.x = x
    self.label = label
    self.kind = kind
  }
}

/// Curves over a common axis. Every column shows the smallest and largest value of all points that
/// fall into it, so that a spike of one step stays visible however many steps there are.
public struct LineChart: Sendable {
  /// What the horizontal axis counts.
  public enum Unit: Sendable {
    /// Whole things, such as steps.
    case whole
    /// Parts as well, such as epochs.
    case decimal
    /// Seconds, shown as minutes and hours.
    case seconds
  }

  /// The curves; later ones lie above earlier ones.
  public var series: [ChartSeries]
  /// Marks on the horizontal axis.
  public var marks: [ChartMark]
  /// Whether the vertical axis is logarithmic; where values are not positive it is linear around 0.
  public var isLogarithmic: Bool
  /// Whether the vertical axis leaves out the outermost hundredth of the values at each end.
  public var clipsOutliers: Bool
  /// What the horizontal axis covers; nil for all points.
  public var horizontal: ClosedRange<Double>?
  /// What the horizontal axis counts.
  public var unit: Unit
  /// A place on the horizontal axis with a line through the plot.
  public var cursor: Double?

  /// A chart.
  public init(
    _ series: [ChartSeries], marks: [ChartMark] = [], isLogarithmic: Bool = false,
    clipsOutliers: Bool = false, horizontal: ClosedRange<Double>? = nil, unit: Unit = .whole,
    cursor: Double? = nil
  ) {
    self.series = series
    self.marks = marks
    self.isLogarithmic = isLogarithmic
    self.clipsOutliers = clipsOutliers
    self.horizontal = horizontal
    self.unit = unit
    self.cursor = cursor
  }

  /// Where the curves lie when the chart is drawn in a rectangle.
  public func plot(in rect: Rect) -> Rect { frame(in: rect, ChartScale(self)).plot }

  private func frame(
    in rect: Rect, _ scale: ChartScale
  ) -> (plot: Rect, ticks: [(value: Double, label: String)], hasAxes: Bool) {
    let hasAxes = rect.width >= 16 && rect.height >= 4
    let ticks = hasAxes ? scale.verticalTicks(count: Self.tickCount(rect.height - 2)) : []
    let gutter = hasAxes ? max(4, (ticks.map(\.label.utf8.count).max() ?? 0) + 1) : 0
    let plot = Rect(
      x: rect.x + gutter + (hasAxes ? 1 : 0), y: rect.y,
      width: rect.width - gutter - (hasAxes ? 1 : 0), height: rect.height - (hasAxes ? 2 : 0))
    return (plot, ticks, hasAxes)
  }

  /// How many numbers stand beside so many rows: close ones in a low plot, far apart in a high one.
  private static func tickCount(_ rows: Int) -> Int { rows < 10 ? max(2, rows / 2) : 2 + rows / 4 }

  /// Draws the chart with its axes, or without them where there is no room.
  public func draw(into surface: inout Surface, in rect: Rect, _ look: Look) {
    let scale = ChartScale(self)
    let (plot, ticks, hasAxes) = frame(in: rect, scale)
    guard !plot.isEmpty else { return }
    if hasAxes {
      drawVerticalAxis(into: &surface, plot, ticks, scale, look)
      drawHorizontalAxis(into: &surface, plot, scale, look)
    }
    let fills = StackedArea.isShown(look) && series.contains { $0.line == .areas }
    if fills { StackedArea(scale: scale, look: look).draw(series, into: &surface, plot) }
    var canvas = DotCanvas(
      columns: plot.width, rows: plot.height, glyphs: look.capabilities.glyphs)
    var gaps: Set<Int> = []
    for (index, series) in series.enumerated() where !fills || series.line != .areas {
      let layer = UInt8(min(250, index + 1))
      ChartRaster(scale: scale, layer: layer).draw(series, on: &canvas, gaps: &gaps)
    }
    for row in 0..<canvas.rows {
      for column in 0..<canvas.columns {
        guard let cell = canvas.cell(column, row) else { continue }
        let (x, y) = (plot.x + column, plot.y + row)
        var style = look[series[Int(cell.layer) - 1].style]
        if fills { style = style.on(StackedArea.ground(of: surface[x, y])) }
        surface.set(x, y, cell.scalar, style)
      }
    }
    if look.capabilities.glyphs == .ascii { drawPlain(canvas, into: &surface, plot, scale, look) }
    drawLetters(into: &surface, plot, scale, look)
    drawCursor(into: &surface, plot, scale, look)
    guard hasAxes else { return }
    for dot in gaps {
      surface.set(plot.x + dot / canvas.dots.x, plot.bottom, "x", look[.bad])
    }
  }

  /// Curves that need telling apart carry a letter at their end.
  private func drawLetters(
    into surface: inout Surface, _ plot: Rect, _ scale: ChartScale, _ look: Look
  ) {
    for series in series {
      guard let letter = series.letter,
        let last = series.points.last(where: {
          $0.value.isFinite && (scale.horizontal($0.x).map { (0...1).contains($0) } ?? false)
        }),
        let x = scale.horizontal(last.x), let y = scale.vertical(last.value)
      else { continue }
      surface.set(
        plot.x + Int((x * Double(plot.width - 1)).rounded()),
        plot.y + Int(((1 - y) * Double(plot.height - 1)).rounded()), letter, look[series.style])
    }
  }

  private func drawCursor(
    into surface: inout Surface, _ plot: Rect, _ scale: ChartScale, _ look: Look
  ) {
    guard let cursor, let share = scale.horizontal(cursor), (0...1).contains(share) else { return }
    let x = plot.x + Int((share * Double(plot.width - 1)).rounded())
    for y in plot.y..<plot.bottom {
      // The curves stay to be seen through the line.
      if surface[x, y].scalar == " " || surface[x, y].scalar == look.symbols.guide {
        surface.set(x, y, look.symbols.vertical, look[.marker])
      }
    }
  }

  /// In ASCII a curve is told by its characters: ranges are colons, measurements are letters.
  private func drawPlain(
    _ canvas: DotCanvas, into surface: inout Surface, _ plot: Rect, _ scale: ChartScale,
    _ look: Look
  ) {
    for row in 0..<canvas.rows {
      for column in 0..<canvas.columns {
        guard let cell = canvas.cell(column, row) else { continue }
        let series = series[Int(cell.layer) - 1]
        guard series.line == .ranges || series.line == .areas else { continue }
        surface.set(plot.x + column, plot.y + row, ":", look[series.style])
      }
    }
    for series in series where series.line == .dashed {
      for point in series.points {
        guard let x = scale.horizontal(point.x), (0...1).contains(x),
          let y = scale.vertical(point.value)
        else { continue }
        surface.set(
          plot.x + Int((x * Double(plot.width - 1)).rounded()),
          plot.y + Int(((1 - y) * Double(plot.height - 1)).rounded()), "o", look[series.style])
      }
    }
  }

  private func drawVerticalAxis(
    into surface: inout Surface, _ plot: Rect, _ ticks: [(value: Double, label: String)],
    _ scale: ChartScale, _ look: Look
  ) {
    let line = look[.frame]
    for y in plot.y..<plot.bottom { surface.set(plot.x - 1, y, look.symbols.vertical, line) }
    surface.set(plot.x - 1, plot.bottom, look.symbols.corners[2], line)
    var lastRow = Int.max
    for tick in ticks {
      guard let share = scale.vertical(tick.value) else { continue }
      let row = plot.y + Int(((1 - share) * Double(plot.height * 4 - 1)).rounded()) / 4
      // Labels on neighbouring rows would read as one.
      guard row <= lastRow - 2 || lastRow == .max, row >= plot.y, row < plot.bottom else {
        continue
      }
      lastRow = row
      surface.set(plot.x - 1, row, look.symbols.tickLeft, line)
      surface.put(tick.label, endingAt: plot.x - 1, row, look[.faint])
    }
  }

  private func drawHorizontalAxis(
    into surface: inout Surface, _ plot: Rect, _ scale: ChartScale, _ look: Look
  ) {
    let (axis, labels) = (plot.bottom, plot.bottom + 1)
    for x in plot.x..<plot.right {
      surface.set(x, axis, look.symbols.horizontal, look[.frame])
    }
    // Marks first: their labels matter more than those of the ticks.
    var taken: [Range<Int>] = []
    func free(_ range: Range<Int>) -> Bool {
      range.lowerBound >= plot.x - 1 && range.upperBound <= plot.right
        && taken.allSatisfy { !$0.overlaps(range) }
    }
    var lastSaved = Int.min / 2
    for mark in marks {
      guard let share = scale.horizontal(mark.x), (0...1).contains(share) else { continue }
      let x = plot.x + Int((share * Double(plot.width - 1)).rounded())
      let style: StyleKey = mark.kind == .best ? .good : mark.kind == .edit ? .marker : .faint
      guard mark.kind != .checkpoint else {
        // Marks that would make a row of their own say nothing.
        if surface[x, axis].scalar == look.symbols.horizontal, x >= lastSaved + 6 {
          lastSaved = x
          surface.set(x, axis, look.symbols.saved, look[style])
        }
        continue
      }
      for y in plot.y..<plot.bottom where surface[x, y].scalar == " " {
        surface.set(x, y, look.symbols.guide, look[.track])
      }
      surface.set(
        x, axis, mark.kind == .best ? look.symbols.best : look.symbols.marker, look[style])
      let length = CharacterWidth.of(mark.label)
      let start = max(plot.x, min(plot.right - length, x - length / 2))
      let range = start - 1..<start + length + 1
      guard length > 0, start + length <= plot.right, taken.allSatisfy({ !$0.overlaps(range) })
      else { continue }
      taken.append(range)
      surface.put(mark.label, start, labels, look[style])
    }
    for tick in scale.horizontalTicks(count: max(1, plot.width / 12)) {
      guard let share = scale.horizontal(tick), (0...1).contains(share) else { continue }
      let x = plot.x + Int((share * Double(plot.width - 1)).rounded())
      if surface[x, axis].scalar == look.symbols.horizontal {
        surface.set(x, axis, look.symbols.tickDown, look[.frame])
      }
      let text = scale.horizontalLabel(tick)
      let start = max(plot.x - 1, min(plot.right - text.utf8.count, x - text.utf8.count / 2))
      let range = start..<start + text.utf8.count
      guard free(range) else { continue }
      taken.append(range)
      surface.put(text, start, labels, look[.faint])
    }
  }
}
