/// Bands above one another, each filled with its colour: a cell shows two of them, which meet at an
/// eighth of its height.
struct StackedArea {
  let scale: ChartScale
  let look: Look

  /// How much of a band's colour is left beside that of the ground, so that curves stand out from it.
  private static let strength: Float = 0.5

  /// Whether a terminal can show it; elsewhere the bands are drawn as dots.
  static func isShown(_ look: Look) -> Bool { look.capabilities.hasPictures }

  /// The part of a column of cells that a band fills, in eighths of a cell from the bottom.
  private struct Slab {
    var low: Int
    var high: Int
    var color: Color
  }

  /// Draws the series that are areas, the lowest first.
  func draw(_ series: [ChartSeries], into surface: inout Surface, _ plot: Rect) {
    var columns = [[Slab]](repeating: [], count: plot.width)
    for series in series where series.line == .areas {
      let color = color(of: series.style)
      for (column, extent) in extents(series, plot).enumerated() {
        guard let extent, extent.upperBound > extent.lowerBound else { continue }
        columns[column].append(Slab(low: extent.lowerBound, high: extent.upperBound, color: color))
      }
    }
    for (column, slabs) in columns.enumerated() where !slabs.isEmpty {
      for row in 0..<plot.height {
        let bottom = 8 * (plot.height - 1 - row)
        guard let cell = cell(slabs, bottom) else { continue }
        surface.set(plot.x + column, plot.y + row, cell.scalar, cell.style)
      }
    }
  }

  /// What a band covers in each column of cells: that of its last point there, or of the point before.
  private func extents(_ series: ChartSeries, _ plot: Rect) -> [Range<Int>?] {
    var found = [Range<Int>?](repeating: nil, count: plot.width)
    var last = -1
    for point in series.points {
      guard let share = scale.horizontal(point.x), (0...1).contains(share) else { continue }
      let column = Int((share * Double(plot.width - 1)).rounded())
      guard point.value.isFinite, let low = scale.vertical(point.low),
        let high = scale.vertical(point.high)
      else { continue }
      let height = Double(8 * plot.height)
      let extent =
        Int(
          (low * height).rounded())..<max(
          Int((high * height).rounded()), Int((low * height).rounded()))
      if last >= 0, last + 1 < column { for gap in last + 1..<column { found[gap] = found[last] } }
      found[column] = extent
      last = column
    }
    return found
  }

  /// One cell: the two bands that have most of it, or one and the ground.
  private func cell(_ slabs: [Slab], _ bottom: Int) -> (scalar: Unicode.Scalar, style: Style)? {
    // What fills each eighth of the cell, from the bottom; nil for the ground.
    let eighths: [Color?] = (0..<8).map { eighth in
      let at = bottom + eighth
      return slabs.last { $0.low <= at && at < $0.high }?.color
    }
    guard eighths.contains(where: { $0 != nil }) else { return nil }
    var counts: [(color: Color?, first: Int, count: Int)] = []
    for (index, color) in eighths.enumerated() {
      if let known = counts.firstIndex(where: { $0.color == color }) {
        counts[known].count += 1
      } else {
        counts.append((color, index, 1))
      }
    }
    let kept = counts.sorted { ($0.count, -$0.first) > ($1.count, -$1.first) }.prefix(2)
      .sorted { $0.first < $1.first }
    let ground = look.base.background
    guard kept.count == 2 else { return (" ", Style(.terminal, on: kept[0].color ?? ground)) }
    let boundary = kept[1].first
    guard let lower = kept[0].color, let block = Unicode.Scalar(0x2580 + UInt32(boundary)) else {
      // A band that hangs in the air: its larger part decides.
      return kept[0].count > kept[1].count
        ? nil : (" ", Style(.terminal, on: kept[1].color ?? ground))
    }
    return (block, Style(lower, on: kept[1].color ?? ground))
  }

  private func color(of style: StyleKey) -> Color {
    let own = look[style].foreground
    guard let ink = own.exact else { return own }
    let isLight = look.capabilities.isGroundLight == true
    let ground = look.base.background.exact ?? (isLight ? (250, 250, 250) : (18, 20, 24))
    func mixed(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8(Self.strength * Float(a) + (1 - Self.strength) * Float(b))
    }
    let (red, green, blue) = (
      mixed(ink.red, ground.red), mixed(ink.green, ground.green), mixed(ink.blue, ground.blue)
    )
    return look.capabilities.depth == .direct
      ? .rgb(red, green, blue) : .palette(Palette.nearestOfPicture(red, green, blue))
  }

  /// The colour behind a curve that crosses a cell: that of the larger part.
  static func ground(of cell: Cell) -> Color {
    guard (0x2581...0x2587).contains(cell.scalar.value) else { return cell.style.background }
    return cell.scalar.value >= 0x2584 ? cell.style.foreground : cell.style.background
  }
}
