import Glibc
import Graph

/// Residual log-likelihood in double precision, with the flow's networks as they stand: dense layers
/// over masked pairs.
enum ReferenceLikelihood {
  struct Result {
    var losses: Values
    var gradient: Values
    var flow: [Values]
  }

  /// One network of the flow for one pair, with what its backward pass needs.
  private struct Net {
    let tensors: ArraySlice<Values>
    let hasTanh: Bool
    private(set) var inputs: [Values] = []
    private(set) var sums: [Values] = []

    init(_ tensors: ArraySlice<Values>, hasTanh: Bool) {
      self.tensors = tensors
      self.hasTanh = hasTanh
    }

    mutating func forward(_ x: Values) -> Values {
      var x = x
      for (layer, (count, outputs)) in LikelihoodLoss.extents.enumerated() {
        let weight = tensors[tensors.startIndex + 2 * layer]
        let bias = tensors[tensors.startIndex + 2 * layer + 1]
        let sum = (0..<outputs).map { o in
          (0..<count).reduce(bias[o]) { $0 + x[$1] * weight[$1 * outputs + o] }
        }
        inputs.append(x)
        sums.append(sum)
        x = sum.map { layer == 2 ? (hasTanh ? tanh($0) : $0) : $0 < 0 ? 0.01 * $0 : $0 }
      }
      return x
    }

    /// The gradient of the input; those of the tensors are added to `into`, from `first` on.
    func backward(_ g: Values, into flow: inout [Values], first: Int) -> Values {
      var g = g
      for (layer, (count, outputs)) in LikelihoodLoss.extents.enumerated().reversed() {
        g = zip(g, sums[layer]).map { g, sum in
          layer == 2 ? (hasTanh ? g * (1 - tanh(sum) * tanh(sum)) : g) : sum < 0 ? 0.01 * g : g
        }
        let weight = tensors[tensors.startIndex + 2 * layer]
        for o in 0..<outputs {
          flow[first + 2 * layer + 1][o] += g[o]
          for i in 0..<count {
            flow[first + 2 * layer][i * outputs + o] += g[o] * inputs[layer][i]
          }
        }
        g = (0..<count).map { i in
          (0..<outputs).reduce(0) { $0 + g[$1] * weight[i * outputs + $1] }
        }
      }
      return g
    }
  }

  static func evaluate(
    _ a: LikelihoodLoss, prediction p: Values, keypoints: Values, flow: [Values], images: Int
  ) -> Result {
    let k = keypoints.count / 3 / images
    var result = Result(
      losses: Values(repeating: 0, count: images), gradient: Values(repeating: 0, count: p.count),
      flow: flow.map { Values(repeating: 0, count: $0.count) })
    for n in 0..<images {
      for point in 0..<k where keypoints[3 * (n * k + point) + 2] > 0 {
        let at = 4 * (n * k + point)
        let truth = 3 * (n * k + point)
        let sigma = (0..<2).map { 1 / (1 + exp(-p[at + 2 + $0])) }
        let size = [Double(a.width), Double(a.height)]
        let error = (0..<2).map {
          (p[at + $0] - keypoints[truth + $0] / size[$0]) / (sigma[$0] + 1e-9)
        }
        let weight = keypoints[truth + 2] / Double(images)
        var z = error
        var logPhi = -log(2 * Double.pi)
        var passes: [(layer: Int, mask: Values, z: Values, s: Values, nets: [Net])] = []
        for layer in (0..<a.layers).reversed() {
          let mask: Values = layer % 2 == 0 ? [0, 1] : [1, 0]
          let first = layer * LikelihoodLoss.tensorsPerLayer
          var nets = [
            Net(flow[first..<first + 6], hasTanh: true),
            Net(flow[first + 6..<first + 12], hasTanh: false),
          ]
          let kept = zip(z, mask).map { $0 * $1 }
          let s = zip(nets[0].forward(kept), mask).map { $0 * (1 - $1) }
          let t = zip(nets[1].forward(kept), mask).map { $0 * (1 - $1) }
          passes.append((layer, mask, z, s, nets))
          z = (0..<2).map { axis -> Double in
            let moved: Double = (z[axis] - t[axis]) * exp(-s[axis])
            return (1 - mask[axis]) * moved + kept[axis]
          }
          logPhi -= s[0] + s[1]
        }
        logPhi -= (z[0] * z[0] + z[1] * z[1]) / 2
        for axis in 0..<2 {
          let logSigma = log(sigma[axis])
          let residual = logSigma + log(2.0) + abs(error[axis])
          result.losses[n] += weight * (logSigma - logPhi + residual)
        }
        var g = z.map { 2 * weight * $0 }
        for (layer, mask, before, s, nets) in passes.reversed() {
          let first = layer * LikelihoodLoss.tensorsPerLayer
          let grown = (0..<2).map { (1 - mask[$0]) * g[$0] * exp(-s[$0]) }
          let t = zip(nets[1].sums[2], mask).map { $0 * (1 - $1) }
          let ds = (0..<2).map { axis -> Double in
            let stretched: Double = grown[axis] * (before[axis] - t[axis])
            return (1 - mask[axis]) * (2 * weight - stretched)
          }
          let dt = (0..<2).map { -grown[$0] }
          let fromS = nets[0].backward(ds, into: &result.flow, first: first)
          let fromT = nets[1].backward(dt, into: &result.flow, first: first + 6)
          g = (0..<2).map { axis -> Double in
            let kept: Double = g[axis] + fromS[axis] + fromT[axis]
            return grown[axis] + mask[axis] * kept
          }
        }
        for axis in 0..<2 {
          let sign: Double = error[axis] < 0 ? -1 : 1
          let whole: Double = g[axis] + sign * weight
          let spread = sigma[axis] + 1e-9
          result.gradient[at + axis] = whole / spread
          let slope: Double = 2 * weight / sigma[axis] - whole * error[axis] / spread
          let rise: Double = sigma[axis] * (1 - sigma[axis])
          result.gradient[at + 2 + axis] = slope * rise
        }
      }
    }
    return result
  }
}
