import Glibc
import Pose

/// Lengths of a figure; its stature is about 1.
struct Proportions {
  var headWidth = 0.066
  var headHeight = 0.083
  var neck = 0.055
  var spine = 0.285
  var shoulders = 0.105
  var hips = 0.062
  var upperArm = 0.155
  var forearm = 0.145
  var thigh = 0.23
  var shin = 0.225
  var foot = 0.06
  /// Thickness of the limbs and the trunk, 1 on average.
  var build = 1.0

  static func random(_ dice: inout Dice) -> Proportions {
    var result = Proportions()
    let head = dice.uniform(1.02, 1.38)
    result.headWidth *= head * dice.uniform(0.95, 1.06)
    result.headHeight *= head
    result.spine *= dice.uniform(0.93, 1.07)
    result.shoulders *= dice.uniform(0.9, 1.16)
    result.hips *= dice.uniform(0.88, 1.18)
    let arms = dice.uniform(0.92, 1.08)
    result.upperArm *= arms
    result.forearm *= arms
    let legs = dice.uniform(0.88, 1.08)
    result.thigh *= legs
    result.shin *= legs
    result.build = dice.uniform(0.82, 1.28)
    if dice.chance(0.18) { result.makeChild() }
    return result
  }

  /// A child has a larger head, shorter limbs and narrower shoulders for its stature.
  private mutating func makeChild() {
    headWidth *= 1.22
    headHeight *= 1.2
    shoulders *= 0.92
    upperArm *= 0.88
    forearm *= 0.88
    thigh *= 0.86
    shin *= 0.86
    build *= 1.06
  }
}

/// The places of a figure's joints, by forward kinematics from its angles.
struct Body {
  let proportions: Proportions
  let head: Rotation
  let chest: Rotation
  let pelvis: Rotation
  let headCenter: Vector
  let neckBase: Vector
  let waist: Vector
  let pelvisCenter: Vector
  /// The 17 keypoints of COCO, in COCO's order.
  private(set) var joints: [Vector]
  /// Tips of the feet, left and right.
  let toes: [Vector]
  /// Ends of the hands, left and right.
  let hands: [Vector]

  init(pose: BodyPose, proportions: Proportions) {
    self.proportions = proportions
    let heading = Rotation.yaw(pose.yaw).within(.roll(pose.tilt))
    pelvis = Rotation.pitch(pose.lean).within(heading)
    chest = Rotation.pitch(pose.bend.front)
      .within(.roll(pose.bend.side)).within(.yaw(pose.bend.twist)).within(pelvis)
    head = Rotation.pitch(pose.head.pitch)
      .within(.roll(pose.head.roll)).within(.yaw(pose.head.yaw)).within(chest)
    pelvisCenter = Vector.zero
    waist = pelvis.y * (proportions.spine * 0.35)
    neckBase = waist + chest.y * (proportions.spine * 0.65)
    headCenter =
      neckBase + chest.y * proportions.neck + head.y * (proportions.headHeight * 0.92)
    var joints = [Vector](repeating: .zero, count: 17)
    let face = Self.face(proportions)
    for index in 0..<5 { joints[index] = headCenter + head.apply(face[index]) }
    var toes: [Vector] = []
    var hands: [Vector] = []
    for (side, arm, leg) in [
      (1.0, pose.leftArm, pose.leftLeg), (-1.0, pose.rightArm, pose.rightLeg),
    ] {
      let offset = side > 0 ? 0 : 1
      let shoulder =
        neckBase + chest.x * (side * proportions.shoulders) - chest.y * (proportions.spine * 0.09)
      let (elbow, wrist) = Self.arm(arm, side, shoulder, chest, proportions)
      joints[5 + offset] = shoulder
      joints[7 + offset] = elbow
      joints[9 + offset] = wrist
      hands.append(wrist + (wrist - elbow).unit * 0.028)
      let hip = pelvis.x * (side * proportions.hips) - pelvis.y * 0.012
      let (knee, ankle, toe) = Self.leg(leg, side, hip, pelvis, proportions)
      joints[11 + offset] = hip
      joints[13 + offset] = knee
      joints[15 + offset] = ankle
      toes.append(toe)
    }
    self.joints = joints
    self.toes = toes
    self.hands = hands
  }

  /// Nose, eyes and ears in the head's own axes.
  static func face(_ proportions: Proportions) -> [Vector] {
    let size = Vector(proportions.headWidth, proportions.headHeight, proportions.headWidth)
    return [
      Vector(0, -0.14, 1.08), Vector(0.4, 0.1, 0.9), Vector(-0.4, 0.1, 0.9),
      Vector(1.0, -0.02, -0.05), Vector(-1.0, -0.02, -0.05),
    ].map { $0 * size }
  }

  private static func direction(
    raise: Double, azimuth: Double, side: Double, _ axes: Rotation
  ) -> Vector {
    let (polar, turn) = (raise * .pi / 180, azimuth * .pi / 180)
    return axes.apply(
      Vector(side * sin(polar) * cos(turn), -cos(polar), sin(polar) * sin(turn)))
  }

  private static func arm(
    _ pose: ArmPose, _ side: Double, _ shoulder: Vector, _ axes: Rotation, _ size: Proportions
  ) -> (elbow: Vector, wrist: Vector) {
    let upper = direction(raise: pose.raise, azimuth: pose.azimuth, side: side, axes)
    let towards = axes.apply(Vector(-side * pose.turn.z, pose.turn.y, pose.turn.x))
    let angle = pose.elbow * .pi / 180
    let lower = upper * cos(angle) + upper.perpendicular(towards: towards) * sin(angle)
    let elbow = shoulder + upper * size.upperArm
    return (elbow, elbow + lower * size.forearm)
  }

  private static func leg(
    _ pose: LegPose, _ side: Double, _ hip: Vector, _ axes: Rotation, _ size: Proportions
  ) -> (knee: Vector, ankle: Vector, toe: Vector) {
    let thigh = direction(raise: pose.raise, azimuth: pose.azimuth, side: side, axes)
    let angle = pose.knee * .pi / 180
    let towards = thigh.perpendicular(towards: -axes.z * 0.8 - axes.y * 0.7)
    let shin = thigh * cos(angle) + towards * sin(angle)
    let knee = hip + thigh * size.thigh
    let ankle = knee + shin * size.shin
    let out = (axes.z * 0.8 + axes.x * (side * 0.45)).unit
    let forward = shin.perpendicular(towards: out + axes.y * 0.05)
    return (knee, ankle, ankle + (forward * 0.9 + shin * 0.35).unit * size.foot)
  }
}
