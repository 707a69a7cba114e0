import Glibc

/// A map of the plane: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`.
public struct AffineMap: Sendable, Hashable {
  /// Share of x in x'.
  public var a: Double
  /// Share of y in x'.
  public var b: Double
  /// Shift of x', px.
  public var c: Double
  /// Share of x in y'.
  public var d: Double
  /// Share of y in y'.
  public var e: Double
  /// Shift of y', px.
  public var f: Double

  /// A map from its six numbers.
  public init(a: Double, b: Double, c: Double, d: Double, e: Double, f: Double) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
    self.e = e
    self.f = f
  }

  /// The map that changes nothing.
  public static let identity = AffineMap(a: 1, b: 0, c: 0, d: 0, e: 1, f: 0)

  /// A scaling of each axis after which (x, y) is moved.
  public static func scaling(
    _ x: Double, _ y: Double, shiftX: Double = 0, shiftY: Double = 0
  ) -> AffineMap {
    AffineMap(a: x, b: 0, c: shiftX, d: 0, e: y, f: shiftY)
  }

  /// A turn by `degrees` (clockwise on the screen, where y points down) and a scaling about a point.
  public static func turn(
    degrees: Double, scale: Double, aboutX: Double, aboutY: Double
  ) -> AffineMap {
    let angle = degrees * .pi / 180
    let (cosine, sine) = (cos(angle) * scale, sin(angle) * scale)
    return AffineMap(
      a: cosine, b: -sine, c: aboutX - cosine * aboutX + sine * aboutY,
      d: sine, e: cosine, f: aboutY - sine * aboutX - cosine * aboutY)
  }

  /// The mirror image in a picture of that width: `x' = width - 1 - x`.
  public static func mirror(width: Int) -> AffineMap {
    AffineMap(a: -1, b: 0, c: Double(width - 1), d: 0, e: 1, f: 0)
  }

  /// The image of a point.
  public func apply(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (a * x + b * y + c, d * x + e * y + f)
  }

  /// First this map, then `next`.
  public func then(_ next: AffineMap) -> AffineMap {
    AffineMap(
      a: next.a * a + next.b * d, b: next.a * b + next.b * e,
      c: next.a * c + next.b * f + next.c,
      d: next.d * a + next.e * d, e: next.d * b + next.e * e,
      f: next.d * c + next.e * f + next.f)
  }

  /// The map back; nil when this one flattens the plane.
  public var inverse: AffineMap? {
    let determinant = a * e - b * d
    guard determinant.isFinite, abs(determinant) > 1e-300 else { return nil }
    let (ia, ib, id, ie) = (
      e / determinant, -b / determinant, -d / determinant, a / determinant
    )
    return AffineMap(
      a: ia, b: ib, c: -(ia * c + ib * f), d: id, e: ie, f: -(id * c + ie * f))
  }

  /// From the pixels of a picture to those of an input that shows a person's box with a margin.
  ///
  /// The box grows by `padding` about its centre, then on its short side to the input's aspect.
  /// Unbiased: the box's centre lands on ((W - 1) / 2, (H - 1) / 2) and the scale is (W - 1) / w;
  /// classic: on (W / 2, H / 2), and W / w (mmpose's `TopdownAffine` in both forms).
  public static func crop(
    _ box: Box, padding: Double = 1.25, width: Int, height: Int, convention: CoordinateConvention
  ) -> AffineMap {
    let region = cropRegion(box, padding: padding, width: width, height: height)
    let (spanX, spanY) = (convention.span(width), convention.span(height))
    let (scaleX, scaleY) = (spanX / region.width, spanY / region.height)
    let (centerX, centerY) = (region.x + region.width / 2, region.y + region.height / 2)
    return scaling(
      scaleX, scaleY, shiftX: spanX / 2 - scaleX * centerX, shiftY: spanY / 2 - scaleY * centerY)
  }

  /// The box with its margin and grown to the input's aspect: what a crop shows of the picture.
  public static func cropRegion(
    _ box: Box, padding: Double = 1.25, width: Int, height: Int
  ) -> Box {
    var (w, h) = (max(box.width, 1e-3), max(box.height, 1e-3))
    let aspect = Double(width) / Double(height)
    if w > h * aspect { h = w / aspect } else { w = h * aspect }
    (w, h) = (w * padding, h * padding)
    return Box(
      x: box.x + box.width / 2 - w / 2, y: box.y + box.height / 2 - h / 2, width: w, height: h)
  }

  /// From the pixels of a whole picture to those of an input, without margin; the identity when
  /// both have the same size.
  public static func resize(
    fromWidth: Int, fromHeight: Int, width: Int, height: Int, convention: CoordinateConvention
  ) -> AffineMap {
    scaling(
      convention.ratio(width, to: fromWidth), convention.ratio(height, to: fromHeight))
  }
}
