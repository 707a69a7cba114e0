import Glibc
import Graph

/// Losses in double precision from their formulae.
enum ReferenceLoss {
  /// Losses per image and gradient of the heatmap MSE.
  static func heatmap(
    _ a: HeatmapLoss, prediction p: Values, keypoints: Values, shape: Shape
  ) -> (losses: Values, gradient: Values) {
    let sigma = Double(a.sigma)
    let radius = 3 * sigma
    func place(_ n: Int, _ k: Int) -> (x: Double, y: Double, weight: Double) {
      let at = (n * shape.c + k) * 3
      return (
        keypoints[at] * Double(a.scaleX), keypoints[at + 1] * Double(a.scaleY), keypoints[at + 2]
      )
    }
    func counts(_ n: Int, _ k: Int) -> Bool {
      let point = place(n, k)
      return point.weight > 0 && point.x > -radius && point.x < Double(shape.w - 1) + radius
        && point.y > -radius && point.y < Double(shape.h - 1) + radius
    }
    var labelled = 0
    for n in 0..<shape.n {
      for k in 0..<shape.c where counts(n, k) { labelled += 1 }
    }
    let normalizer = 1 / Double(max(labelled, 1) * shape.h * shape.w)
    var losses = Values(repeating: 0, count: shape.n)
    var gradient = Values(repeating: 0, count: p.count)
    for n in 0..<shape.n {
      for k in 0..<shape.c where counts(n, k) {
        let point = place(n, k)
        for y in 0..<shape.h {
          for x in 0..<shape.w {
            let (dx, dy) = (Double(x) - point.x, Double(y) - point.y)
            let inside = abs(dx) <= radius && abs(dy) <= radius
            let target = inside ? exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)) : 0
            let at = ((n * shape.h + y) * shape.w + x) * shape.c + k
            let d = p[at] - target
            losses[n] += point.weight * d * d * normalizer
            gradient[at] = 2 * point.weight * d * normalizer
          }
        }
      }
    }
    return (losses, gradient)
  }

  /// Losses per image and gradient of the coordinate MSE.
  static func coordinates(
    _ a: CoordinateLoss, prediction p: Values, keypoints: Values, images: Int
  ) -> (losses: Values, gradient: Values) {
    let k = keypoints.count / 3 / images
    let labelled = stride(from: 2, to: keypoints.count, by: 3).filter { keypoints[$0] > 0 }.count
    let normalizer = 1 / Double(2 * max(labelled, 1))
    var losses = Values(repeating: 0, count: images)
    var gradient = Values(repeating: 0, count: p.count)
    for n in 0..<images {
      for point in 0..<k {
        let at = (n * k + point) * 3
        let weight = keypoints[at + 2]
        if weight <= 0 { continue }
        for axis in 0..<2 {
          let target = keypoints[at + axis] / Double(axis == 0 ? a.width : a.height)
          let index = (n * k + point) * 2 + axis
          let d = p[index] - target
          losses[n] += weight * d * d * normalizer
          gradient[index] = 2 * weight * d * normalizer
        }
      }
    }
    return (losses, gradient)
  }
}
