import Glibc
import Graph

/// Heatmap losses: the labelled points are counted first, then each image is one piece.
struct HeatmapLossNode: NodeCompiler {
  let attributes: HeatmapLoss
  let shape: Shape
  let threads: Int

  /// Sums in double precision, rows, columns and weights of the targets.
  private var perWorker: Int { ((shape.h + shape.w + 3) * shape.c + 31) / 16 * 16 }

  var workspaceFloats: Int { 16 + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (keypoints, losses) = (context.input(1), context.output(0))
    let (kernels, a, shape, perWorker) = (context.kernels, attributes, shape, perWorker)
    let normalizer = context.workspace
    let workers = context.workspace + 16
    let errors = errors(context)
    return [
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        let points: Int
        switch a.normalization {
        case .labelled:
          points = kernels.countHeatmapTargets(
            keypoints, batch * shape.c, shape.h, shape.w, a.scaleX, a.scaleY, a.sigma)
        case .all: points = batch * shape.c
        case .hardest(let count): points = batch * min(count, shape.c)
        }
        normalizer[0] = 1 / Float(max(points, 1) * shape.h * shape.w)
      },
      Phase(pieces: { $0 }) { _, image, worker in
        let scratch = workers + worker * perWorker
        let sums = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Double.self)
        let rows = scratch + 2 * shape.c
        let columns = rows + shape.h * shape.c
        let weights = columns + shape.w * shape.c
        kernels.heatmapTargets(
          keypoints + image * 3 * shape.c, shape.h, shape.w, shape.c, a.scaleX, a.scaleY, a.sigma,
          rows, columns, weights)
        if case .hardest(let count) = a.normalization {
          errors(image, rows, columns, weights, normalizer[0], sums, false)
          // Ties go to the earlier keypoint.
          for point in 0..<shape.c {
            let worse = (0..<shape.c).count { other in
              sums[other] > sums[point] || (sums[other] == sums[point] && other < point)
            }
            if worse >= count { weights[point] = 0 }
          }
        }
        errors(image, rows, columns, weights, normalizer[0], sums, true)
        var total = 0.0
        for point in 0..<shape.c { total += sums[point] }
        losses[image] = Float(total * Double(normalizer[0]))
      },
    ]
  }

  private typealias Errors = (
    _ image: Int, _ rows: UnsafePointer<Float>, _ columns: UnsafePointer<Float>,
    _ weights: UnsafePointer<Float>, _ scale: Float, _ sums: UnsafeMutablePointer<Double>,
    _ wantsGradient: Bool
  ) -> Void

  /// The error of one image by the loss' kind.
  private func errors(_ context: CompileContext) -> Errors {
    let (kernels, a, shape) = (context.kernels, attributes, shape)
    let prediction = context.input(0)
    let gradient = context.node.outputs.count > 1 ? context.output(1) : nil
    return { image, rows, columns, weights, scale, sums, wantsGradient in
      let at = image * shape.countPerImage
      let out = wantsGradient ? gradient.map { $0 + at } : nil
      switch a.kind {
      case .squared:
        kernels.heatmapSquares(
          prediction + at, rows, columns, weights, shape.h, shape.w, shape.c, scale, out, sums)
      case .adaptiveWing(let alpha, let omega, let epsilon, let theta):
        kernels.heatmapAdaptiveWing(
          prediction + at, rows, columns, weights, shape.h, shape.w, shape.c, alpha, omega,
          epsilon, theta, scale, out, sums)
      }
    }
  }
}

/// Coordinate losses; they are so small that one thread does them.
struct CoordinateLossNode: NodeCompiler {
  let attributes: CoordinateLoss
  let keypointCount: Int

  var workspaceFloats: Int { 0 }

  /// The kernel's number of a kind, and its constants.
  private var constants: (kind: Int, a: Float, b: Float, c: Float, d: Float) {
    switch attributes.kind {
    case .squared, .objectKeypointSimilarity: return (0, 0, 0, 0, 0)
    case .smoothL1(let beta): return (1, beta, 0, 0, 0)
    case .wing(let omega, let epsilon):
      return (2, omega, epsilon, Float(wingOffset(Double(omega), Double(epsilon))), 0)
    case .softWing(let omega1, let omega2, let epsilon):
      let b = Double(omega1) - Double(omega2) * log1p(Double(omega1) / Double(epsilon))
      return (3, omega1, epsilon, Float(b), omega2)
    }
  }

  /// Wing's C, which joins its two parts.
  private func wingOffset(_ omega: Double, _ epsilon: Double) -> Double {
    omega - omega * log1p(omega / epsilon)
  }

  /// Whether errors are counted in px.
  private var isInPixels: Bool {
    switch attributes.kind {
    case .wing, .softWing: true
    default: false
    }
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (prediction, keypoints, losses) = (
      context.input(0), context.input(1), context.output(0)
    )
    let gradient = context.node.outputs.count > 1 ? context.output(1) : nil
    let (kernels, a, k, constants) = (context.kernels, attributes, keypointCount, constants)
    let (unitX, unitY) = isInPixels ? (a.width, a.height) : (1, 1)
    let values = a.pointValues.isEmpty ? [Float](repeating: 1, count: k) : a.pointValues
    precondition(values.count == k, "one value for each keypoint")
    return [
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        values.withUnsafeBufferPointer { buffer in
          guard let values = buffer.baseAddress else { return }
          var (labelled, persons) = (0, 0)
          for image in 0..<batch {
            let points = (0..<k).count { keypoints[3 * (image * k + $0) + 2] > 0 }
            labelled += points
            persons += points > 0 ? 1 : 0
          }
          for image in 0..<batch {
            let out = gradient.map { $0 + image * 2 * k }
            let (p, t) = (prediction + image * 2 * k, keypoints + image * 3 * k)
            if a.kind == .objectKeypointSimilarity {
              losses[image] = kernels.oksLoss(
                p, t, values, k, a.width, a.height, a.width * a.height / 100,
                1 / Float(max(persons, 1)), out)
            } else {
              losses[image] = kernels.coordinateLoss(
                p, t, values, k, a.width, a.height, unitX, unitY, constants.kind, constants.a,
                constants.b, constants.c, constants.d, 1 / Float(2 * max(labelled, 1)), out)
            }
          }
        }
      }
    ]
  }
}

/// SimCC's loss; each image is one piece.
struct SimCCLossNode: NodeCompiler {
  let attributes: SimCCLoss
  let keypointCount: Int

  var workspaceFloats: Int { 0 }

  func phases(_ context: CompileContext) -> [Phase] {
    let (prediction, keypoints, losses) = (
      context.input(0), context.input(1), context.output(0)
    )
    let gradient = context.node.outputs.count > 1 ? context.output(1) : nil
    let (kernels, a, k) = (context.kernels, attributes, keypointCount)
    return [
      Phase(pieces: { $0 }) { batch, image, _ in
        let at = image * k * (a.binsX + a.binsY)
        losses[image] = kernels.simccLoss(
          prediction + at, keypoints + image * 3 * k, k, a.binsX, a.binsY, a.scale, a.sigma,
          1 / Float(batch * k), gradient.map { $0 + at })
      }
    ]
  }
}
