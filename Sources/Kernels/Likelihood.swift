import Glibc

// Residual log-likelihood with RealNVP; formulae in the graph's `LikelihoodLoss.swift`.
//
// Each coupling keeps one coordinate and maps the other, so its two networks are functions of one
// number to one number: of their first weight only the kept row matters, of their last only the mapped
// column.

private let hidden = 64
private let slope: Float = 0.01

/// Floats of scratch memory for one coupling: two hidden layers for each of its two networks.
@inline(__always)
private func scratchPerLayer() -> Int { 4 &* hidden }

@inline(__always)
private func leaky(_ x: Lanes) -> Lanes {
  x.replacing(with: x * Lanes(repeating: slope), where: x .< Lanes(repeating: 0))
}

/// One network of a coupling: `hidden` activations of both layers to `first` and `second`, and its output.
@inline(never)
public func likelihoodNet(
  _ net: UnsafePointer<UnsafePointer<Float>>, _ z: Float, kept: Int, mapped: Int,
  _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>
) -> Float {
  let row = net[0] + kept &* hidden
  var i = 0
  while i < hidden {
    store(leaky(multiplyAdd(Lanes(repeating: z), load(row + i), load(net[1] + i))), first + i)
    i &+= 16
  }
  var a = load(net[3])
  var b = load(net[3] + 16)
  var c = load(net[3] + 32)
  var d = load(net[3] + 48)
  for j in 0..<hidden {
    let x = Lanes(repeating: first[j])
    let weights = net[2] + j &* hidden
    a = multiplyAdd(x, load(weights), a)
    b = multiplyAdd(x, load(weights + 16), b)
    c = multiplyAdd(x, load(weights + 32), c)
    d = multiplyAdd(x, load(weights + 48), d)
  }
  store(leaky(a), second)
  store(leaky(b), second + 16)
  store(leaky(c), second + 32)
  store(leaky(d), second + 48)
  var sum = net[5][mapped]
  for j in 0..<hidden { sum = multiplyAdd(second[j], net[4][2 &* j &+ mapped], sum) }
  return sum
}

/// The gradient of one network's kept input for the gradient `g` of its output; those of its parameters
/// are added to `sums` unless it is nil.
@inline(never)
public func likelihoodNetGradient(
  _ net: UnsafePointer<UnsafePointer<Float>>, _ z: Float, kept: Int, mapped: Int,
  _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ g: Float,
  _ sums: UnsafePointer<UnsafeMutablePointer<Float>>?, _ scratch: UnsafeMutablePointer<Float>
) -> Float {
  for j in 0..<hidden {
    let down = g * net[4][2 &* j &+ mapped]
    scratch[j] = second[j] < 0 ? slope * down : down
  }
  let a = load(scratch)
  let b = load(scratch + 16)
  let c = load(scratch + 32)
  let d = load(scratch + 48)
  var result: Float = 0
  let row = net[0] + kept &* hidden
  for j in 0..<hidden {
    let weights = net[2] + j &* hidden
    var lanes = a * load(weights)
    lanes = multiplyAdd(b, load(weights + 16), lanes)
    lanes = multiplyAdd(c, load(weights + 32), lanes)
    lanes = multiplyAdd(d, load(weights + 48), lanes)
    let down = lanes.sum()
    let inner = first[j] < 0 ? slope * down : down
    result = multiplyAdd(inner, row[j], result)
    guard let sums else { continue }
    sums[0][kept &* hidden &+ j] += inner * z
    sums[1][j] += inner
    sums[4][2 &* j &+ mapped] += g * second[j]
    let x = Lanes(repeating: first[j])
    let out = sums[2] + j &* hidden
    store(multiplyAdd(x, a, load(out)), out)
    store(multiplyAdd(x, b, load(out + 16)), out + 16)
    store(multiplyAdd(x, c, load(out + 32)), out + 32)
    store(multiplyAdd(x, d, load(out + 48)), out + 48)
  }
  if let sums {
    sums[5][mapped] += g
    var i = 0
    while i < hidden {
      store(load(sums[3] + i) + load(scratch + i), sums[3] + i)
      i &+= 16
    }
  }
  return result
}

/// Residual log-likelihood of one image: its part of the loss, the gradient of its prediction unless
/// `gradient` is nil, and those of the flow's parameters added to `sums` unless that is nil.
///
/// - Parameters:
///   - flow: the tensors of the couplings, 12 each.
///   - normalizer: one over the batch.
///   - scratch: `(layers + 1) · 256 + layers · 4` floats.
@inline(never)
public func likelihoodLoss(
  _ prediction: UnsafePointer<Float>, _ keypoints: UnsafePointer<Float>, _ k: Int,
  _ width: Float, _ height: Float, _ normalizer: Float,
  _ flow: UnsafePointer<UnsafePointer<Float>>, _ layers: Int,
  _ gradient: UnsafeMutablePointer<Float>?,
  _ sums: UnsafePointer<UnsafeMutablePointer<Float>>?, _ scratch: UnsafeMutablePointer<Float>
) -> Float {
  let spare = scratch + layers &* scratchPerLayer()
  let steps = spare + scratchPerLayer()
  var total = 0.0
  for point in 0..<k {
    let p = prediction + 4 &* point
    let t = keypoints + 3 &* point
    if t[2] <= 0 {
      if let gradient { for i in 0..<4 { gradient[4 &* point &+ i] = 0 } }
      continue
    }
    let sigmaX = 1 / (1 + expf(-p[2]))
    let sigmaY = 1 / (1 + expf(-p[3]))
    let errorX = (p[0] - t[0] / width) / (sigmaX + 1e-9)
    let errorY = (p[1] - t[1] / height) / (sigmaY + 1e-9)
    var z = (errorX, errorY)
    var determinant: Float = 0
    var layer = layers &- 1
    while layer >= 0 {
      let mapped = layer & 1
      let store = scratch + layer &* scratchPerLayer()
      let nets = flow + layer &* 12
      let kept = mapped == 0 ? z.1 : z.0
      let s = tanhf(
        likelihoodNet(nets, kept, kept: 1 &- mapped, mapped: mapped, store, store + hidden))
      let shift = likelihoodNet(
        nets + 6, kept, kept: 1 &- mapped, mapped: mapped, store + 2 &* hidden,
        store + 3 &* hidden)
      let stretched = ((mapped == 0 ? z.0 : z.1) - shift) * expf(-s)
      steps[4 &* layer] = s
      steps[4 &* layer &+ 1] = kept
      steps[4 &* layer &+ 2] = stretched
      if mapped == 0 { z.0 = stretched } else { z.1 = stretched }
      determinant -= s
      layer &-= 1
    }
    let logPhi = -0.5 * (z.0 * z.0 + z.1 * z.1) - logf(2 * Float.pi) + determinant
    let weight = t[2] * normalizer
    total +=
      Double(weight)
      * Double(
        2 * logf(sigmaX) + 2 * logf(sigmaY) + 2 * logf(2) - 2 * logPhi + abs(errorX)
          + abs(errorY))
    if gradient == nil && sums == nil { continue }
    // From the last coupling that was applied back to the first.
    var g = (2 * weight * z.0, 2 * weight * z.1)
    layer = 0
    while layer < layers {
      let mapped = layer & 1
      let store = scratch + layer &* scratchPerLayer()
      let nets = flow + layer &* 12
      let netSums = sums.map { $0 + layer &* 12 }
      let s = steps[4 &* layer]
      let kept = steps[4 &* layer &+ 1]
      let down = mapped == 0 ? g.0 : g.1
      let grown = down * expf(-s)
      let ds = 2 * weight - down * steps[4 &* layer &+ 2]
      var across = likelihoodNetGradient(
        nets, kept, kept: 1 &- mapped, mapped: mapped, store, store + hidden,
        ds * (1 - s * s), netSums, spare)
      across += likelihoodNetGradient(
        nets + 6, kept, kept: 1 &- mapped, mapped: mapped, store + 2 &* hidden,
        store + 3 &* hidden, -grown, netSums.map { $0 + 6 }, spare)
      if mapped == 0 {
        g.0 = grown
        g.1 += across
      } else {
        g.1 = grown
        g.0 += across
      }
      layer &+= 1
    }
    if let gradient {
      let out = gradient + 4 &* point
      let gx = g.0 + (errorX < 0 ? -weight : weight)
      let gy = g.1 + (errorY < 0 ? -weight : weight)
      out[0] = gx / (sigmaX + 1e-9)
      out[1] = gy / (sigmaY + 1e-9)
      out[2] = (2 * weight - gx * errorX * (sigmaX / (sigmaX + 1e-9))) * (1 - sigmaX)
      out[3] = (2 * weight - gy * errorY * (sigmaY / (sigmaY + 1e-9))) * (1 - sigmaY)
    }
  }
  return Float(total)
}
