import Graph

/// Heatmap MSE: the labelled points are counted first, then each image is one piece.
struct HeatmapLossNode: NodeCompiler {
  let attributes: HeatmapLoss
  let shape: Shape
  let threads: Int

  private var perWorker: Int { (shape.h + shape.w + 1) * shape.c }

  var workspaceFloats: Int { 16 + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (prediction, keypoints, losses) = (
      context.input(0), context.input(1), context.output(0)
    )
    let gradient = context.node.outputs.count > 1 ? context.output(1) : nil
    let (kernels, a, shape, perWorker) = (context.kernels, attributes, shape, perWorker)
    let normalizer = context.workspace
    let workers = context.workspace + 16
    return [
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        let count = kernels.countHeatmapTargets(
          keypoints, batch * shape.c, shape.h, shape.w, a.scaleX, a.scaleY, a.sigma)
        normalizer[0] = 1 / Float(max(count, 1) * shape.h * shape.w)
      },
      Phase(pieces: { $0 }) { _, image, worker in
        let at = image * shape.countPerImage
        losses[image] = kernels.heatmapLoss(
          prediction + at, keypoints + image * 3 * shape.c, shape.h, shape.w, shape.c, a.scaleX,
          a.scaleY, a.sigma, normalizer[0], gradient.map { $0 + at },
          workers + worker * perWorker)
      },
    ]
  }
}

/// Coordinate MSE.
struct CoordinateLossNode: NodeCompiler {
  let attributes: CoordinateLoss
  let keypointCount: Int

  var workspaceFloats: Int { 16 }

  func phases(_ context: CompileContext) -> [Phase] {
    let (prediction, keypoints, losses) = (
      context.input(0), context.input(1), context.output(0)
    )
    let gradient = context.node.outputs.count > 1 ? context.output(1) : nil
    let (kernels, a, k) = (context.kernels, attributes, keypointCount)
    return [
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        var labelled = 0
        for point in 0..<batch * k where keypoints[3 * point + 2] > 0 { labelled += 1 }
        let normalizer = 1 / Float(2 * max(labelled, 1))
        for image in 0..<batch {
          losses[image] = kernels.coordinateLoss(
            prediction + image * 2 * k, keypoints + image * 3 * k, k, a.width, a.height,
            normalizer, gradient.map { $0 + image * 2 * k })
        }
      }
    ]
  }
}
