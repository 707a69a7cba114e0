import CVector

// Optimiser steps over a range of the slabs.

/// Adam and AdamW in PyTorch's order of operations.
///
/// - Parameters:
///   - gradientScale: what the gradient is multiplied with first (clipping, accumulation).
///   - keepFactor: `1 - lr · decay` for AdamW, 1 for Adam.
///   - gradientDecay: the decay that Adam adds to the gradient, 0 for AdamW.
///   - stepSize: `lr / (1 - beta1^t)`.
///   - rootScale: `1 / sqrt(1 - beta2^t)`.
@inline(never)
public func adamStep(
  _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
  _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ count: Int,
  _ gradientScale: Float, _ keepFactor: Float, _ gradientDecay: Float, _ beta1: Float,
  _ beta2: Float,
  _ epsilon: Float, _ stepSize: Float, _ rootScale: Float
) {
  let one = Lanes(repeating: 1)
  let b1 = Lanes(repeating: 1 - beta1)
  let b2 = Lanes(repeating: beta2)
  let complement = one - b2
  var i = 0
  // The slabs are padded to sixteens, so there is no tail.
  while i < count {
    var w = load(weights + i)
    let g = multiplyAdd(
      Lanes(repeating: gradientDecay), w, load(gradients + i) * Lanes(repeating: gradientScale))
    w *= Lanes(repeating: keepFactor)
    let old = load(first + i)
    let m = multiplyAdd(b1, g - old, old)
    let v = multiplyAdd(complement * g, g, b2 * load(second + i))
    store(m, first + i)
    store(v, second + i)
    let root = multiplyAdd(
      posetop_square_root(v), Lanes(repeating: rootScale), Lanes(repeating: epsilon))
    store(multiplyAdd(Lanes(repeating: -stepSize), m / root, w), weights + i)
    i &+= 16
  }
}

/// SGD in PyTorch's order of operations.
///
/// - Parameters:
///   - velocity: the momentum buffer; not touched when `momentum` is 0.
///   - decay: the weight decay that is added to the gradient.
@inline(never)
public func sgdStep(
  _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
  _ velocity: UnsafeMutablePointer<Float>, _ count: Int, _ gradientScale: Float, _ decay: Float,
  _ momentum: Float, _ nesterov: Bool, _ learningRate: Float
) {
  let scale = Lanes(repeating: gradientScale)
  var i = 0
  while i < count {
    let w = load(weights + i)
    var step = multiplyAdd(Lanes(repeating: decay), w, load(gradients + i) * scale)
    if momentum != 0 {
      let v = multiplyAdd(Lanes(repeating: momentum), load(velocity + i), step)
      store(v, velocity + i)
      step = nesterov ? multiplyAdd(Lanes(repeating: momentum), v, step) : v
    }
    store(multiplyAdd(Lanes(repeating: -learningRate), step, w), weights + i)
    i &+= 16
  }
}

/// Sum of squares of values in sixteens.
@inline(never)
public func sumSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  var total = 0.0
  var i = 0
  while i < count {
    var sum = Lanes(repeating: 0)
    let end = min(i &+ 4096, count)
    while i < end {
      let value = load(x + i)
      sum = multiplyAdd(value, value, sum)
      i &+= 16
    }
    for lane in 0..<16 { total += Double(sum[lane]) }
  }
  return total
}

/// `y = keep · y + add · x` over values in sixteens: sums of gradients, running means of weights.
@inline(never)
public func blend(
  _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int, _ keep: Float,
  _ add: Float
) {
  var i = 0
  while i < count {
    let kept = keep == 0 ? Lanes(repeating: 0) : Lanes(repeating: keep) * load(y + i)
    store(multiplyAdd(Lanes(repeating: add), load(x + i), kept), y + i)
    i &+= 16
  }
}
