import Glibc

/// A shape in pixels; pixel centre i is at i.
///
/// Every shape knows its signed distance (negative inside), from which the rasteriser takes how much
/// of a pixel it covers.
public enum Shape: Sendable, Hashable {
  /// A disc around (x, y).
  case disc(x: Double, y: Double, radius: Double)
  /// An ellipse around (x, y), turned clockwise on the screen by `angle` radians.
  case ellipse(x: Double, y: Double, radiusX: Double, radiusY: Double, angle: Double)
  /// The hull of two discs: a line with round caps, or a tapered limb.
  case capsule(
    x0: Double, y0: Double, radius0: Double, x1: Double, y1: Double, radius1: Double)
  /// A polygon whose corners are rounded by growing it by `radius`; even-odd inside.
  case polygon([Point], radius: Double)

  /// A point in pixels.
  public struct Point: Sendable, Hashable {
    /// Pixels from the left.
    public var x: Double
    /// Pixels from the top.
    public var y: Double

    /// A point.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A straight line with round caps.
  public static func line(
    _ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, width: Double
  ) -> Shape {
    .capsule(x0: x0, y0: y0, radius0: width / 2, x1: x1, y1: y1, radius1: width / 2)
  }

  /// An upright rectangle.
  public static func rectangle(
    x: Double, y: Double, width: Double, height: Double, radius: Double = 0
  ) -> Shape {
    let (left, top) = (x + radius, y + radius)
    let (right, bottom) = (x + width - radius, y + height - radius)
    return .polygon(
      [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)],
      radius: radius)
  }

  /// The shape grown by some pixels on all sides (shrunk when negative).
  public func grown(by margin: Double) -> Shape {
    switch self {
    case .disc(let x, let y, let radius):
      .disc(x: x, y: y, radius: max(0, radius + margin))
    case .ellipse(let x, let y, let radiusX, let radiusY, let angle):
      .ellipse(
        x: x, y: y, radiusX: max(0, radiusX + margin), radiusY: max(0, radiusY + margin),
        angle: angle)
    case .capsule(let x0, let y0, let radius0, let x1, let y1, let radius1):
      .capsule(
        x0: x0, y0: y0, radius0: max(0, radius0 + margin), x1: x1, y1: y1,
        radius1: max(0, radius1 + margin))
    case .polygon(let points, let radius): .polygon(points, radius: radius + margin)
    }
  }

  /// Distance from the outline, px; negative inside.
  public func distance(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .disc(let centerX, let centerY, let radius):
      return Self.length(x - centerX, y - centerY) - radius
    case .ellipse(let centerX, let centerY, let radiusX, let radiusY, let angle):
      return Self.ellipse(x - centerX, y - centerY, radiusX, radiusY, angle)
    case .capsule(let x0, let y0, let radius0, let x1, let y1, let radius1):
      return Self.capsule(x - x0, y - y0, x1 - x0, y1 - y0, radius0, radius1)
    case .polygon(let points, let radius):
      return Self.polygon(points, x, y) - radius
    }
  }

  /// The shape's extent: left, top, right, bottom.
  public var bounds: (left: Double, top: Double, right: Double, bottom: Double) {
    switch self {
    case .disc(let x, let y, let radius):
      return (x - radius, y - radius, x + radius, y + radius)
    case .ellipse(let x, let y, let radiusX, let radiusY, let angle):
      let (cosine, sine) = (cos(angle), sin(angle))
      let halfWidth = Self.length(radiusX * cosine, radiusY * sine)
      let halfHeight = Self.length(radiusX * sine, radiusY * cosine)
      return (x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight)
    case .capsule(let x0, let y0, let radius0, let x1, let y1, let radius1):
      return (
        min(x0 - radius0, x1 - radius1), min(y0 - radius0, y1 - radius1),
        max(x0 + radius0, x1 + radius1), max(y0 + radius0, y1 + radius1)
      )
    case .polygon(let points, let radius):
      let (xs, ys) = (points.map(\.x), points.map(\.y))
      return (
        (xs.min() ?? 0) - radius, (ys.min() ?? 0) - radius, (xs.max() ?? 0) + radius,
        (ys.max() ?? 0) + radius
      )
    }
  }

  private static func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }

  /// Exact on the outline, and to first order beside it: enough for coverage.
  private static func ellipse(
    _ x: Double, _ y: Double, _ radiusX: Double, _ radiusY: Double, _ angle: Double
  ) -> Double {
    let (radiusX, radiusY) = (max(radiusX, 1e-6), max(radiusY, 1e-6))
    let (cosine, sine) = (cos(angle), sin(angle))
    let (u, v) = (x * cosine + y * sine, -x * sine + y * cosine)
    let size = length(u / radiusX, v / radiusY)
    guard size > 1e-9 else { return -min(radiusX, radiusY) }
    let slope = length(u / (radiusX * radiusX), v / (radiusY * radiusY))
    return size * (size - 1) / slope
  }

  /// The hull of a disc at the origin and one at (bx, by).
  private static func capsule(
    _ x: Double, _ y: Double, _ bx: Double, _ by: Double, _ radius0: Double, _ radius1: Double
  ) -> Double {
    let span = length(bx, by)
    let narrowing = radius0 - radius1
    // One disc holds the other.
    if span <= abs(narrowing) || span < 1e-9 {
      return radius0 >= radius1 ? length(x, y) - radius0 : length(x - bx, y - by) - radius1
    }
    let along = (x * bx + y * by) / span
    let across = abs(x * by - y * bx) / span
    let sine = narrowing / span
    let cosine = (1 - sine * sine).squareRoot()
    // Position along the slanted side, whose ends are square to it.
    let place = along * cosine - across * sine
    if place < 0 { return length(along, across) - radius0 }
    if place > span * cosine { return length(along - span, across) - radius1 }
    return across * cosine + along * sine - radius0
  }

  private static func polygon(_ points: [Point], _ x: Double, _ y: Double) -> Double {
    guard var previous = points.last else { return .infinity }
    var nearest = Double.infinity
    var isInside = false
    for point in points {
      let (edgeX, edgeY) = (previous.x - point.x, previous.y - point.y)
      let (fromX, fromY) = (x - point.x, y - point.y)
      let squared = edgeX * edgeX + edgeY * edgeY
      let share =
        squared > 0 ? min(max((fromX * edgeX + fromY * edgeY) / squared, 0), 1) : 0
      let (restX, restY) = (fromX - edgeX * share, fromY - edgeY * share)
      nearest = min(nearest, restX * restX + restY * restY)
      if (point.y > y) != (previous.y > y) {
        let crossing = point.x + (y - point.y) / (previous.y - point.y) * (previous.x - point.x)
        if x < crossing { isInside.toggle() }
      }
      previous = point
    }
    return (isInside ? -1 : 1) * nearest.squareRoot()
  }
}
