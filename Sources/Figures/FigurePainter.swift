import Glibc
import Raster

/// Turns a body in clothes into shapes.
struct FigurePainter {
  let body: Body
  let wardrobe: Wardrobe
  let placement: Placement
  let size: Proportions

  init(body: Body, wardrobe: Wardrobe, placement: Placement) {
    self.body = body
    self.wardrobe = wardrobe
    self.placement = placement
    size = body.proportions
  }

  func figure() -> PlacedFigure {
    let joints = body.joints
    var groups: [(group: BodyGroup, depth: Double, parts: [FigurePart])] = [
      (.torso, body.neckBase.z / 2, torso()),
      (.pelvis, -0.2, pelvis()),
    ]
    for (offset, arm, leg) in [
      (0, BodyGroup.leftArm, BodyGroup.leftLeg), (1, .rightArm, .rightLeg),
    ] {
      let armDepth = (joints[7 + offset].z + joints[9 + offset].z) / 2 + 0.03
      groups.append((arm, armDepth, self.arm(offset)))
      let legDepth = joints[13 + offset].z * 0.7 + joints[15 + offset].z * 0.3 - 0.13
      groups.append((leg, legDepth, self.leg(offset)))
    }
    let head = HeadPainter(painter: self)
    groups.append((.head, body.headCenter.z + 0.06, head.parts()))
    groups.append((.hairBehind, body.neckBase.z / 2 - 0.02, head.hairBehind()))
    return PlacedFigure(
      groups: groups, joints: joints.map { placement.point($0) }, facesAway: head.facesAway(),
      outlineWidth: wardrobe.outline * max(0.45, placement.scale * 0.0055))
  }

  /// A limb's segment with round shading.
  ///
  /// Its edge leaves out the shares `bare` and `bareEnd` of its length, so that no line marks a
  /// joint.
  func segment(
    _ from: Vector, _ radius0: Double, _ to: Vector, _ radius1: Double, _ color: Color,
    bare: Double = 0, bareEnd: Double = 0
  ) -> FigurePart {
    let (a, b) = (placement.point(from), placement.point(to))
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = max((dx * dx + dy * dy).squareRoot(), 1e-6)
    let (first, last) = (radius0 * placement.scale, radius1 * placement.scale)
    return FigurePart(
      shape: .capsule(x0: a.x, y0: a.y, radius0: first, x1: b.x, y1: b.y, radius1: last),
      paint: .round(
        color, x: a.x, y: a.y, axisX: dx / length, axisY: dy / length,
        radius: max(first, last), shade: 0.3), outline: color.scaled(0.55),
      outlined: .capsule(
        x0: a.x + dx * bare, y0: a.y + dy * bare, radius0: first + (last - first) * bare,
        x1: b.x - dx * bareEnd, y1: b.y - dy * bareEnd,
        radius1: last - (last - first) * bareEnd))
  }

  private func arm(_ offset: Int) -> [FigurePart] {
    let (shoulder, elbow, wrist) = (
      body.joints[5 + offset], body.joints[7 + offset], body.joints[9 + offset]
    )
    let build = size.build
    let radii = (0.037 * build, 0.030 * build, 0.022 * build)
    let isLong = wardrobe.sleeves == .long
    let lowerColor = isLong ? wardrobe.shirt : wardrobe.skin
    let loose = isLong ? 0.004 : 0
    let isLowerNearer = wrist.z > (shoulder.z + elbow.z) / 2
    var upper = [
      segment(
        shoulder, radii.0 + loose, elbow, radii.1 + loose, lowerColor, bare: 0.3,
        bareEnd: isLowerNearer ? 0 : 0.3)
    ]
    if wardrobe.sleeves == .short {
      let end = shoulder + (elbow - shoulder) * 0.52
      upper.append(
        segment(shoulder, radii.0 + 0.006, end, radii.0 + 0.003, wardrobe.shirt, bare: 0.5))
    }
    let hand = segment(
      wrist, 0.021 * build, body.hands[offset], 0.019 * build, wardrobe.skin)
    let lower = [
      segment(
        elbow, radii.1 + loose, wrist, radii.2 + loose, lowerColor, bare: 0.3,
        bareEnd: isLong ? 0 : 0.2)
    ]
    return isLowerNearer ? upper + [hand] + lower : [hand] + lower + upper
  }

  private func leg(_ offset: Int) -> [FigurePart] {
    let (hip, knee, ankle) = (
      body.joints[11 + offset], body.joints[13 + offset], body.joints[15 + offset]
    )
    let build = size.build
    let radii = (0.058 * build, 0.042 * build, 0.026 * build)
    let isLong = wardrobe.legs == .trousers
    let loose = isLong ? 0.006 : 0
    let lowerColor = isLong ? wardrobe.bottom : wardrobe.skin
    let isLowerNearer = ankle.z > (hip.z + knee.z) / 2
    var upper = [
      segment(
        hip, radii.0 + loose, knee, radii.1 + loose, lowerColor, bare: 0.35,
        bareEnd: isLowerNearer ? 0 : 0.3)
    ]
    if wardrobe.legs == .shorts {
      let end = hip + (knee - hip) * 0.68
      upper.append(
        segment(hip, radii.0 + 0.007, end, radii.1 + 0.014, wardrobe.bottom, bare: 0.5))
    }
    let shoe = segment(
      ankle + (ankle - knee).unit * 0.012, 0.026 * build, body.toes[offset], 0.021 * build,
      wardrobe.shoes)
    let lower = [
      segment(
        knee, radii.1 + loose, ankle, radii.2 + loose, lowerColor, bare: 0.3,
        bareEnd: isLong ? 0 : 0.2)
    ]
    return isLowerNearer ? upper + lower + [shoe] : [shoe] + lower + upper
  }

  private func pelvis() -> [FigurePart] {
    let (left, right) = (body.joints[11], body.joints[12])
    let color = wardrobe.bottom
    return [
      segment(left, 0.058 * size.build, right, 0.058 * size.build, color),
      segment(body.pelvisCenter, 0.07 * size.build, body.waist, 0.06 * size.build, color),
    ]
  }

  private func torso() -> [FigurePart] {
    let joints = body.joints
    let build = size.build
    var parts: [FigurePart] = []
    if wardrobe.legs == .skirt { parts.append(skirt()) }
    let radius = 0.034 * build
    func inward(_ v: Vector, _ to: Vector, _ share: Double) -> Vector { v + (to - v) * share }
    let chestLeft = inward(joints[5], joints[6], 0.06)
    let chestRight = inward(joints[6], joints[5], 0.06)
    let waistOut = size.hips * 0.75 + 0.012 * build
    let hem = body.pelvis.y * -0.005
    let corners = [
      body.neckBase + body.chest.x * 0.03, chestLeft,
      body.waist + body.pelvis.x * waistOut,
      joints[11] + hem + body.pelvis.x * 0.012,
      joints[12] + hem - body.pelvis.x * 0.012,
      body.waist - body.pelvis.x * waistOut, chestRight,
      body.neckBase - body.chest.x * 0.03,
    ].map { placement.point($0) }
    let (top, bottom) = (placement.point(body.neckBase), placement.point(body.pelvisCenter))
    let (dx, dy) = (bottom.x - top.x, bottom.y - top.y)
    let length = max((dx * dx + dy * dy).squareRoot(), 1e-6)
    parts.append(
      FigurePart(
        shape: .polygon(corners, radius: radius * placement.scale),
        paint: woven(
          wardrobe.shirtPattern,
          .round(
            wardrobe.shirt, x: top.x, y: top.y, axisX: dx / length, axisY: dy / length,
            radius: (size.shoulders + 0.05) * placement.scale, shade: 0.28),
          x: top.x + dx * 0.42, y: top.y + dy * 0.42, axisX: dx / length, axisY: dy / length),
        outline: wardrobe.shirt.scaled(0.55)))
    // A neckline that is deeper in front than behind, and the neck out of it.
    let depth = body.chest.z.z > 0 ? 0.034 : 0.02
    let collar = placement.point(body.neckBase + body.chest.y * 0.024)
    parts.append(
      FigurePart(
        shape: .ellipse(
          x: collar.x, y: collar.y, radiusX: 0.044 * build * placement.scale,
          radiusY: depth * placement.scale, angle: atan2(body.chest.y.x, body.chest.y.y)),
        paint: .solid(wardrobe.skin.scaled(0.9)), outline: nil))
    // From behind the hair hangs over the neck, which ends below it.
    let share = body.chest.z.z > 0 ? 1 : 0.35
    parts.append(
      segment(
        body.neckBase + body.chest.y * 0.02, 0.034 * build,
        body.neckBase + (body.headCenter - body.neckBase) * share, 0.034 * build,
        wardrobe.skin.scaled(0.95), bare: 0.5))
    return parts
  }

  /// A paint with the wardrobe's pattern in it, where it has one.
  private func woven(
    _ pattern: (kind: Paint.Pattern.Kind, color: Color, period: Double)?, _ paint: Paint,
    x: Double, y: Double, axisX: Double, axisY: Double
  ) -> Paint {
    guard let pattern else { return paint }
    return .patterned(
      paint, pattern.color,
      Paint.Pattern(
        pattern.kind, x: x, y: y, axisX: axisX, axisY: axisY,
        period: max(2.4, pattern.period * placement.scale)))
  }

  private func skirt() -> FigurePart {
    let joints = body.joints
    func hem(_ hip: Vector, _ knee: Vector, _ side: Double) -> Vector {
      hip + (knee - hip) * 0.62 + body.pelvis.x * (0.045 * side)
    }
    let corners = [
      joints[11] + body.pelvis.y * 0.03, hem(joints[11], joints[13], 1),
      hem(joints[12], joints[14], -1), joints[12] + body.pelvis.y * 0.03,
    ].map { placement.point($0) }
    return FigurePart(
      shape: .polygon(corners, radius: 0.03 * placement.scale),
      paint: woven(
        wardrobe.bottomPattern,
        .round(
          wardrobe.bottom, x: placement.point(body.pelvisCenter).x,
          y: placement.point(body.pelvisCenter).y, axisX: 0, axisY: 1,
          radius: 0.16 * placement.scale, shade: 0.25),
        x: placement.point(body.pelvisCenter).x, y: placement.point(body.pelvisCenter).y, axisX: 0,
        axisY: 1), outline: wardrobe.bottom.scaled(0.55))
  }
}
