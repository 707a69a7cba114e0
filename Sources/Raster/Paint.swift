import Glibc

/// A colour; red, green and blue in 0...1 as the screen shows them (sRGB), and its opacity.
public struct Color: Sendable, Hashable {
  /// 0...1.
  public var red: Float
  /// 0...1.
  public var green: Float
  /// 0...1.
  public var blue: Float
  /// 0 (invisible)...1.
  public var alpha: Float

  /// A colour.
  public init(_ red: Float, _ green: Float, _ blue: Float, alpha: Float = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// A colour from hue (0..<1 around the circle from red), saturation and lightness in 0...1.
  public init(hue: Double, saturation: Double, lightness: Double) {
    func channel(_ shift: Double) -> Float {
      let place = (shift + hue * 12).truncatingRemainder(dividingBy: 12)
      let swing = saturation * min(lightness, 1 - lightness)
      return Float(lightness - swing * max(-1, min(place - 3, 9 - place, 1)))
    }
    self.init(channel(0), channel(8), channel(4))
  }

  /// This colour with a share of another: 0 gives this, 1 the other.
  public func mixed(_ other: Color, _ share: Float) -> Color {
    Color(
      red + (other.red - red) * share, green + (other.green - green) * share,
      blue + (other.blue - blue) * share, alpha: alpha + (other.alpha - alpha) * share)
  }

  /// The colour with its brightness multiplied.
  public func scaled(_ factor: Float) -> Color {
    Color(min(red * factor, 1), min(green * factor, 1), min(blue * factor, 1), alpha: alpha)
  }

  /// The colour with another opacity.
  public func opacity(_ alpha: Float) -> Color { Color(red, green, blue, alpha: alpha) }

  /// Distance to another colour in the cube of red, green and blue.
  public func distance(to other: Color) -> Float {
    let (r, g, b) = (red - other.red, green - other.green, blue - other.blue)
    return (r * r + g * g + b * b).squareRoot()
  }
}

/// What a shape is filled with.
public enum Paint: Sendable {
  /// One colour.
  case solid(Color)
  /// From one colour at (x0, y0) to another at (x1, y1), constant beyond.
  case linear(Color, x0: Double, y0: Double, Color, x1: Double, y1: Double)
  /// From the inside colour to the outside colour over `depth` pixels below the outline.
  case rim(inside: Color, outside: Color, depth: Double)
  /// Rounded: lit from the direction (lightX, lightY), darker on the other side of the line through
  /// (x, y) with direction (axisX, axisY); `radius` is the half width.
  case round(
    Color, x: Double, y: Double, axisX: Double, axisY: Double, radius: Double, shade: Float)
  /// A pattern of a second colour woven into another paint; it is lit as that paint is.
  indirect case patterned(Paint, Color, Pattern)

  /// A repeating pattern in a turned frame.
  public struct Pattern: Sendable, Hashable {
    /// What is repeated.
    public enum Kind: Sendable, Hashable, CaseIterable {
      /// Lines across the axis.
      case stripes
      /// Lines along the axis.
      case pinstripes
      /// Both.
      case checks
      /// Discs.
      case dots
      /// All that lies before the frame's origin.
      case block
    }

    /// What is repeated.
    public var kind: Kind
    /// The frame's origin, px.
    public var x: Double
    /// The frame's origin, px.
    public var y: Double
    /// The axis' direction.
    public var axisX: Double
    /// The axis' direction.
    public var axisY: Double
    /// Length of a repetition, px.
    public var period: Double

    /// A pattern.
    public init(
      _ kind: Kind, x: Double, y: Double, axisX: Double, axisY: Double, period: Double
    ) {
      self.kind = kind
      self.x = x
      self.y = y
      self.axisX = axisX
      self.axisY = axisY
      self.period = period
    }

    /// How much of the second colour a pixel has, 0...1, with edges a pixel wide.
    func share(_ px: Double, _ py: Double) -> Double {
      let (dx, dy) = (px - x, py - y)
      let (along, across) = (dx * axisX + dy * axisY, dx * axisY - dy * axisX)
      func wave(_ value: Double) -> Double {
        let place = (value / period - (value / period).rounded(.down)) * period
        return min(max(min(place, period * 0.45 - place) + 0.5, 0), 1)
      }
      func bulge(_ value: Double) -> Double {
        (value / period - (value / period).rounded()) * period
      }
      switch kind {
      case .stripes: return wave(along)
      case .pinstripes: return wave(across)
      case .checks: return (wave(along) + wave(across)) / 2
      case .dots:
        let (u, v) = (bulge(along), bulge(across))
        return min(max(period * 0.26 - (u * u + v * v).squareRoot() + 0.5, 0), 1)
      case .block: return min(max(0.5 - along, 0), 1)
      }
    }
  }

  /// The paint with another colour in its place, lit the same.
  private func recolored(_ color: Color) -> Paint {
    switch self {
    case .round(_, let x, let y, let axisX, let axisY, let radius, let shade):
      .round(color, x: x, y: y, axisX: axisX, axisY: axisY, radius: radius, shade: shade)
    default: .solid(color)
    }
  }

  /// The colour at a pixel, `distance` below the outline.
  func color(_ x: Double, _ y: Double, distance: Double) -> Color {
    switch self {
    case .solid(let color): return color
    case .patterned(let paint, let second, let pattern):
      let base = paint.color(x, y, distance: distance)
      let share = pattern.share(x, y)
      if share <= 0 { return base }
      let other = paint.recolored(second).color(x, y, distance: distance)
      return base.mixed(other, Float(share))
    case .linear(let first, let x0, let y0, let second, let x1, let y1):
      let (dx, dy) = (x1 - x0, y1 - y0)
      let squared = dx * dx + dy * dy
      guard squared > 0 else { return first }
      let share = ((x - x0) * dx + (y - y0) * dy) / squared
      return first.mixed(second, Float(min(max(share, 0), 1)))
    case .rim(let inside, let outside, let depth):
      return outside.mixed(inside, Float(min(max(-distance / max(depth, 1e-6), 0), 1)))
    case .round(let color, let centerX, let centerY, let axisX, let axisY, let radius, let shade):
      // Light falls from the upper left; the side of the axis that faces it is brighter.
      let across = ((x - centerX) * axisY - (y - centerY) * axisX) / max(radius, 1e-6)
      let side = axisY * -0.6 + axisX * 0.8
      let lit = Float(min(max(across * (side >= 0 ? 1 : -1), -1), 1))
      return color.scaled(1 + shade * (0.35 * lit - 0.65 * lit * lit + 0.2))
    }
  }
}
