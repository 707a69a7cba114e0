import Glibc

// Losses of coordinates and of SimCC's bins, with their gradients; formulae in the graph's
// `Losses.swift`.

/// Loss of one coordinate's error in its unit, and its slope. `kind`: 0 squared; 1 smooth L1 with
/// `a` = beta; 2 wing with `a` = omega, `b` = epsilon, `c` = C; 3 soft wing with `a` = omega1,
/// `b` = epsilon, `c` = B, `d` = omega2.
@inline(__always)
private func penalty(
  _ error: Float, _ kind: Int, _ a: Float, _ b: Float, _ c: Float, _ d: Float
) -> (value: Float, slope: Float) {
  let size = abs(error)
  let sign: Float = error < 0 ? -1 : 1
  switch kind {
  case 1:
    if size < a { return (0.5 * error * error / a, error / a) }
    return (size - 0.5 * a, sign)
  case 2:
    if size < a { return (a * log1pf(size / b), sign * a / (b + size)) }
    return (size - c, sign)
  case 3:
    if size < a { return (size, sign) }
    return (d * log1pf(size / b) + c, sign * d / (b + size))
  default: return (error * error, 2 * error)
  }
}

/// Coordinate loss of one image: its part of the loss, and the gradient unless `gradient` is nil.
///
/// An error is `(p - t / size) · unit`; `normalizer` is `1 / (2 L)`.
@inline(never)
public func coordinateLoss(
  _ prediction: UnsafePointer<Float>, _ keypoints: UnsafePointer<Float>,
  _ pointWeights: UnsafePointer<Float>, _ k: Int, _ width: Float, _ height: Float,
  _ unitX: Float, _ unitY: Float, _ kind: Int, _ a: Float, _ b: Float, _ c: Float, _ d: Float,
  _ normalizer: Float, _ gradient: UnsafeMutablePointer<Float>?
) -> Float {
  var total = 0.0
  for point in 0..<k {
    let weight = keypoints[3 &* point &+ 2] * pointWeights[point]
    let counts = keypoints[3 &* point &+ 2] > 0
    let dx = counts ? (prediction[2 &* point] - keypoints[3 &* point] / width) * unitX : 0
    let dy =
      counts ? (prediction[2 &* point &+ 1] - keypoints[3 &* point &+ 1] / height) * unitY : 0
    let x = penalty(dx, kind, a, b, c, d)
    let y = penalty(dy, kind, a, b, c, d)
    if counts { total += Double(weight) * (Double(x.value) + Double(y.value)) }
    if let gradient {
      gradient[2 &* point] = counts ? weight * x.slope * unitX * normalizer : 0
      gradient[2 &* point &+ 1] = counts ? weight * y.slope * unitY * normalizer : 0
    }
  }
  return Float(total * Double(normalizer))
}

/// OKS loss of one image with labelled points: its part of the loss, and the gradient unless
/// `gradient` is nil. `smallest` is the least area in px²; `normalizer` is one over the images with
/// labelled points.
@inline(never)
public func oksLoss(
  _ prediction: UnsafePointer<Float>, _ keypoints: UnsafePointer<Float>,
  _ sigmas: UnsafePointer<Float>, _ k: Int, _ width: Float, _ height: Float, _ smallest: Float,
  _ normalizer: Float, _ gradient: UnsafeMutablePointer<Float>?
) -> Float {
  var (left, top) = (Float.infinity, Float.infinity)
  var (right, bottom) = (-Float.infinity, -Float.infinity)
  var weights: Float = 0
  for point in 0..<k where keypoints[3 &* point &+ 2] > 0 {
    left = min(left, keypoints[3 &* point])
    right = max(right, keypoints[3 &* point])
    top = min(top, keypoints[3 &* point &+ 1])
    bottom = max(bottom, keypoints[3 &* point &+ 1])
    weights += keypoints[3 &* point &+ 2]
  }
  if let gradient { for i in 0..<2 &* k { gradient[i] = 0 } }
  if weights <= 0 { return 0 }
  let area = max(0.53 * (right - left) * (bottom - top), smallest)
  var similarity = 0.0
  for point in 0..<k where keypoints[3 &* point &+ 2] > 0 {
    let share = keypoints[3 &* point &+ 2] / weights
    let dx = prediction[2 &* point] * width - keypoints[3 &* point]
    let dy = prediction[2 &* point &+ 1] * height - keypoints[3 &* point &+ 1]
    let spread = 8 * area * sigmas[point] * sigmas[point]
    let value = expf(-(dx * dx + dy * dy) / spread) * share
    similarity += Double(value)
    if let gradient {
      let slope = 2 * value / spread * normalizer
      gradient[2 &* point] = slope * dx * width
      gradient[2 &* point &+ 1] = slope * dy * height
    }
  }
  return Float((1 - similarity) * Double(normalizer))
}

/// KL divergence of one axis' bins from a Gaussian, and the gradient of the logits unless
/// `gradient` is nil; both times `scale`.
@inline(__always)
private func divergence(
  _ logits: UnsafePointer<Float>, _ bins: Int, _ center: Float, _ sigma: Float, _ scale: Float,
  _ gradient: UnsafeMutablePointer<Float>?
) -> Double {
  var largest = logits[0]
  for bin in 1..<bins { largest = max(largest, logits[bin]) }
  var sum = 0.0
  for bin in 0..<bins { sum += Double(expf(logits[bin] - largest)) }
  let logSum = Float(log(sum)) + largest
  let factor = -1 / (2 * sigma * sigma)
  let logPeak = -logf(sigma * (2 * Float.pi).squareRoot())
  var loss = 0.0
  var mass = 0.0
  for bin in 0..<bins {
    let distance = Float(bin) - center
    let logTarget = factor * distance * distance + logPeak
    let target = expf(logTarget)
    mass += Double(target)
    if target > 0 { loss += Double(target) * Double(logTarget - (logits[bin] - logSum)) }
    if let gradient { gradient[bin] = target }
  }
  if let gradient {
    let total = Float(mass)
    for bin in 0..<bins {
      gradient[bin] = scale * (total * expf(logits[bin] - logSum) - gradient[bin])
    }
  }
  return loss * Double(scale)
}

/// SimCC loss of one image: its part of the loss, and the gradient unless `gradient` is nil.
/// `scale` is bins per input px; `normalizer` is `1 / (N K)`.
@inline(never)
public func simccLoss(
  _ prediction: UnsafePointer<Float>, _ keypoints: UnsafePointer<Float>, _ k: Int,
  _ binsX: Int, _ binsY: Int, _ scale: Float, _ sigma: Float, _ normalizer: Float,
  _ gradient: UnsafeMutablePointer<Float>?
) -> Float {
  var total = 0.0
  let radius = 3 * sigma
  for point in 0..<k {
    let at = point &* (binsX &+ binsY)
    let weight = keypoints[3 &* point &+ 2]
    let x = keypoints[3 &* point] * scale
    let y = keypoints[3 &* point &+ 1] * scale
    let counts =
      weight > 0 && x > -radius && x < Float(binsX &- 1) + radius && y > -radius
      && y < Float(binsY &- 1) + radius
    if counts {
      let factor = weight * normalizer
      total += divergence(
        prediction + at, binsX, x, sigma, factor / Float(binsX), gradient.map { $0 + at })
      total += divergence(
        prediction + at + binsX, binsY, y, sigma, factor / Float(binsY),
        gradient.map { $0 + at + binsX })
    } else if let gradient {
      for i in 0..<binsX &+ binsY { gradient[at &+ i] = 0 }
    }
  }
  return Float(total)
}
