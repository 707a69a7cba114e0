import Glibc
import Raster

/// The head: a face for those who look at the viewer, hair for the others.
struct HeadPainter {
  let painter: FigurePainter
  private let head: Rotation
  private let width: Double
  private let height: Double
  /// How the head is turned on the screen, radians.
  private let angle: Double

  init(painter: FigurePainter) {
    self.painter = painter
    head = painter.body.head
    width = painter.size.headWidth * painter.placement.scale
    height = painter.size.headHeight * painter.placement.scale
    angle = atan2(head.y.x, head.y.y)
  }

  private var wardrobe: Wardrobe { painter.wardrobe }
  private var isFront: Bool { head.z.z > 0 }

  /// Whether each of the 17 keypoints lies on the side of the head that is turned away.
  func facesAway() -> [Bool] {
    let face = Body.face(painter.size)
    return (0..<17).map { joint in
      guard joint < 5 else { return false }
      let depth = head.apply(face[joint].unit).z
      // An ear is seen from the side and also somewhat from behind.
      return joint < 3 ? depth < 0.08 : depth < -0.35 || (wardrobe.hair == .long)
    }
  }

  /// A point of the head, whose half axes are 1.
  private func point(_ x: Double, _ y: Double, _ z: Double) -> Shape.Point {
    let size = painter.size
    let local = Vector(x * size.headWidth, y * size.headHeight, z * size.headWidth)
    return painter.placement.point(painter.body.headCenter + head.apply(local))
  }

  private func oval(
    _ center: Shape.Point, _ radiusX: Double, _ radiusY: Double, _ color: Color,
    outline: Bool = false, shaded: Bool = false
  ) -> FigurePart {
    FigurePart(
      shape: .ellipse(
        x: center.x, y: center.y, radiusX: radiusX, radiusY: radiusY, angle: angle),
      paint: shaded
        ? .round(
          color, x: center.x, y: center.y, axisX: -sin(angle), axisY: cos(angle),
          radius: radiusX * 1.15, shade: 0.22) : .solid(color),
      outline: outline ? color.scaled(0.55) : nil)
  }

  /// Hair that hangs behind the neck of those who face the viewer.
  func hairBehind() -> [FigurePart] {
    wardrobe.hair == .long && isFront ? [mane()] : []
  }

  private func mane() -> FigurePart {
    let (top, end) = (point(0, 0.15, -0.3), point(0, -1.55, -0.45))
    return FigurePart(
      shape: .capsule(
        x0: top.x, y0: top.y, radius0: width * 1.08, x1: end.x, y1: end.y, radius1: width * 0.85),
      paint: .solid(wardrobe.hairColor), outline: wardrobe.hairColor.scaled(0.55))
  }

  func parts() -> [FigurePart] {
    var parts = behind()
    for side in [1.0, -1.0] {
      parts.append(
        oval(point(side, -0.02, -0.05), width * 0.2, height * 0.22, wardrobe.skin, outline: true))
    }
    parts.append(
      oval(point(0, 0, 0), width, height, wardrobe.skin, outline: true, shaded: true))
    if isFront {
      parts += face()
      parts += fringe()
    } else {
      parts += backOfHead()
    }
    if wardrobe.hair == .cap { parts += cap() }
    return parts
  }

  private func behind() -> [FigurePart] {
    guard isFront, wardrobe.hair != .bald else { return [] }
    var parts: [FigurePart] = []
    if wardrobe.hair == .bun {
      parts.append(
        oval(
          point(0, 1.05, -0.4), width * 0.45, width * 0.42, wardrobe.hairColor, outline: true))
    }
    parts.append(
      oval(point(0, 0.14, -0.2), width * 1.1, height * 1.03, wardrobe.hairColor, outline: true))
    return parts
  }

  private func backOfHead() -> [FigurePart] {
    switch wardrobe.hair {
    case .bald: return []
    case .cap:
      return [oval(point(0, 0.02, -0.15), width * 0.98, height * 0.86, wardrobe.hairColor)]
    case .short:
      return [
        oval(
          point(0, 0.14, -0.2), width * 1.04, height * 0.95, wardrobe.hairColor, outline: true,
          shaded: true)
      ]
    case .long:
      return [
        mane(),
        oval(point(0, 0.14, -0.2), width * 1.08, height, wardrobe.hairColor, shaded: true),
      ]
    case .bun:
      return [
        oval(
          point(0, 0.12, -0.2), width * 1.05, height * 0.98, wardrobe.hairColor, outline: true,
          shaded: true),
        oval(
          point(0, 0.62, -0.95), width * 0.45, width * 0.42, wardrobe.hairColor, outline: true),
      ]
    }
  }

  private func fringe() -> [FigurePart] {
    switch wardrobe.hair {
    case .bald, .cap: []
    default: [oval(point(0, 0.7, 0.32), width * 0.88, height * 0.36, wardrobe.hairColor)]
    }
  }

  private func cap() -> [FigurePart] {
    var parts = [
      oval(
        point(0, 0.52, -0.05), width * 1.06, height * 0.58, wardrobe.cap, outline: true,
        shaded: true)
    ]
    if head.z.z > -0.2 {
      let (left, right) = (point(0.62, 0.4, 0.95), point(-0.62, 0.4, 0.95))
      parts.append(
        FigurePart(
          shape: .capsule(
            x0: left.x, y0: left.y, radius0: height * 0.13, x1: right.x, y1: right.y,
            radius1: height * 0.13), paint: .solid(wardrobe.cap.scaled(0.8)),
          outline: wardrobe.cap.scaled(0.45)))
    }
    return parts
  }

  private func isSeen(_ x: Double, _ y: Double, _ z: Double) -> Bool {
    head.apply(Vector(x, y, z).unit).z > 0.12
  }

  private func face() -> [FigurePart] {
    var parts: [FigurePart] = []
    for side in [1.0, -1.0] where isSeen(side * 0.4, 0.1, 0.9) {
      let cheek = point(side * 0.55, -0.28, 0.75)
      parts.append(
        FigurePart(
          shape: .disc(x: cheek.x, y: cheek.y, radius: width * 0.2),
          paint: .solid(Color(0.9, 0.35, 0.3, alpha: 0.22)), outline: nil))
      parts.append(
        oval(point(side * 0.4, 0.1, 0.9), width * 0.15, height * 0.15, wardrobe.eyes))
      parts.append(
        line(
          point(side * 0.24, 0.41, 0.9), point(side * 0.58, 0.34, 0.8), width * 0.11,
          wardrobe.hairColor.scaled(0.8)))
    }
    if isSeen(0, -0.14, 1) {
      parts.append(
        oval(point(0, -0.14, 1.08), width * 0.13, height * 0.13, wardrobe.skin.scaled(0.74)))
      let mouth = Color(0.55, 0.16, 0.16)
      let (left, middle, right) = (
        point(0.3, -0.48, 0.86), point(0, -0.58, 0.92), point(-0.3, -0.48, 0.86)
      )
      parts.append(line(left, middle, width * 0.1, mouth))
      parts.append(line(middle, right, width * 0.1, mouth))
    }
    return parts
  }

  private func line(
    _ from: Shape.Point, _ to: Shape.Point, _ thickness: Double, _ color: Color
  ) -> FigurePart {
    FigurePart(
      shape: .line(from.x, from.y, to.x, to.y, width: max(thickness, 0.7)), paint: .solid(color),
      outline: nil)
  }
}
