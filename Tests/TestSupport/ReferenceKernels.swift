import Graph

// Naive kernels in double precision, written from the formulae and not from the fast code: loops over
// every index, no blocking, no tricks. They are the oracle of every backend.

/// Values of a tensor in `[N, H, W, C]` order.
public typealias Values = [Double]

enum ReferenceConvolution {
  /// Calls `body` for each product of the convolution with the indices of x, weight and y.
  static func forEachProduct(
    _ a: Convolution, x: Shape, y: Shape, _ body: (_ x: Int, _ weight: Int, _ y: Int) -> Void
  ) {
    for n in 0..<y.n {
      for oy in 0..<y.h {
        for ox in 0..<y.w {
          for ky in 0..<a.kernel {
            let iy = oy * a.stride - a.padding + ky
            if iy < 0 || iy >= x.h { continue }
            for kx in 0..<a.kernel {
              let ix = ox * a.stride - a.padding + kx
              if ix < 0 || ix >= x.w { continue }
              let atX = ((n * x.h + iy) * x.w + ix) * x.c
              let atWeight = (ky * a.kernel + kx) * x.c * y.c
              let atY = ((n * y.h + oy) * y.w + ox) * y.c
              for i in 0..<x.c {
                for o in 0..<y.c { body(atX + i, atWeight + i * y.c + o, atY + o) }
              }
            }
          }
        }
      }
    }
  }
}

enum ReferenceBatchNorm {
  /// Mean and biased variance of each channel.
  static func moments(_ x: Values, _ c: Int) -> (mean: Values, variance: Values) {
    let rows = Double(x.count / c)
    var mean = Values(repeating: 0, count: c)
    for (index, value) in x.enumerated() { mean[index % c] += value / rows }
    var variance = Values(repeating: 0, count: c)
    for (index, value) in x.enumerated() {
      let d = value - mean[index % c]
      variance[index % c] += d * d / rows
    }
    return (mean, variance)
  }

  static func apply(
    _ a: BatchNorm, _ x: Values, gamma: Values, beta: Values, mean: Values, invStd: Values,
    residual: Values?
  ) -> Values {
    let c = gamma.count
    return x.indices.map { index in
      let channel = index % c
      var value = gamma[channel] * (x[index] - mean[channel]) * invStd[channel] + beta[channel]
      if let residual { value += residual[index] }
      return a.relu ? max(value, 0) : value
    }
  }

  /// The chain rule through mean and variance, term by term.
  static func gradient(
    _ a: BatchNorm, dy: Values, x: Values, gamma: Values, beta: Values, mean: Values,
    invStd: Values, output: Values?
  ) -> (dx: Values, dgamma: Values, dbeta: Values, masked: Values) {
    let c = gamma.count
    let rows = Double(x.count / c)
    let y =
      output
      ?? apply(a, x, gamma: gamma, beta: beta, mean: mean, invStd: invStd, residual: nil)
    let g = dy.indices.map { a.relu && y[$0] <= 0 ? 0 : dy[$0] }
    var (dgamma, dbeta) = (Values(repeating: 0, count: c), Values(repeating: 0, count: c))
    var (dmean, dvariance) = (dgamma, dgamma)
    for index in x.indices {
      let channel = index % c
      let centred = x[index] - mean[channel]
      dgamma[channel] += g[index] * centred * invStd[channel]
      dbeta[channel] += g[index]
      let dnormal = g[index] * gamma[channel]
      dmean[channel] -= dnormal * invStd[channel]
      let cube = invStd[channel] * invStd[channel] * invStd[channel]
      dvariance[channel] -= dnormal * centred * cube / 2
    }
    let dx = x.indices.map { index in
      let channel = index % c
      return g[index] * gamma[channel] * invStd[channel]
        + dvariance[channel] * 2 * (x[index] - mean[channel]) / rows + dmean[channel] / rows
    }
    return (dx, dgamma, dbeta, g)
  }
}

enum ReferenceUpsample {
  /// Weights of the source pixels of a new coordinate.
  static func sources(_ a: Upsample, _ at: Int, _ extent: Int) -> [(Int, Double)] {
    switch a.kind {
    case .nearest: return [(at / a.factor, 1)]
    case .bilinear:
      let place = max(0, (Double(at) + 0.5) / 2 - 0.5)
      let low = Int(place)
      let weight = place - Double(low)
      return [(low, 1 - weight), (min(low + 1, extent - 1), weight)]
    }
  }

  /// Calls `body` for each pair of a source and a new value with its weight.
  static func forEachPair(
    _ a: Upsample, _ x: Shape, _ body: (_ x: Int, _ y: Int, _ weight: Double) -> Void
  ) {
    let f = a.factor
    for n in 0..<x.n {
      for oy in 0..<f * x.h {
        for ox in 0..<f * x.w {
          for (iy, wy) in sources(a, oy, x.h) {
            for (ix, wx) in sources(a, ox, x.w) {
              for c in 0..<x.c {
                body(
                  ((n * x.h + iy) * x.w + ix) * x.c + c,
                  ((n * f * x.h + oy) * f * x.w + ox) * x.c + c, wy * wx)
              }
            }
          }
        }
      }
    }
  }
}

enum ReferenceSimCC {
  /// Calls `body` for each product with the axis and the indices of x, the axis' weight and y.
  private static func forEachProduct(
    _ a: SimCCLinear, _ x: Shape, _ body: (_ axis: Int, _ x: Int, _ weight: Int, _ y: Int) -> Void
  ) {
    for n in 0..<x.n {
      for k in 0..<x.c {
        for (axis, bins) in [a.binsX, a.binsY].enumerated() {
          for pixel in 0..<x.h * x.w {
            for bin in 0..<bins {
              body(
                axis, (n * x.h * x.w + pixel) * x.c + k, pixel * bins + bin,
                (n * x.c + k) * a.bins + axis * a.binsX + bin)
            }
          }
        }
      }
    }
  }

  static func forward(
    _ a: SimCCLinear, _ shape: Shape, x: Values, weights: [Values], biases: [Values]
  ) -> Values {
    let row = biases[0] + biases[1]
    var y = (0..<shape.n * shape.c).flatMap { _ in row }
    forEachProduct(a, shape) { y[$3] += x[$1] * weights[$0][$2] }
    return y
  }

  static func dataGradient(
    _ a: SimCCLinear, _ shape: Shape, dy: Values, weights: [Values]
  ) -> Values {
    var dx = Values(repeating: 0, count: shape.count)
    forEachProduct(a, shape) { dx[$1] += dy[$3] * weights[$0][$2] }
    return dx
  }

  /// Gradients of weight and bias along x, then along y.
  static func weightGradient(
    _ a: SimCCLinear, _ shape: Shape, x: Values, dy: Values
  ) -> [Values] {
    let pixels = shape.h * shape.w
    var weights = [a.binsX, a.binsY].map { Values(repeating: 0, count: pixels * $0) }
    forEachProduct(a, shape) { weights[$0][$2] += x[$1] * dy[$3] }
    var sums = Values(repeating: 0, count: a.bins)
    for (index, value) in dy.enumerated() { sums[index % a.bins] += value }
    return [weights[0], Array(sums[..<a.binsX]), weights[1], Array(sums[a.binsX...])]
  }
}
