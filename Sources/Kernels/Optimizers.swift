// Optimiser steps over a range of the slabs.

/// Adam and AdamW in PyTorch's order of operations.
///
/// - Parameters:
///   - keepFactor: `1 - lr · decay` for AdamW, 1 for Adam.
///   - gradientDecay: the decay that Adam adds to the gradient, 0 for AdamW.
///   - stepSize: `lr / (1 - beta1^t)`.
///   - rootScale: `1 / sqrt(1 - beta2^t)`.
@inline(never)
public func adamStep(
  _ weights: UnsafeMutablePointer<Float>, _ gradients: UnsafePointer<Float>,
  _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ count: Int,
  _ keepFactor: Float, _ gradientDecay: Float, _ beta1: Float, _ beta2: Float,
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
    let g = multiplyAdd(Lanes(repeating: gradientDecay), w, load(gradients + i))
    w *= Lanes(repeating: keepFactor)
    let old = load(first + i)
    let m = multiplyAdd(b1, g - old, old)
    let v = multiplyAdd(complement * g, g, b2 * load(second + i))
    store(m, first + i)
    store(v, second + i)
    let root = multiplyAdd(
      v.squareRoot(), Lanes(repeating: rootScale), Lanes(repeating: epsilon))
    store(multiplyAdd(Lanes(repeating: -stepSize), m / root, w), weights + i)
    i &+= 16
  }
}
