import Graph

/// Fully connected layer: output columns in fixed blocks, or for very many inputs these in fixed
/// parts, whose products are added in order. `GiantLinear` does what comes in sixteens better.
struct LinearForward: NodeCompiler {
  let attributes: Linear
  let batch: Int
  let inputs: Int
  let outputs: Int

  private var parts: Pieces {
    inputs > 8192
      ? Pieces(total: inputs, largest: 2048) : Pieces(total: inputs, largest: inputs)
  }

  var workspaceFloats: Int { parts.count > 1 ? parts.count * batch * outputs : 0 }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, weight, bias, y) = (
      context.input(0), context.input(1), context.input(2), context.output(0)
    )
    let (inputs, outputs, relu, kernels) = (inputs, outputs, attributes.relu, context.kernels)
    let (parts, products) = (parts, context.workspace)
    let blocks = Pieces(total: outputs, largest: 64)
    let last = Phase(pieces: { _ in 1 }) { batch, _, _ in
      if parts.count > 1 {
        let count = batch * outputs
        kernels.sumParts(products, parts.count, count, 0, count, y)
      }
      kernels.addBias(y, bias, batch, outputs, relu)
    }
    if parts.count > 1 {
      return [
        Phase(pieces: { _ in parts.count }) { batch, piece, _ in
          let first = parts.first(piece)
          BLAS.multiply(
            batch, outputs, parts.count(of: piece), x + first, inputs, weight + first * outputs,
            outputs, products + piece * batch * outputs, outputs)
        }, last,
      ]
    }
    return [
      Phase(pieces: { _ in blocks.count }) { batch, piece, _ in
        let first = blocks.first(piece)
        BLAS.multiply(
          batch, blocks.count(of: piece), inputs, x, inputs, weight + first, outputs, y + first,
          outputs)
      }, last,
    ]
  }
}

/// Data gradient of a fully connected layer: input columns in fixed blocks.
struct LinearDataGradient: NodeCompiler {
  let inputs: Int
  let outputs: Int

  var workspaceFloats: Int { 0 }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, weight, dx) = (context.input(0), context.input(1), context.output(0))
    let (inputs, outputs) = (inputs, outputs)
    let beta: Float = context.node.accumulates[0] ? 1 : 0
    let blocks = Pieces(total: inputs, largest: 256)
    return [
      Phase(pieces: { _ in blocks.count }) { batch, piece, _ in
        let first = blocks.first(piece)
        BLAS.multiply(
          batch, blocks.count(of: piece), outputs, dy, outputs, weight + first * outputs, outputs,
          transposeB: true, beta: beta, dx + first, inputs)
      }
    ]
  }
}

/// The product `xᵀ · dy`, some rows of the weight at a time: the same with and without the update, so that
/// both give the same bits. Outputs in sixteens are done by our own product, with `dy` packed.
private struct LinearWeightProduct {
  let batch: Int
  let inputs: Int
  let outputs: Int

  /// 256 KiB, so that the gradient is in the cache when the update reads it.
  var blocks: Pieces {
    Pieces(total: inputs, largest: max(16, min(256, 65_536 / outputs)), multiple: 16)
  }
  private var isOwn: Bool { outputs % 16 == 0 }
  var packedFloats: Int { isOwn ? batch * outputs : 0 }

  func packing(
    _ dy: UnsafePointer<Float>, _ packed: UnsafeMutablePointer<Float>, _ kernels: KernelTable
  ) -> Phase {
    Phase(pieces: { [isOwn] _ in isOwn ? 1 : 0 }) { [outputs] batch, _, _ in
      kernels.packSixteens(dy, batch, outputs, 0, outputs / 16, packed)
    }
  }

  func multiply(
    _ piece: Int, batch: Int, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    _ packed: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ kernels: KernelTable
  ) {
    let (first, count) = (blocks.first(piece), blocks.count(of: piece))
    if isOwn {
      kernels.multiplyRowsTransposed(
        count, outputs / 16, batch, x + first, inputs, packed, batch * 16, false, gradient, outputs)
    } else {
      BLAS.multiply(
        count, outputs, batch, x + first, inputs, transposeA: true, dy, outputs, gradient, outputs)
    }
  }
}

/// Weight and bias gradient of a fully connected layer: rows of the weight in fixed blocks.
struct LinearWeightGradient: NodeCompiler {
  let batch: Int
  let inputs: Int
  let outputs: Int

  private var product: LinearWeightProduct {
    LinearWeightProduct(batch: batch, inputs: inputs, outputs: outputs)
  }

  var workspaceFloats: Int { product.packedFloats }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy, dweight, dbias) = (
      context.input(0), context.input(1), context.output(0), context.output(1)
    )
    let (outputs, kernels, product) = (outputs, context.kernels, product)
    let (blocks, packed) = (product.blocks, context.workspace)
    return [
      product.packing(dy, packed, kernels),
      Phase(pieces: { _ in blocks.count + 1 }) { batch, piece, _ in
        if piece == blocks.count {
          kernels.floats.sumRows(dy, batch, outputs, dbias)
          return
        }
        product.multiply(
          piece, batch: batch, x, dy, packed, dweight + blocks.first(piece) * outputs, kernels)
      },
    ]
  }
}

/// The same, but each block of the gradient goes into the optimiser's step at once.
struct LinearUpdate: NodeCompiler {
  let batch: Int
  let inputs: Int
  let outputs: Int
  let threads: Int

  private var product: LinearWeightProduct {
    LinearWeightProduct(batch: batch, inputs: inputs, outputs: outputs)
  }
  private var perWorker: Int { (product.blocks.size * outputs + 15) / 16 * 16 }

  var workspaceFloats: Int { product.packedFloats + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy) = (context.input(0), context.input(1))
    let (outputs, kernels, product) = (outputs, context.kernels, product)
    let (blocks, perWorker, packed) = (product.blocks, perWorker, context.workspace)
    let workspace = packed + product.packedFloats
    let optimizer = context.optimizer
    let weight = optimizer.place(of: context.output(0))
    let bias = optimizer.place(of: context.output(1))
    return [
      product.packing(dy, packed, kernels),
      Phase(pieces: { _ in blocks.count + 1 }) { batch, piece, worker in
        let gradient = workspace + worker * perWorker
        if piece == blocks.count {
          kernels.floats.sumRows(dy, batch, outputs, gradient)
          pad(gradient, outputs)
          optimizer.apply(gradient, at: bias, count: outputs, isDecayed: false)
          return
        }
        let (first, count) = (blocks.first(piece), blocks.count(of: piece))
        product.multiply(piece, batch: batch, x, dy, packed, gradient, kernels)
        pad(gradient, count * outputs)
        optimizer.apply(
          gradient, at: weight + first * outputs, count: count * outputs, isDecayed: true)
      },
    ]
  }
}

/// Optimisers work in sixteens; what lies behind a parameter stays zero.
private func pad(_ gradient: UnsafeMutablePointer<Float>, _ count: Int) {
  for index in count..<(count + 15) / 16 * 16 { gradient[index] = 0 }
}
