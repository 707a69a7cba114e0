import Glibc

/// A point or direction: x to the right of the screen, y up, z towards the viewer.
typealias Vector = SIMD3<Double>

extension SIMD3<Double> {
  var length: Double { (self * self).sum().squareRoot() }

  /// The same direction with length 1; a zero vector stays.
  var unit: Vector {
    let length = length
    return length > 1e-12 ? self / length : self
  }

  func dot(_ other: Vector) -> Double { (self * other).sum() }

  /// What is left of `other` after taking away its share along this direction, with length 1.
  func perpendicular(towards other: Vector) -> Vector {
    (other - self * other.dot(self)).unit
  }
}

/// A turn of space, as its three axes.
struct Rotation {
  /// Where left, up and front of the turned body point.
  var x = Vector(1, 0, 0)
  var y = Vector(0, 1, 0)
  var z = Vector(0, 0, 1)

  func apply(_ v: Vector) -> Vector { x * v.x + y * v.y + z * v.z }

  /// This turn, in a body that `outer` turns.
  func within(_ outer: Rotation) -> Rotation {
    Rotation(x: outer.apply(x), y: outer.apply(y), z: outer.apply(z))
  }

  /// A turn of the body to its own left, in degrees.
  static func yaw(_ degrees: Double) -> Rotation {
    let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    return Rotation(x: Vector(c, 0, -s), y: Vector(0, 1, 0), z: Vector(s, 0, c))
  }

  /// A lean to the front, in degrees.
  static func pitch(_ degrees: Double) -> Rotation {
    let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    return Rotation(x: Vector(1, 0, 0), y: Vector(0, c, s), z: Vector(0, -s, c))
  }

  /// A lean to the body's own right, in degrees.
  static func roll(_ degrees: Double) -> Rotation {
    let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    return Rotation(x: Vector(c, s, 0), y: Vector(-s, c, 0), z: Vector(0, 0, 1))
  }
}
