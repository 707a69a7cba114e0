/// The angles of an arm, in degrees.
struct ArmPose {
  /// From hanging (0) over level (90) to straight up (180).
  var raise: Double
  /// Where the raised arm points: 0 to its own side, 90 to the front.
  var azimuth: Double
  /// The elbow, from straight (0) to closed (150).
  var elbow: Double
  /// What the bent forearm turns to: shares of front, up and inward.
  var turn: Vector

  static func random(_ dice: inout Dice) -> ArmPose {
    switch dice.weighted([30, 12, 12, 12, 11, 12, 11]) {
    case 0:  // hanging
      return ArmPose(
        raise: dice.uniform(3, 28), azimuth: dice.uniform(-20, 60), elbow: dice.uniform(0, 45),
        turn: Vector(1, 0.2, dice.uniform(-0.2, 0.6)))
    case 1:  // hand on the hip
      return ArmPose(
        raise: dice.uniform(32, 55), azimuth: dice.uniform(-30, 10), elbow: dice.uniform(75, 110),
        turn: Vector(0.4, -0.1, 1))
    case 2:  // stretched out
      return ArmPose(
        raise: dice.uniform(60, 115), azimuth: dice.uniform(-15, 35), elbow: dice.uniform(0, 30),
        turn: Vector(0.5, 0.5, 0))
    case 3:  // raised
      return ArmPose(
        raise: dice.uniform(125, 175), azimuth: dice.uniform(-10, 40), elbow: dice.uniform(0, 50),
        turn: Vector(0.2, 0.2, dice.uniform(0, 1)))
    case 4:  // waving
      return ArmPose(
        raise: dice.uniform(60, 110), azimuth: dice.uniform(-10, 40), elbow: dice.uniform(60, 125),
        turn: Vector(0.2, 1, dice.uniform(-0.2, 0.5)))
    case 5:  // in front of the chest
      return ArmPose(
        raise: dice.uniform(15, 60), azimuth: dice.uniform(40, 95), elbow: dice.uniform(60, 125),
        turn: Vector(0.6, dice.uniform(0.2, 1), dice.uniform(0.2, 1.2)))
    default:
      return ArmPose(
        raise: dice.uniform(5, 170), azimuth: dice.uniform(-35, 110), elbow: dice.uniform(0, 130),
        turn: Vector(
          dice.uniform(0.1, 1), dice.uniform(-0.3, 1), dice.uniform(-0.3, 1)))
    }
  }
}

/// The angles of a leg, in degrees.
struct LegPose {
  /// The thigh, from straight down (0) to level (90).
  var raise: Double
  /// Where it is raised to: 0 to its own side, 90 to the front, -90 to the back.
  var azimuth: Double
  /// The knee, from straight (0) to closed (140).
  var knee: Double
}

/// All angles of a figure.
struct BodyPose {
  /// The body's turn: 0 faces the viewer, 180 shows the back.
  var yaw: Double
  /// The whole body's lean to a side of the screen.
  var tilt: Double
  /// The body's lean to its front.
  var lean: Double
  /// The chest against the pelvis.
  var bend: (side: Double, front: Double, twist: Double)
  /// The head against the chest.
  var head: (yaw: Double, pitch: Double, roll: Double)
  var leftArm: ArmPose
  var rightArm: ArmPose
  var leftLeg: LegPose
  var rightLeg: LegPose

  static func random(_ dice: inout Dice) -> BodyPose {
    let isBack = dice.chance(0.3)
    let turned = dice.chance(0.2) ? dice.uniform(-65, 65) : dice.normal(0, 20)
    let tilted = dice.chance(0.22) ? dice.uniform(-30, 30) : dice.normal(0, 5)
    var pose = BodyPose(
      yaw: turned + (isBack ? 180 : 0), tilt: tilted, lean: dice.normal(3, 5),
      bend: (dice.normal(0, 9), dice.normal(4, 8), dice.normal(0, 9)),
      head: (dice.normal(0, 18), dice.normal(2, 8), dice.normal(0, 8)),
      leftArm: .random(&dice), rightArm: .random(&dice),
      leftLeg: LegPose(raise: 0, azimuth: 0, knee: 0),
      rightLeg: LegPose(raise: 0, azimuth: 0, knee: 0))
    if dice.chance(0.25) { pose.rightArm = pose.leftArm }
    pose.chooseLegs(&dice)
    return pose
  }

  private mutating func chooseLegs(_ dice: inout Dice) {
    switch dice.weighted([31, 17, 16, 11, 13, 12]) {
    case 0:  // standing
      leftLeg = LegPose(raise: dice.uniform(1, 9), azimuth: 0, knee: dice.uniform(0, 10))
      rightLeg = LegPose(raise: dice.uniform(1, 9), azimuth: 0, knee: dice.uniform(0, 10))
    case 1:  // walking or running
      let stride = dice.uniform(15, 55)
      leftLeg = LegPose(raise: stride, azimuth: 82, knee: dice.uniform(5, 80))
      rightLeg = LegPose(
        raise: stride * dice.uniform(0.4, 0.8), azimuth: -82, knee: dice.uniform(10, 80))
      lean += dice.uniform(0, 12)
      if dice.chance(0.5) { swap(&leftLeg, &rightLeg) }
    case 2:  // legs apart
      let spread = dice.uniform(14, 42)
      leftLeg = LegPose(
        raise: spread + dice.uniform(-6, 6), azimuth: dice.uniform(-10, 20),
        knee: dice.uniform(0, 30))
      rightLeg = LegPose(
        raise: spread + dice.uniform(-6, 6), azimuth: dice.uniform(-10, 20),
        knee: dice.uniform(0, 30))
    case 3:  // squatting or sitting
      let depth = dice.uniform(45, 95)
      let spread = dice.uniform(15, 70)
      leftLeg = LegPose(
        raise: depth, azimuth: 90 - spread + dice.uniform(-8, 8), knee: depth * 1.15)
      rightLeg = LegPose(
        raise: depth, azimuth: 90 - spread + dice.uniform(-8, 8), knee: depth * 1.15)
      lean += dice.uniform(0, 20)
    case 4:  // on one leg
      leftLeg = LegPose(raise: dice.uniform(0, 8), azimuth: 0, knee: dice.uniform(0, 12))
      rightLeg = LegPose(
        raise: dice.uniform(35, 95), azimuth: dice.uniform(0, 80), knee: dice.uniform(0, 125))
      tilt += dice.uniform(-8, 8)
      if dice.chance(0.5) { swap(&leftLeg, &rightLeg) }
    default:  // a lunge to a side
      leftLeg = LegPose(
        raise: dice.uniform(35, 65), azimuth: dice.uniform(-5, 30), knee: dice.uniform(45, 95))
      rightLeg = LegPose(
        raise: dice.uniform(25, 55), azimuth: dice.uniform(-15, 15), knee: dice.uniform(0, 15))
      if dice.chance(0.5) { swap(&leftLeg, &rightLeg) }
    }
  }
}
