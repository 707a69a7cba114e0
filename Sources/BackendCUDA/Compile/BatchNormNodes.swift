import Graph

/// Bytes of the parts of two sums a channel.
private func partBytes(_ tiles: RowTiles) -> Int { tiles.largestPartCount * 2 * tiles.channels * 4 }

private func tiles(_ shape: Shape, bytes: Int) -> RowTiles {
  RowTiles(rows: shape.rows, channels: shape.c, bytes: bytes)
}

/// One thread a channel, for what is put together from parts.
private func channelGrid(_ channels: Int) -> KernelCall.Extent {
  KernelCall.Extent(x: parts(of: channels, by: 32))
}

private let channelBlock = KernelCall.Extent(x: 32, y: 32)

private func apply(
  _ attributes: BatchNorm, _ tiles: RowTiles, mean: KernelArgument, spread: KernelArgument,
  isVariance: Bool, _ context: CompileContext
) -> DeviceWork {
  .kernel(
    KernelCall(
      name: "batchNormApply", grid: tiles.grid(context.multiprocessors), block: tiles.block,
      arguments: [
        context.input(0), attributes.hasResidual ? context.input(5) : .none, context.input(1),
        context.input(2), mean, spread, .float(attributes.epsilon), .flag(isVariance),
        .long(tiles.rows), .int(tiles.channels), .int(tiles.width), .flag(attributes.relu),
        context.output(0),
      ]))
}

/// Batch norm in training: sums, mean and deviation, normalisation.
struct BatchNormForward: NodeCompiler {
  let attributes: BatchNorm
  /// What is normalised, for the planned batch.
  let shape: Shape
  /// Bytes of its values.
  let bytes: Int

  var workspaceBytes: Int { partBytes(tiles(shape, bytes: bytes)) }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let tiles = tiles(context.inputShape(0), bytes: bytes)
    let sums: [KernelArgument] = [
      context.input(0), .long(tiles.rows), .int(tiles.channels), .int(tiles.width),
      .address(context.workspace),
    ]
    let finish: [KernelArgument] = [
      context.input(0), .address(context.workspace), .int(tiles.partCount), .long(tiles.rows),
      .int(tiles.channels), .float(attributes.epsilon), .float(attributes.momentum),
      context.output(1), context.output(2), context.input(3), context.input(4),
    ]
    return [
      .kernel(
        KernelCall(
          name: "batchNormSums", grid: tiles.summingGrid, block: tiles.block, arguments: sums)),
      .kernel(
        KernelCall(
          name: "batchNormFinish", grid: channelGrid(tiles.channels), block: channelBlock,
          arguments: finish)),
      apply(
        attributes, tiles, mean: context.output(1), spread: context.output(2), isVariance: false,
        context),
    ]
  }
}

/// Batch norm by the running statistics.
struct BatchNormInference: NodeCompiler {
  let attributes: BatchNorm
  /// Bytes of the maps' values.
  let bytes: Int

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    [
      apply(
        attributes, tiles(context.inputShape(0), bytes: bytes), mean: context.input(3),
        spread: context.input(4), isVariance: true, context)
    ]
  }
}

/// Gradient of batch norm in training.
struct BatchNormGradientNode: NodeCompiler {
  let attributes: BatchNorm
  /// What is normalised, for the planned batch.
  let shape: Shape
  /// Bytes of its values.
  let bytes: Int

  private var coefficientBytes: Int { aligned(2 * shape.c * 4) }

  var workspaceBytes: Int { coefficientBytes + partBytes(tiles(shape, bytes: bytes)) }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let tiles = tiles(context.inputShape(0), bytes: bytes)
    let coefficients = KernelArgument.address(context.workspace)
    let sums = KernelArgument.address(context.scratch(coefficientBytes))
    let normalisation = [context.input(2), context.input(3), context.input(4), context.input(5)]
    let inputs =
      [context.input(0), context.input(1), attributes.masksByOutput ? context.input(6) : .none]
      + normalisation
    let (rows, channels) = (KernelArgument.long(tiles.rows), KernelArgument.int(tiles.channels))
    let (width, cut) = (KernelArgument.int(tiles.width), KernelArgument.flag(attributes.relu))
    let residual = attributes.hasResidual ? context.output(3) : .none
    // What goes to the residual is the gradient behind ReLU: once it is written, neither the gradient
    // nor the output is read again.
    let keepsMasked = attributes.hasResidual && context.accumulates(3) == .flag(false)
    let applied = keepsMasked ? [residual, context.input(1), .none] + normalisation : inputs
    return [
      .kernel(
        KernelCall(
          name: "batchNormGradientSums", grid: tiles.summingGrid, block: tiles.block,
          arguments: inputs + [
            rows, channels, width, cut, keepsMasked ? residual : .none, sums,
          ])),
      .kernel(
        KernelCall(
          name: "batchNormGradientFinish", grid: channelGrid(tiles.channels), block: channelBlock,
          arguments: [
            sums, .int(tiles.partCount), rows, channels, context.input(2), context.input(5),
            context.output(1), context.output(2), coefficients,
          ])),
      .kernel(
        KernelCall(
          name: "batchNormGradientApply", grid: tiles.grid(context.multiprocessors),
          block: tiles.block,
          arguments: applied + [
            coefficients, rows, channels, width, keepsMasked ? .flag(false) : cut,
            context.output(0), context.accumulates(0), keepsMasked ? .none : residual,
            context.accumulates(3),
          ])),
    ]
  }
}

/// Gradient of batch norm by the running statistics, whose layer is frozen.
struct BatchNormInferenceGradient: NodeCompiler {
  let attributes: BatchNorm
  /// Bytes of the maps' values.
  let bytes: Int

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let tiles = tiles(context.inputShape(0), bytes: bytes)
    return [
      .kernel(
        KernelCall(
          name: "batchNormInferenceGradient", grid: tiles.grid(context.multiprocessors),
          block: tiles.block,
          arguments: [
            context.input(0), context.input(1), context.input(2), context.input(3),
            .float(attributes.epsilon), .long(tiles.rows), .int(tiles.channels), .int(tiles.width),
            .flag(attributes.relu), context.output(0), context.accumulates(0),
            attributes.hasResidual ? context.output(1) : .none, context.accumulates(1),
          ]))
    ]
  }
}
