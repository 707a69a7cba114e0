import Glibc

// Losses of heatmaps against Gaussians that are drawn on the fly; formulae in the graph's
// `Losses.swift`.

/// Whether a labelled point's patch (3 sigma) touches a heatmap.
@inline(__always)
private func touches(_ mx: Float, _ my: Float, _ radius: Float, _ h: Int, _ w: Int) -> Bool {
  mx > -radius && mx < Float(w &- 1) + radius && my > -radius && my < Float(h &- 1) + radius
}

/// Number of points of `count` that have a target on the heatmap.
@inline(never)
public func countHeatmapTargets(
  _ keypoints: UnsafePointer<Float>, _ count: Int, _ h: Int, _ w: Int, _ scaleX: Float,
  _ scaleY: Float, _ sigma: Float
) -> Int {
  var labelled = 0
  for point in 0..<count where keypoints[3 &* point &+ 2] > 0 {
    let mx = keypoints[3 &* point] * scaleX
    let my = keypoints[3 &* point &+ 1] * scaleY
    if touches(mx, my, 3 * sigma, h, w) { labelled &+= 1 }
  }
  return labelled
}

/// The Gaussians of one image as products of a row's and a column's factor: `rows [h][k]`,
/// `columns [w][k]`, and `weights [k]`, 0 for points without a target.
@inline(never)
public func heatmapTargets(
  _ keypoints: UnsafePointer<Float>, _ h: Int, _ w: Int, _ k: Int, _ scaleX: Float,
  _ scaleY: Float, _ sigma: Float, _ rows: UnsafeMutablePointer<Float>,
  _ columns: UnsafeMutablePointer<Float>, _ weights: UnsafeMutablePointer<Float>
) {
  let radius = 3 * sigma
  let factor = -1 / (2 * sigma * sigma)
  for point in 0..<k {
    let mx = keypoints[3 &* point] * scaleX
    let my = keypoints[3 &* point &+ 1] * scaleY
    let weight = keypoints[3 &* point &+ 2]
    let counts = weight > 0 && touches(mx, my, radius, h, w)
    weights[point] = counts ? weight : 0
    for y in 0..<h {
      let d = Float(y) - my
      rows[y &* k &+ point] = counts && d <= radius && d >= -radius ? expf(factor * d * d) : 0
    }
    for x in 0..<w {
      let d = Float(x) - mx
      columns[x &* k &+ point] = counts && d <= radius && d >= -radius ? expf(factor * d * d) : 0
    }
  }
}

/// Squared error of one image against its targets: `sums [k] = weight · sum of (p - t)²`, and the
/// gradient times `scale` unless `gradient` is nil.
@inline(never)
public func heatmapSquares(
  _ prediction: UnsafePointer<Float>, _ rows: UnsafePointer<Float>,
  _ columns: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ h: Int, _ w: Int, _ k: Int,
  _ scale: Float, _ gradient: UnsafeMutablePointer<Float>?, _ sums: UnsafeMutablePointer<Double>
) {
  for point in 0..<k { sums[point] = 0 }
  for y in 0..<h {
    let row = rows + y &* k
    var i = 0
    while i &+ 16 <= k {
      let target = load(row + i)
      let weight = load(weights + i)
      let factor = weight * Lanes(repeating: 2 * scale)
      var sum = Lanes(repeating: 0)
      for x in 0..<w {
        let at = (y &* w &+ x) &* k &+ i
        let d = load(prediction + at) - target * load(columns + x &* k + i)
        sum = multiplyAdd(weight * d, d, sum)
        if let gradient { store(factor * d, gradient + at) }
      }
      for lane in 0..<16 { sums[i &+ lane] += Double(sum[lane]) }
      i &+= 16
    }
    while i < k {
      var sum: Float = 0
      for x in 0..<w {
        let at = (y &* w &+ x) &* k &+ i
        let d = prediction[at] - row[i] * columns[x &* k &+ i]
        sum += weights[i] * d * d
        if let gradient { gradient[at] = 2 * scale * weights[i] * d }
      }
      sums[i] += Double(sum)
      i &+= 1
    }
  }
}

/// Adaptive wing of one image against its targets, as `heatmapSquares`.
@inline(never)
public func heatmapAdaptiveWing(
  _ prediction: UnsafePointer<Float>, _ rows: UnsafePointer<Float>,
  _ columns: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ h: Int, _ w: Int, _ k: Int,
  _ alpha: Float, _ omega: Float, _ epsilon: Float, _ theta: Float, _ scale: Float,
  _ gradient: UnsafeMutablePointer<Float>?, _ sums: UnsafeMutablePointer<Double>
) {
  let edge = theta / epsilon
  for point in 0..<k { sums[point] = 0 }
  for y in 0..<h {
    for x in 0..<w {
      for point in 0..<k {
        let at = (y &* w &+ x) &* k &+ point
        let weight = weights[point]
        if weight <= 0 {
          if let gradient { gradient[at] = 0 }
          continue
        }
        let target = rows[y &* k &+ point] * columns[x &* k &+ point]
        let error = prediction[at] - target
        let size = abs(error)
        let power = alpha - target
        let value: Float
        var slope: Float
        if size < theta {
          let raised = powf(size / epsilon, power - 1)
          let u = raised * size / epsilon
          value = omega * log1pf(u)
          slope = omega * power * raised / (epsilon * (1 + u))
        } else {
          let raised = powf(edge, power - 1)
          let u = raised * edge
          slope = omega * power * raised / (epsilon * (1 + u))
          value = slope * (size - theta) + omega * log1pf(u)
        }
        sums[point] += Double(weight) * Double(value)
        if error < 0 { slope = -slope }
        if let gradient { gradient[at] = scale * weight * slope }
      }
    }
  }
}
