import Graph

/// SimCC's two layers: each image's maps `[pixels, K]`, transposed, times the two weights.
struct SimCCLinearForward: NodeCompiler {
  let attributes: SimCCLinear
  let x: Shape

  var workspaceFloats: Int { 0 }

  func phases(_ context: CompileContext) -> [Phase] {
    let (maps, y) = (context.input(0), context.output(0))
    let (pixels, k, bins) = (x.h * x.w, x.c, attributes.bins)
    let parts = [
      (context.input(1), context.input(2), attributes.binsX, 0),
      (context.input(3), context.input(4), attributes.binsY, attributes.binsX),
    ]
    return [
      Phase(pieces: { $0 }) { _, image, _ in
        for (weight, bias, count, first) in parts {
          let out = y + image * k * bins + first
          for point in 0..<k { (out + point * bins).update(from: bias, count: count) }
          BLAS.multiply(
            k, count, pixels, maps + image * pixels * k, k, transposeA: true, weight, count,
            beta: 1, out, bins)
        }
      }
    ]
  }
}

/// Data gradient of SimCC's two layers.
struct SimCCLinearDataGradient: NodeCompiler {
  let attributes: SimCCLinear
  let x: Shape

  var workspaceFloats: Int { 0 }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, weightX, weightY) = (context.input(0), context.input(1), context.input(2))
    let dx = context.output(0)
    let (pixels, k, a) = (x.h * x.w, x.c, attributes)
    let beta: Float = context.node.accumulates[0] ? 1 : 0
    return [
      Phase(pieces: { $0 }) { _, image, _ in
        let (g, out) = (dy + image * k * a.bins, dx + image * pixels * k)
        BLAS.multiply(
          pixels, k, a.binsX, weightX, a.binsX, g, a.bins, transposeB: true, beta: beta, out, k)
        BLAS.multiply(
          pixels, k, a.binsY, weightY, a.binsY, g + a.binsX, a.bins, transposeB: true, beta: 1,
          out, k)
      }
    ]
  }
}

/// Weight gradients of SimCC's two layers: pixels in fixed blocks, each over all images in order.
struct SimCCLinearWeightGradient: NodeCompiler {
  let attributes: SimCCLinear
  let x: Shape

  var workspaceFloats: Int { attributes.bins }

  func phases(_ context: CompileContext) -> [Phase] {
    let (maps, dy) = (context.input(0), context.input(1))
    let (pixels, k, a) = (x.h * x.w, x.c, attributes)
    let parts = [
      (context.output(0), a.binsX, 0), (context.output(2), a.binsY, a.binsX),
    ]
    let (biasX, biasY) = (context.output(1), context.output(3))
    let (kernels, sums) = (context.kernels, context.workspace)
    let blocks = Pieces(total: pixels, largest: 64)
    return [
      Phase(pieces: { _ in blocks.count + 1 }) { batch, piece, _ in
        if piece == blocks.count {
          kernels.floats.sumRows(dy, batch * k, a.bins, sums)
          biasX.update(from: sums, count: a.binsX)
          biasY.update(from: sums + a.binsX, count: a.binsY)
          return
        }
        let first = blocks.first(piece)
        for image in 0..<batch {
          for (weight, count, offset) in parts {
            BLAS.multiply(
              blocks.count(of: piece), count, k, maps + (image * pixels + first) * k, k,
              dy + image * k * a.bins + offset, a.bins, beta: image == 0 ? 0 : 1,
              weight + first * count, count)
          }
        }
      }
    ]
  }
}
