import Glibc
import Graph

/// Losses in double precision from their formulae; gradients by the chain rule written out.
enum ReferenceLoss {
  typealias Result = (losses: Values, gradient: Values)

  /// Value and slope of one pixel's error at a target.
  private static func pixel(
    _ kind: HeatmapLoss.Kind, error: Double, target: Double
  ) -> (value: Double, slope: Double) {
    switch kind {
    case .squared: return (error * error, 2 * error)
    case .adaptiveWing(let alpha, let omega, let epsilon, let theta):
      let (alpha, omega) = (Double(alpha), Double(omega))
      let (epsilon, theta) = (Double(epsilon), Double(theta))
      let power = alpha - target
      let size = abs(error)
      let sign: Double = error < 0 ? -1 : 1
      if size < theta {
        let u = pow(size / epsilon, power)
        return (
          omega * log(1 + u),
          sign * omega * power * pow(size / epsilon, power - 1) / (epsilon * (1 + u))
        )
      }
      let a =
        omega / (1 + pow(theta / epsilon, power)) * power * pow(theta / epsilon, power - 1)
        / epsilon
      let c = theta * a - omega * log(1 + pow(theta / epsilon, power))
      return (a * size - c, sign * a)
    }
  }

  /// Losses per image and gradient of a heatmap loss.
  static func heatmap(
    _ a: HeatmapLoss, prediction p: Values, keypoints: Values, shape: Shape
  ) -> Result {
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
    var divisor = 0
    switch a.normalization {
    case .labelled:
      for n in 0..<shape.n {
        for k in 0..<shape.c where counts(n, k) { divisor += 1 }
      }
    case .all: divisor = shape.n * shape.c
    case .hardest(let count): divisor = shape.n * min(count, shape.c)
    }
    let normalizer = 1 / Double(max(divisor, 1) * shape.h * shape.w)
    var losses = Values(repeating: 0, count: shape.n)
    var gradient = Values(repeating: 0, count: p.count)
    for n in 0..<shape.n {
      var sums = Values(repeating: 0, count: shape.c)
      for k in 0..<shape.c where counts(n, k) {
        let point = place(n, k)
        for y in 0..<shape.h {
          for x in 0..<shape.w {
            let (dx, dy) = (Double(x) - point.x, Double(y) - point.y)
            let inside = abs(dx) <= radius && abs(dy) <= radius
            let target = inside ? exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)) : 0
            let at = ((n * shape.h + y) * shape.w + x) * shape.c + k
            let (value, slope) = pixel(a.kind, error: p[at] - target, target: target)
            sums[k] += point.weight * value * normalizer
            gradient[at] = point.weight * slope * normalizer
          }
        }
      }
      if case .hardest(let count) = a.normalization {
        let order = sums.indices.sorted { (sums[$0], $1) > (sums[$1], $0) }
        for k in order.dropFirst(count) {
          sums[k] = 0
          for pixel in 0..<shape.h * shape.w {
            gradient[(n * shape.h * shape.w + pixel) * shape.c + k] = 0
          }
        }
      }
      losses[n] = sums.reduce(0, +)
    }
    return (losses, gradient)
  }

  /// Value and slope of one coordinate's error; the error is a share of the input's size.
  private static func coordinate(
    _ kind: CoordinateLoss.Kind, error: Double, size: Double
  ) -> (value: Double, slope: Double) {
    let sign: Double = error < 0 ? -1 : 1
    let pixels = abs(error) * size
    switch kind {
    case .squared, .objectKeypointSimilarity: return (error * error, 2 * error)
    case .smoothL1(let beta):
      let beta = Double(beta)
      return abs(error) < beta
        ? (error * error / (2 * beta), error / beta) : (abs(error) - beta / 2, sign)
    case .wing(let omega, let epsilon):
      let (omega, epsilon) = (Double(omega), Double(epsilon))
      if pixels < omega {
        return (omega * log(1 + pixels / epsilon), sign * size * omega / (epsilon + pixels))
      }
      return (pixels - (omega - omega * log(1 + omega / epsilon)), sign * size)
    case .softWing(let omega1, let omega2, let epsilon):
      let (omega1, omega2) = (Double(omega1), Double(omega2))
      let epsilon = Double(epsilon)
      if pixels < omega1 { return (pixels, sign * size) }
      let b = omega1 - omega2 * log(1 + omega1 / epsilon)
      return (
        omega2 * log(1 + pixels / epsilon) + b, sign * size * omega2 / (epsilon + pixels)
      )
    }
  }

  /// Losses per image and gradient of a coordinate loss.
  static func coordinates(
    _ a: CoordinateLoss, prediction p: Values, keypoints: Values, images: Int
  ) -> Result {
    let k = keypoints.count / 3 / images
    if a.kind == .objectKeypointSimilarity {
      return similarity(a, prediction: p, keypoints: keypoints, images: images)
    }
    let labelled = stride(from: 2, to: keypoints.count, by: 3).filter { keypoints[$0] > 0 }.count
    let normalizer = 1 / Double(2 * max(labelled, 1))
    var losses = Values(repeating: 0, count: images)
    var gradient = Values(repeating: 0, count: p.count)
    for n in 0..<images {
      for point in 0..<k {
        let at = (n * k + point) * 3
        if keypoints[at + 2] <= 0 { continue }
        let own = a.pointValues.isEmpty ? 1 : Double(a.pointValues[point])
        let weight = keypoints[at + 2] * own * normalizer
        for axis in 0..<2 {
          let size = Double(axis == 0 ? a.width : a.height)
          let index = (n * k + point) * 2 + axis
          let (value, slope) = coordinate(
            a.kind, error: p[index] - keypoints[at + axis] / size, size: size)
          losses[n] += weight * value
          gradient[index] = weight * slope
        }
      }
    }
    return (losses, gradient)
  }

  private static func similarity(
    _ a: CoordinateLoss, prediction p: Values, keypoints: Values, images: Int
  ) -> Result {
    let k = keypoints.count / 3 / images
    var losses = Values(repeating: 0, count: images)
    var gradient = Values(repeating: 0, count: p.count)
    let persons = (0..<images).map { n in
      (0..<k).filter { keypoints[3 * (n * k + $0) + 2] > 0 }
    }
    let normalizer = 1 / Double(max(persons.filter { !$0.isEmpty }.count, 1))
    for (n, points) in persons.enumerated() where !points.isEmpty {
      let xs = points.map { keypoints[3 * (n * k + $0)] }
      let ys = points.map { keypoints[3 * (n * k + $0) + 1] }
      let weights = points.map { keypoints[3 * (n * k + $0) + 2] }
      let (width, height) = (Double(a.width), Double(a.height))
      let extent = ((xs.max() ?? 0) - (xs.min() ?? 0)) * ((ys.max() ?? 0) - (ys.min() ?? 0))
      let area = max(0.53 * extent, width * height / 100)
      var sum = 0.0
      for (index, point) in points.enumerated() {
        let at = 2 * (n * k + point)
        let (dx, dy) = (p[at] * width - xs[index], p[at + 1] * height - ys[index])
        let sigma = Double(a.pointValues[point])
        let spread = 2 * area * (2 * sigma) * (2 * sigma)
        let value = exp(-(dx * dx + dy * dy) / spread) * weights[index] / weights.reduce(0, +)
        sum += value
        gradient[at] = normalizer * value * 2 * dx / spread * width
        gradient[at + 1] = normalizer * value * 2 * dy / spread * height
      }
      losses[n] = (1 - sum) * normalizer
    }
    return (losses, gradient)
  }

  /// Losses per image and gradient of SimCC's loss.
  static func simcc(
    _ a: SimCCLoss, prediction p: Values, keypoints: Values, images: Int
  ) -> Result {
    let k = keypoints.count / 3 / images
    let sigma = Double(a.sigma)
    var losses = Values(repeating: 0, count: images)
    var gradient = Values(repeating: 0, count: p.count)
    for n in 0..<images {
      for point in 0..<k {
        let at = (n * k + point) * 3
        let centers = [keypoints[at] * Double(a.scale), keypoints[at + 1] * Double(a.scale)]
        let axes = [(a.binsX, 0), (a.binsY, a.binsX)]
        let isInside = zip(centers, axes).allSatisfy { center, axis in
          center > -3 * sigma && center < Double(axis.0 - 1) + 3 * sigma
        }
        guard keypoints[at + 2] > 0, isInside else { continue }
        for (center, (bins, first)) in zip(centers, axes) {
          let start = (n * k + point) * (a.binsX + a.binsY) + first
          let logits = p[start..<start + bins].map { $0 }
          let total = logits.reduce(0) { $0 + exp($1) }
          let scale = keypoints[at + 2] / Double(images * k * bins)
          let targets = (0..<bins).map { bin in
            exp(-pow(Double(bin) - center, 2) / (2 * sigma * sigma))
              / (sigma * (2 * Double.pi).squareRoot())
          }
          let mass = targets.reduce(0, +)
          for bin in 0..<bins {
            let probability = exp(logits[bin]) / total
            if targets[bin] > 0 {
              losses[n] += scale * targets[bin] * (log(targets[bin]) - log(probability))
            }
            gradient[start + bin] = scale * (mass * probability - targets[bin])
          }
        }
      }
    }
    return (losses, gradient)
  }
}
