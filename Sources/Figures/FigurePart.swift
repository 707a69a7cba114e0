import Raster

/// What belongs together when parts lie in front of one another.
enum BodyGroup: Int {
  case hairBehind, pelvis, leftLeg, rightLeg, torso, leftArm, rightArm, head
}

/// One drawn shape of a figure.
struct FigurePart {
  let shape: Shape
  let paint: Paint
  /// The colour of the edge, drawn below; nil for none.
  let outline: Color?
  /// Where the edge is drawn; nil stands for all around the shape.
  var outlined: Shape?
}

/// Where a figure stands in a picture: the pelvis' pixel, and pixels per stature.
struct Placement {
  var x: Double
  var y: Double
  var scale: Double

  func point(_ v: Vector) -> Shape.Point { Shape.Point(x + scale * v.x, y - scale * v.y) }
}

/// A figure as shapes from back to front, with what is known of its keypoints.
struct PlacedFigure {
  private(set) var groups: [(group: BodyGroup, parts: [FigurePart])]
  /// The 17 keypoints, px.
  let joints: [Shape.Point]
  /// Whether each keypoint is seen when nothing else stands in front of the figure.
  private(set) var isVisible: [Bool]
  private let outlineWidth: Double

  /// Sorts the groups by their depth, the farthest first.
  init(
    groups: [(group: BodyGroup, depth: Double, parts: [FigurePart])], joints: [Shape.Point],
    facesAway: [Bool], outlineWidth: Double
  ) {
    let sorted = groups.sorted { ($0.depth, $0.group.rawValue) < ($1.depth, $1.group.rawValue) }
    self.groups = sorted.map { ($0.group, $0.parts) }
    self.joints = joints
    self.outlineWidth = outlineWidth
    isVisible = []
    isVisible = joints.indices.map { !facesAway[$0] && !isCovered($0) }
  }

  /// Whether a part of another limb is drawn over a keypoint.
  private func isCovered(_ joint: Int) -> Bool {
    let own = Self.groups(of: joint)
    let last = groups.lastIndex { own.contains($0.group) } ?? 0
    return groups[(last + 1)...].contains { group in
      group.group != .hairBehind && group.parts.contains { covers($0, joints[joint]) }
    }
  }

  private func covers(_ part: FigurePart, _ point: Shape.Point) -> Bool {
    part.shape.distance(point.x, point.y) < -0.5
  }

  /// Whether any part lies over a point.
  func covers(_ point: Shape.Point) -> Bool {
    groups.contains { $0.parts.contains { covers($0, point) } }
  }

  private static func groups(of joint: Int) -> [BodyGroup] {
    switch joint {
    case 0...4: [.head]
    case 5: [.torso, .leftArm]
    case 6: [.torso, .rightArm]
    case 7, 9: [.leftArm]
    case 8, 10: [.rightArm]
    case 11: [.torso, .pelvis, .leftLeg]
    case 12: [.torso, .pelvis, .rightLeg]
    case 13, 15: [.leftLeg]
    default: [.rightLeg]
    }
  }

  /// All shapes with their outlines.
  var shapes: [Shape] {
    groups.flatMap { group in
      group.parts.map { $0.outline == nil ? $0.shape : $0.shape.grown(by: outlineWidth) }
    }
  }

  /// The extent of all shapes: left, top, right, bottom.
  var bounds: (left: Double, top: Double, right: Double, bottom: Double) {
    var result = (
      left: Double.infinity, top: Double.infinity, right: -Double.infinity,
      bottom: -Double.infinity
    )
    for shape in shapes {
      let bounds = shape.bounds
      result.left = min(result.left, bounds.left)
      result.top = min(result.top, bounds.top)
      result.right = max(result.right, bounds.right)
      result.bottom = max(result.bottom, bounds.bottom)
    }
    return result
  }

  func draw(on canvas: inout Canvas) {
    for group in groups {
      for part in group.parts {
        if let outline = part.outline {
          canvas.draw((part.outlined ?? part.shape).grown(by: outlineWidth), outline)
        }
        canvas.draw(part.shape, part.paint)
      }
    }
  }
}
