public import Pose
public import Raster

/// Draws a person's keypoints and limbs on a picture: the sides in colours that colour-blind eyes tell apart
/// (orange and blue), the right one with a dark core as well, for those who see none and for grey prints.
public struct SkeletonPainter {
  /// Colour of the left side, the right side and the middle.
  static let colors: [BodySide: Color] = [
    .left: Color(0.98, 0.62, 0.16), .right: Color(0.2, 0.68, 0.98),
    .middle: Color(0.55, 0.9, 0.35),
  ]
  private static let edge = Color(0.05, 0.05, 0.07, alpha: 0.65)

  private static let core = Color(0.03, 0.08, 0.16, alpha: 0.9)

  private let schema: KeypointSchema

  /// A painter for the people of a schema.
  public init(schema: KeypointSchema) { self.schema = schema }

  private func side(_ from: Int, _ to: Int) -> BodySide {
    let sides = [schema.side(of: from), schema.side(of: to)]
    if sides.contains(.left), !sides.contains(.right) { return .left }
    if sides.contains(.right), !sides.contains(.left) { return .right }
    return .middle
  }

  /// Draws the labelled points; `width` is that of a limb, px.
  public func draw(_ points: [Keypoint], on canvas: inout Canvas, width: Double) {
    var lines: [(Shape, Color)] = []
    var cores: [Shape] = []
    for (from, to) in schema.skeleton
    where points[from].isLabelled && points[to].isLabelled {
      let (a, b) = (points[from], points[to])
      lines.append(
        (
          .line(a.x, a.y, b.x, b.y, width: width),
          Self.colors[side(from, to), default: Color(1, 1, 1)]
        ))
      if side(from, to) == .right { cores.append(.line(a.x, a.y, b.x, b.y, width: width * 0.3)) }
    }
    for (index, point) in points.enumerated() where point.isLabelled {
      lines.append(
        (
          .disc(x: point.x, y: point.y, radius: width * 0.95),
          Self.colors[side(index, index), default: Color(1, 1, 1)].mixed(Color(1, 1, 1), 0.35)
        ))
      if side(index, index) == .right {
        cores.append(.disc(x: point.x, y: point.y, radius: width * 0.45))
      }
    }
    let margin = max(0.5, width * 0.25)
    for (shape, _) in lines { canvas.draw(shape.grown(by: margin), Self.edge) }
    for (shape, color) in lines { canvas.draw(shape, color) }
    for shape in cores { canvas.draw(shape, Self.core) }
  }
}
