import Graph

/// A fully connected layer of very many inputs, whose weight `[inputs][outputs]` takes hundreds of megabytes
/// and goes by once: the batch lies in the lanes, so that the weight is read as it lies, row by row, and
/// nothing of it is packed.
struct GiantLinear {
  let batch: Int
  let inputs: Int
  let outputs: Int

  /// Nil where the layer is not worth it, or batch and sizes do not come in sixteens.
  init?(batch: Int, inputs: Int, outputs: Int) {
    guard inputs > 8192, batch % 16 == 0, inputs % 16 == 0, outputs % 16 == 0 else { return nil }
    self.batch = batch
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Inputs of a piece of the work: fixed, because their products are added in order.
  fileprivate var parts: Pieces { Pieces(total: inputs, largest: 2048, multiple: 16) }
  /// Inputs whose rows of the weight stay in the cache while all outputs are done: 256 KiB.
  fileprivate var step: Int { max(16, 65_536 / outputs / 16 * 16) }
  fileprivate var groups: Int { batch / 16 }

  /// Puts columns of a matrix with a row for each sample into sixteens of samples, `[batch/16]`, `panel`
  /// floats apart, of `[count][16]`. Rows behind the samples of a smaller batch hold anything.
  fileprivate func turnSamples(
    _ kernels: KernelTable, _ x: UnsafePointer<Float>, stride: Int, count: Int, panel: Int,
    _ turned: UnsafeMutablePointer<Float>
  ) {
    for group in 0..<groups {
      kernels.turnRows(x + group * 16 * stride, stride, 16, count, turned + group * panel, 16)
    }
  }
}

/// `y = x · w + b`: each part of the inputs makes `yᵀ`, and the parts are added in order.
///
/// Some rows of the weight at a time are put into sixteens, because with a weight whose rows are a power of
/// two long a column of them has room for few values in the first-level cache.
struct GiantLinearForward: NodeCompiler {
  let layer: GiantLinear
  let attributes: Linear
  let threads: Int

  private var sumFloats: Int { layer.outputs * layer.batch }
  private var perWorker: Int { layer.step * (layer.batch + layer.outputs) }

  var workspaceFloats: Int { layer.parts.count * sumFloats + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, weight, bias) = (context.input(0), context.input(1), context.input(2))
    let (y, kernels, layer, relu) = (
      context.output(0), context.kernels, layer, attributes.relu
    )
    let (inputs, outputs, parts, step) = (layer.inputs, layer.outputs, layer.parts, layer.step)
    let (sumFloats, perWorker) = (sumFloats, perWorker)
    let sums = context.workspace
    let workers = sums + parts.count * sumFloats
    let ranges = Pieces(total: sumFloats, largest: 4096, multiple: 16)
    return [
      Phase(pieces: { _ in parts.count }) { _, piece, worker in
        let turned = workers + worker * perWorker
        let packed = turned + step * layer.batch
        let steps = Pieces(total: parts.count(of: piece), largest: step)
        for index in 0..<steps.count {
          let (first, count) = (parts.first(piece) + steps.first(index), steps.count(of: index))
          layer.turnSamples(
            kernels, x + first, stride: inputs, count: count, panel: count * 16, turned)
          kernels.packSixteens(weight + first * outputs, count, outputs, 0, outputs / 16, packed)
          kernels.multiplySixteensTransposed(
            outputs, layer.groups, count, packed, count * 16, turned, count * 16, index > 0,
            sums + piece * sumFloats, outputs * 16)
        }
      },
      Phase(pieces: { _ in ranges.count }) { _, piece, _ in
        kernels.sumParts(
          sums, parts.count, sumFloats, ranges.first(piece), ranges.count(of: piece), sums)
      },
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        for sample in stride(from: 0, to: batch, by: 16) {
          kernels.turnRows(
            sums + sample * outputs, 16, outputs, min(16, batch - sample), y + sample * outputs,
            outputs)
        }
        kernels.addBias(y, bias, batch, outputs, relu)
      },
    ]
  }
}

/// `dx = dy · wᵀ`, some rows of the weight at a time.
struct GiantLinearDataGradient: NodeCompiler {
  let layer: GiantLinear
  let threads: Int

  private var rows: Pieces { Pieces(total: layer.inputs, largest: 256, multiple: 16) }
  private var perWorker: Int { rows.size * layer.batch }

  var workspaceFloats: Int { layer.outputs * layer.batch + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, weight, dx) = (context.input(0), context.input(1), context.output(0))
    let (kernels, layer, rows, perWorker) = (context.kernels, layer, rows, perWorker)
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    let turned = context.workspace
    let workers = turned + outputs * layer.batch
    return [
      Phase(pieces: { _ in 1 }) { _, _, _ in
        layer.turnSamples(
          kernels, dy, stride: outputs, count: outputs, panel: outputs * 16, turned)
      },
      Phase(pieces: { _ in rows.count }) { batch, piece, worker in
        let (first, count) = (rows.first(piece), rows.count(of: piece))
        let gradient = workers + worker * perWorker
        kernels.multiplyRows(
          count, layer.groups, outputs, weight + first * outputs, outputs, turned, outputs * 16,
          false, gradient, layer.batch)
        kernels.turnRows(gradient, layer.batch, count, batch, dx + first, inputs)
      },
    ]
  }
}
