import Graph

/// A node of one phase without scratch memory.
struct SimpleNode: NodeCompiler {
  let make: (CompileContext) -> Phase

  var workspaceFloats: Int { 0 }

  func phases(_ context: CompileContext) -> [Phase] { [make(context)] }
}

/// Rows of all images of a batch in pieces of about 64 KiB.
private func rowPieces(_ batch: Int, rows: Int, floatsPerRow: Int) -> Pieces {
  Pieces(total: batch * rows, largest: max(1, 16_384 / floatsPerRow))
}

extension SimpleNode {
  static func maxPool<Value: MapValue>(
    _ a: MaxPool, _ x: Shape, _: Value.Type
  ) -> SimpleNode {
    let pooled = a.outputShape(x)
    return SimpleNode { context in
      let (source, y) = (context.input(0, Value.self), context.output(0, Value.self))
      let kernels = Value.kernels(context.kernels)
      let position = context.address(context.node.outputs[1]).assumingMemoryBound(to: UInt8.self)
      func split(_ batch: Int) -> Pieces {
        rowPieces(batch, rows: pooled.h, floatsPerRow: a.stride * x.w * x.c)
      }
      return Phase(pieces: { split($0).count }) { batch, piece, _ in
        let range = split(batch)
        kernels.maxPool(
          source, x.h, x.w, x.c, a.kernel, a.stride, a.padding, pooled.h, pooled.w, a.relu,
          range.first(piece), range.count(of: piece), y, position)
      }
    }
  }

  static func maxPoolGradient<Value: MapValue>(
    _ a: MaxPool, _ x: Shape, _: Value.Type
  ) -> SimpleNode {
    let pooled = a.outputShape(x)
    return SimpleNode { context in
      let (dy, dx) = (context.input(0, Value.self), context.output(0, Value.self))
      let kernels = Value.kernels(context.kernels)
      let position = context.address(context.node.inputs[1]).assumingMemoryBound(to: UInt8.self)
      let y = a.relu ? UnsafePointer(context.input(2, Value.self)) : nil
      let accumulate = context.node.accumulates[0]
      func split(_ batch: Int) -> Pieces { rowPieces(batch, rows: x.h, floatsPerRow: x.w * x.c) }
      return Phase(pieces: { split($0).count }) { batch, piece, _ in
        let range = split(batch)
        kernels.maxPoolGradient(
          dy, position, y, x.h, x.w, x.c, a.kernel, a.stride, a.padding, pooled.h, pooled.w,
          range.first(piece), range.count(of: piece), accumulate, dx)
      }
    }
  }

  static func globalAveragePool<Value: MapValue>(_ x: Shape, _: Value.Type) -> SimpleNode {
    SimpleNode { context in
      let (source, y) = (context.input(0, Value.self), context.output(0))
      let kernels = Value.kernels(context.kernels)
      return Phase(pieces: { $0 }) { _, image, _ in
        kernels.averagePixels(
          source + image * x.countPerImage, x.h * x.w, x.c, y + image * x.c)
      }
    }
  }

  static func globalAveragePoolGradient<Value: MapValue>(_ x: Shape, _: Value.Type) -> SimpleNode {
    SimpleNode { context in
      let (dy, dx) = (context.input(0), context.output(0, Value.self))
      let kernels = Value.kernels(context.kernels)
      let accumulate = context.node.accumulates[0]
      return Phase(pieces: { $0 }) { _, image, _ in
        kernels.averagePixelsGradient(
          dy + image * x.c, x.h * x.w, x.c, accumulate, dx + image * x.countPerImage)
      }
    }
  }

  static func upsample<Value: MapValue>(
    _ attributes: Upsample, _ x: Shape, _: Value.Type
  ) -> SimpleNode {
    let (bilinear, factor) = (attributes.kind == .bilinear, attributes.factor)
    return SimpleNode { context in
      let (source, y) = (context.input(0, Value.self), context.output(0, Value.self))
      let kernels = Value.kernels(context.kernels)
      func split(_ batch: Int) -> Pieces {
        rowPieces(batch, rows: factor * x.h, floatsPerRow: factor * x.w * x.c)
      }
      return Phase(pieces: { split($0).count }) { batch, piece, _ in
        let range = split(batch)
        kernels.upsample(
          source, x.h, x.w, x.c, factor, bilinear, range.first(piece), range.count(of: piece), y)
      }
    }
  }

  static func upsampleGradient<Value: MapValue>(
    _ attributes: Upsample, _ x: Shape, _: Value.Type
  ) -> SimpleNode {
    let (bilinear, factor) = (attributes.kind == .bilinear, attributes.factor)
    return SimpleNode { context in
      let (dy, dx) = (context.input(0, Value.self), context.output(0, Value.self))
      let kernels = Value.kernels(context.kernels)
      let accumulate = context.node.accumulates[0]
      return Phase(pieces: { $0 }) { _, image, _ in
        kernels.upsampleGradient(
          dy + image * factor * factor * x.countPerImage, x.h, x.w, x.c, factor, bilinear,
          accumulate, dx + image * x.countPerImage)
      }
    }
  }
}
