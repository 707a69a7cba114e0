import Glibc

/// A horizontal bar that is filled to a share of its length.
public enum Bar {
  /// Draws a bar in one row; `share` outside of 0...1 is cut, NaN is empty.
  public static func draw(
    into surface: inout Surface, x: Int, y: Int, width: Int, share: Double, _ look: Look,
    filled: StyleKey = .meter, track: Bool = false, slim: Bool = false
  ) {
    guard width > 0 else { return }
    let bars = slim ? look.symbols.slimBars : look.symbols.bars
    let share = share.isFinite ? min(1, max(0, share)) : 0
    let units = Int((share * Double(width * bars.count)).rounded())
    for column in 0..<width {
      let rest = units - column * bars.count
      if rest >= bars.count {
        surface.set(x + column, y, bars[bars.count - 1], look[filled])
      } else if rest > 0 {
        surface.set(x + column, y, bars[rest - 1], look[filled])
      } else if track {
        surface.set(x + column, y, look.symbols.track, look[.track])
      }
    }
  }
}

/// A horizontal bar of several parts, one behind the other.
public enum StackedBar {
  /// A part of the whole.
  public struct Part {
    let share: Double
    let style: StyleKey
    let isFaint: Bool

    /// - Parameters:
    ///   - share: of the whole, 0...1.
    ///   - isFaint: whether it is drawn broken, so that it differs without colours too.
    public init(share: Double, style: StyleKey, isFaint: Bool = false) {
      self.share = share
      self.style = style
      self.isFaint = isFaint
    }
  }

  /// Draws parts in one row, and the track behind them; the first part has at least one cell.
  public static func draw(
    _ parts: [Part], into surface: inout Surface, x: Int, y: Int, width: Int, _ look: Look
  ) {
    let symbols = look.symbols
    var (sum, column) = (0.0, 0)
    for (index, part) in parts.enumerated() where part.share.isFinite && part.share > 0 {
      sum += part.share
      let end = min(width, max(Int((sum * Double(width)).rounded()), index == 0 ? 1 : 0))
      while column < end {
        let glyph =
          part.isFaint ? symbols.slimBars[0] : symbols.slimBars[symbols.slimBars.count - 1]
        surface.set(x + column, y, glyph, look[part.style])
        column += 1
      }
    }
    while column < width {
      surface.set(x + column, y, symbols.track, look[.track])
      column += 1
    }
  }
}

/// A small curve without axes, as high as its rectangle.
public enum Sparkline {
  /// Values of which the newest differ little and the first lie far above them, so that the course of
  /// both can be seen: logarithms, cut where only the first tenth lies.
  public static func leveled(_ values: some Collection<Double>) -> [Double] {
    let levels = values.map { $0 > 0 ? log($0) : .nan }
    let later = levels.dropFirst(levels.count / 10).filter(\.isFinite)
    guard let top = later.max() else { return levels }
    return levels.map { $0.isFinite ? min($0, top) : .nan }
  }

  /// Draws values from left to right; what is not finite leaves a gap.
  public static func draw(
    _ values: [Double], into surface: inout Surface, in rect: Rect, _ look: Look,
    style: StyleKey = .meter
  ) {
    let finite = values.filter(\.isFinite)
    guard !rect.isEmpty, let low = finite.min(), let high = finite.max() else { return }
    var canvas = DotCanvas(
      columns: rect.width, rows: rect.height, glyphs: look.capabilities.glyphs)
    let span = high - low > 0 ? high - low : 1
    var last: (x: Int, y: Int)?
    for (index, value) in values.enumerated() {
      guard value.isFinite else {
        last = nil
        continue
      }
      let x = values.count > 1 ? index * (canvas.width - 1) / (values.count - 1) : 0
      let share = high > low ? (value - low) / span : 0.5
      let y = Int(((1 - share) * Double(canvas.height - 1)).rounded())
      canvas.line(last?.x ?? x, last?.y ?? y, x, y, layer: 1)
      last = (x, y)
    }
    canvas.draw(into: &surface, x: rect.x, y: rect.y) { _ in look[style] }
  }
}
