import Graph

/// Pieces of about 64 KiB of rows: small enough for the cache, since moments take two passes.
private func rowPieces(_ shape: Shape, _ batch: Int) -> Pieces {
  let rows = batch * shape.h * shape.w
  let size = max(1, 16_384 / shape.c)
  // A fixed size, so that moments combine with equal counts except for the last piece.
  return Pieces(total: rows, largest: min(size, rows))
}

private func pieceCount(_ shape: Shape) -> Int {
  Pieces.most(shape.n) { rowPieces(shape, $0).count }
}

/// Normalisation by scale and shift, with residual and ReLU.
private func applyPhase<Value>(
  _ attributes: BatchNorm, _ shape: Shape, _ x: UnsafePointer<Value>,
  _ residual: UnsafePointer<Value>?, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
  _ y: UnsafeMutablePointer<Value>, _ kernels: MapKernels<Value>
) -> Phase {
  Phase(pieces: { rowPieces(shape, $0).count }) { batch, piece, _ in
    let range = rowPieces(shape, batch)
    let at = range.first(piece) * shape.c
    kernels.batchNormApply(
      x + at, residual.map { $0 + at }, scale, shift, range.count(of: piece), shape.c,
      attributes.relu, y + at)
  }
}

/// The moments of pieces of rows, and how they become a batch norm's statistics.
struct BatchNormMoments<Value: MapValue> {
  let attributes: BatchNorm
  let channels: Int
  let base: UnsafeMutablePointer<Float>

  /// Floats of a piece: means, sums of squared deviations, the number of rows.
  static func floats(_ channels: Int) -> Int { 2 * channels + 16 }

  /// Takes the moments of some rows of x.
  func take(
    _ maps: MapKernels<Value>, _ x: UnsafePointer<Value>, piece: Int, first: Int, rows: Int
  ) {
    let part = base + piece * Self.floats(channels)
    maps.batchNormMoments(x + first * channels, rows, channels, part, part + channels)
    part[2 * channels] = Float(rows)
  }

  /// Writes the statistics that this batch norm puts out, and updates the running ones.
  func combine(_ batchNorm: Node, _ context: CompileContext, pieces: Int) {
    func place(_ tensor: TensorID) -> UnsafeMutablePointer<Float> {
      context.address(tensor).assumingMemoryBound(to: Float.self)
    }
    context.kernels.batchNormCombine(
      base, pieces, channels, attributes.epsilon, attributes.momentum, place(batchNorm.outputs[1]),
      place(batchNorm.outputs[2]), place(batchNorm.inputs[3]), place(batchNorm.inputs[4]))
  }
}

/// Batch norm in training: moments, their combination, normalisation.
struct BatchNormForward<Value: MapValue>: NodeCompiler {
  let attributes: BatchNorm
  let shape: Shape
  /// Whether the node before has taken the moments and combined them.
  let isGathered: Bool

  var workspaceFloats: Int {
    (isGathered ? 0 : pieceCount(shape) * BatchNormMoments<Value>.floats(shape.c)) + 2 * shape.c
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(0, Value.self)
    let (gamma, beta) = (context.input(1), context.input(2))
    let residual = attributes.hasResidual ? UnsafePointer(context.input(5, Value.self)) : nil
    let y = context.output(0, Value.self)
    let (mean, invStd) = (context.output(1), context.output(2))
    let (kernels, maps) = (context.kernels, Value.kernels(context.kernels))
    let (attributes, shape, isGathered) = (attributes, shape, isGathered)
    let c = shape.c
    let scale = context.workspace
    let shift = scale + c
    let moments = BatchNormMoments<Value>(attributes: attributes, channels: c, base: shift + c)
    return [
      Phase(
        descending: true, pieces: { isGathered ? 0 : rowPieces(shape, $0).count }
      ) { batch, piece, _ in
        let range = rowPieces(shape, batch)
        moments.take(
          maps, x, piece: piece, first: range.first(piece), rows: range.count(of: piece))
      },
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        if !isGathered {
          moments.combine(context.node, context, pieces: rowPieces(shape, batch).count)
        }
        kernels.batchNormCoefficients(gamma, beta, mean, invStd, false, 0, c, scale, shift)
      },
      applyPhase(
        attributes, shape, x, residual, scale: scale, shift: shift, y, maps),
    ]
  }
}

/// Batch norm by the running statistics.
struct BatchNormInference<Value: MapValue>: NodeCompiler {
  let attributes: BatchNorm
  let shape: Shape

  var workspaceFloats: Int { 2 * shape.c }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(0, Value.self)
    let (gamma, beta) = (context.input(1), context.input(2))
    let (runningMean, runningVariance) = (context.input(3), context.input(4))
    let residual = attributes.hasResidual ? UnsafePointer(context.input(5, Value.self)) : nil
    let y = context.output(0, Value.self)
    let (kernels, maps) = (context.kernels, Value.kernels(context.kernels))
    let (attributes, shape) = (attributes, shape)
    let c = shape.c
    let scale = context.workspace
    let shift = scale + c
    return [
      Phase(pieces: { _ in 1 }) { _, _, _ in
        kernels.batchNormCoefficients(
          gamma, beta, runningMean, runningVariance, true, attributes.epsilon, c, scale, shift)
      },
      applyPhase(
        attributes, shape, x, residual, scale: scale, shift: shift, y, maps),
    ]
  }
}

/// Gradient of batch norm in training.
struct BatchNormGradientNode<Value: MapValue>: NodeCompiler {
  let attributes: BatchNorm
  let shape: Shape

  var workspaceFloats: Int { pieceCount(shape) * 2 * shape.c + 5 * shape.c }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, x) = (context.input(0, Value.self), context.input(1, Value.self))
    let y = attributes.masksByOutput ? UnsafePointer(context.input(6, Value.self)) : nil
    let (gamma, beta) = (context.input(2), context.input(3))
    let (mean, invStd) = (context.input(4), context.input(5))
    let dx = context.output(0, Value.self)
    let (dgamma, dbeta) = (context.output(1), context.output(2))
    let dresidual = attributes.hasResidual ? context.output(3, Value.self) : nil
    let addToDx = context.node.accumulates[0]
    let addToDresidual = attributes.hasResidual && context.node.accumulates[3]
    let (kernels, maps) = (context.kernels, Value.kernels(context.kernels))
    let (attributes, shape) = (attributes, shape)
    let c = shape.c
    let coefficients = context.workspace
    // What the forward pass multiplied and added: where that is above zero, ReLU did not cut.
    let scale = coefficients + 3 * c
    let shift = scale + c
    let parts = shift + c
    return [
      Phase(pieces: { _ in attributes.relu && y == nil ? 1 : 0 }) { _, _, _ in
        kernels.batchNormCoefficients(gamma, beta, mean, invStd, false, 0, c, scale, shift)
      },
      Phase(descending: true, pieces: { rowPieces(shape, $0).count }) { batch, piece, _ in
        let range = rowPieces(shape, batch)
        let at = range.first(piece) * c
        let part = parts + piece * 2 * c
        maps.batchNormGradientSums(
          dy + at, x + at, y.map { $0 + at }, scale, shift, mean, invStd, range.count(of: piece), c,
          attributes.relu, part, part + c)
      },
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        let range = rowPieces(shape, batch)
        kernels.batchNormGradientCombine(
          parts, range.count, range.total, c, gamma, mean, invStd, dgamma, dbeta, coefficients)
      },
      Phase(pieces: { rowPieces(shape, $0).count }) { batch, piece, _ in
        let range = rowPieces(shape, batch)
        let at = range.first(piece) * c
        maps.batchNormGradientApply(
          dy + at, x + at, y.map { $0 + at }, coefficients, scale, shift, range.count(of: piece), c,
          attributes.relu, dx + at, addToDx, dresidual.map { $0 + at }, addToDresidual)
      },
    ]
  }
}

/// Gradient of batch norm by the running statistics, whose layer is frozen.
struct BatchNormInferenceGradient<Value: MapValue>: NodeCompiler {
  let attributes: BatchNorm
  let shape: Shape

  var workspaceFloats: Int { shape.c }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, y) = (context.input(0, Value.self), context.input(1, Value.self))
    let (gamma, variance) = (context.input(2), context.input(3))
    let dx = context.output(0, Value.self)
    let dresidual = attributes.hasResidual ? context.output(1, Value.self) : nil
    let addToDx = context.node.accumulates[0]
    let addToDresidual = attributes.hasResidual && context.node.accumulates[1]
    let maps = Value.kernels(context.kernels)
    let (attributes, shape, scale) = (attributes, shape, context.workspace)
    return [
      Phase(pieces: { _ in 1 }) { _, _, _ in
        for c in 0..<shape.c {
          scale[c] = gamma[c] / (variance[c] + attributes.epsilon).squareRoot()
        }
      },
      Phase(pieces: { rowPieces(shape, $0).count }) { batch, piece, _ in
        let range = rowPieces(shape, batch)
        let at = range.first(piece) * shape.c
        maps.batchNormFixedGradient(
          dy + at, y + at, scale, range.count(of: piece), shape.c, attributes.relu, dx + at,
          addToDx, dresidual.map { $0 + at }, addToDresidual)
      },
    ]
  }
}
