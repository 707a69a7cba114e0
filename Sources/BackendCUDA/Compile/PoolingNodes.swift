import Graph

// Pooling and upsampling. Rows of the tiles are pixels of what is written.

private func pixelWork(
  _ name: String, _ tiles: RowTiles, _ context: CompileContext, _ arguments: [KernelArgument]
) -> [DeviceWork] {
  [
    .kernel(
      KernelCall(
        name: name, grid: tiles.grid(context.multiprocessors), block: tiles.block,
        arguments: arguments))
  ]
}

private func extents(_ a: MaxPool, _ x: Shape, _ y: Shape) -> [KernelArgument] {
  [
    .int(x.n), .int(x.h), .int(x.w), .int(x.c), .int(a.kernel), .int(a.stride), .int(a.padding),
    .int(y.h), .int(y.w),
  ]
}

/// Max pooling.
struct MaxPoolNode: NodeCompiler {
  let attributes: MaxPool

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (x, y) = (context.inputShape(0), context.outputShape(0))
    let tiles = RowTiles(rows: y.rows, channels: y.c, bytes: context.inputBytes(0))
    return pixelWork(
      "maxPool", tiles, context,
      [context.input(0)] + extents(attributes, x, y) + [
        .int(tiles.width), .address(context.addedBias), .flag(attributes.relu), context.output(0),
        context.output(1),
      ])
  }
}

/// Gradient of max pooling.
struct MaxPoolGradientNode: NodeCompiler {
  let attributes: MaxPool

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (x, y) = (context.outputShape(0), context.inputShape(0))
    let a = attributes
    // Windows of 2×2 side by side are done window by window.
    let isHalving = a.kernel == 2 && a.stride == 2 && a.padding == 0
    let tiles = RowTiles(
      rows: isHalving ? x.n * ((x.h + 1) / 2) * ((x.w + 1) / 2) : x.rows, channels: x.c,
      bytes: context.inputBytes(0))
    return pixelWork(
      "maxPoolGradient", tiles, context,
      [context.input(0), context.input(1), a.relu ? context.input(2) : .none] + extents(a, x, y) + [
        .int(tiles.width), context.accumulates(0), context.output(0),
      ])
  }
}

/// The mean over each image's pixels, which is `Float`.
struct GlobalAveragePoolNode: NodeCompiler {
  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let x = context.inputShape(0)
    let tiles = RowTiles(rows: x.h * x.w, channels: x.c, bytes: context.inputBytes(0))
    return [
      .kernel(
        KernelCall(
          name: "globalAveragePool", grid: KernelCall.Extent(x: tiles.across, y: x.n),
          block: tiles.block,
          arguments: [
            context.input(0), .int(x.h * x.w), .int(x.c), .int(tiles.width), context.output(0),
          ]))
    ]
  }
}

/// Gradient of the mean over each image's pixels.
struct GlobalAveragePoolGradientNode: NodeCompiler {
  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let x = context.outputShape(0)
    let bytes = context.graph[context.node.outputs[0]].elementBytes
    let tiles = RowTiles(rows: x.rows, channels: x.c, bytes: bytes)
    return pixelWork(
      "globalAveragePoolGradient", tiles, context,
      [
        context.input(0), .int(x.n), .int(x.h * x.w), .int(x.c), .int(tiles.width),
        context.accumulates(0), context.output(0),
      ])
  }
}

private func extents(_ a: Upsample, _ x: Shape) -> [KernelArgument] {
  [
    .int(x.n), .int(x.h), .int(x.w), .int(x.c), .int(a.factor), .flag(a.kind == .bilinear),
  ]
}

/// Upsampling.
struct UpsampleNode: NodeCompiler {
  let attributes: Upsample

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (x, y) = (context.inputShape(0), context.outputShape(0))
    let tiles = RowTiles(rows: y.rows, channels: y.c, bytes: context.inputBytes(0))
    return pixelWork(
      "upsample", tiles, context,
      [context.input(0)] + extents(attributes, x) + [.int(tiles.width), context.output(0)])
  }
}

/// Gradient of upsampling.
struct UpsampleGradientNode: NodeCompiler {
  let attributes: Upsample

  var workspaceBytes: Int { 0 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let x = context.outputShape(0)
    let tiles = RowTiles(rows: x.rows, channels: x.c, bytes: context.inputBytes(0))
    return pixelWork(
      "upsampleGradient", tiles, context,
      [context.input(0)] + extents(attributes, x) + [
        .int(tiles.width), context.accumulates(0), context.output(0),
      ])
  }
}
