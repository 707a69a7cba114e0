import Glibc

// Losses with their gradients; formulae in the graph's `Losses.swift`.

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

/// Heatmap MSE of one image: its part of the loss, and the gradient unless `gradient` is nil.
///
/// `scratch` holds `(h + w + 1) · k` floats; `normalizer` is `1 / (L · h · w)`.
@inline(never)
public func heatmapLoss(
  _ prediction: UnsafePointer<Float>, _ keypoints: UnsafePointer<Float>, _ h: Int, _ w: Int,
  _ k: Int, _ scaleX: Float, _ scaleY: Float, _ sigma: Float, _ normalizer: Float,
  _ gradient: UnsafeMutablePointer<Float>?, _ scratch: UnsafeMutablePointer<Float>
) -> Float {
  let rows = scratch
  let columns = scratch + h &* k
  let weights = columns + w &* k
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
  var total = 0.0
  let scale = 2 * normalizer
  for y in 0..<h {
    let row = rows + y &* k
    var rowSum: Float = 0
    for x in 0..<w {
      let at = (y &* w &+ x) &* k
      let column = columns + x &* k
      var sums = Lanes(repeating: 0)
      var i = 0
      while i &+ 16 <= k {
        let d = load(prediction + at + i) - load(row + i) * load(column + i)
        let weighted = load(weights + i) * d
        sums = multiplyAdd(weighted, d, sums)
        if let gradient { store(weighted * Lanes(repeating: scale), gradient + at + i) }
        i &+= 16
      }
      rowSum += sums.sum()
      while i < k {
        let d = prediction[at &+ i] - row[i] * column[i]
        let weighted = weights[i] * d
        rowSum += weighted * d
        if let gradient { gradient[at &+ i] = weighted * scale }
        i &+= 1
      }
    }
    total += Double(rowSum)
  }
  return Float(total * Double(normalizer))
}

/// Coordinate MSE of one image: its part of the loss, and the gradient unless `gradient` is nil;
/// `normalizer` is `1 / (2 L)`.
@inline(never)
public func coordinateLoss(
  _ prediction: UnsafePointer<Float>, _ keypoints: UnsafePointer<Float>, _ k: Int,
  _ width: Float, _ height: Float, _ normalizer: Float,
  _ gradient: UnsafeMutablePointer<Float>?
) -> Float {
  var total = 0.0
  for point in 0..<k {
    let weight = keypoints[3 &* point &+ 2]
    let counts = weight > 0
    let dx = counts ? prediction[2 &* point] - keypoints[3 &* point] / width : 0
    let dy = counts ? prediction[2 &* point &+ 1] - keypoints[3 &* point &+ 1] / height : 0
    total += Double(weight) * (Double(dx) * Double(dx) + Double(dy) * Double(dy))
    if let gradient {
      gradient[2 &* point] = 2 * weight * dx * normalizer
      gradient[2 &* point &+ 1] = 2 * weight * dy * normalizer
    }
  }
  return Float(total * Double(normalizer))
}
