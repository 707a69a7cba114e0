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
  static func maxPool(_ x: Shape) -> SimpleNode {
    SimpleNode { context in
      let (source, y, kernels) = (context.input(0), context.output(0), context.kernels)
      let position = context.address(context.node.outputs[1]).assumingMemoryBound(to: UInt8.self)
      return Phase(pieces: { rowPieces($0, rows: x.h / 2, floatsPerRow: x.w * x.c).count }) {
        batch, piece, _ in
        let range = rowPieces(batch, rows: x.h / 2, floatsPerRow: x.w * x.c)
        kernels.maxPool(
          source, x.h, x.w, x.c, range.first(piece), range.count(of: piece), y, position)
      }
    }
  }

  static func maxPoolGradient(_ x: Shape) -> SimpleNode {
    SimpleNode { context in
      let (dy, dx, kernels) = (context.input(0), context.output(0), context.kernels)
      let position = context.address(context.node.inputs[1]).assumingMemoryBound(to: UInt8.self)
      let accumulate = context.node.accumulates[0]
      return Phase(pieces: { rowPieces($0, rows: x.h / 2, floatsPerRow: x.w * x.c).count }) {
        batch, piece, _ in
        let range = rowPieces(batch, rows: x.h / 2, floatsPerRow: x.w * x.c)
        kernels.maxPoolGradient(
          dy, position, x.h, x.w, x.c, range.first(piece), range.count(of: piece), accumulate, dx)
      }
    }
  }

  static func globalAveragePool(_ x: Shape) -> SimpleNode {
    SimpleNode { context in
      let (source, y, kernels) = (context.input(0), context.output(0), context.kernels)
      return Phase(pieces: { $0 }) { _, image, _ in
        kernels.averagePixels(
          source + image * x.countPerImage, x.h * x.w, x.c, y + image * x.c)
      }
    }
  }

  static func globalAveragePoolGradient(_ x: Shape) -> SimpleNode {
    SimpleNode { context in
      let (dy, dx, kernels) = (context.input(0), context.output(0), context.kernels)
      let accumulate = context.node.accumulates[0]
      return Phase(pieces: { $0 }) { _, image, _ in
        kernels.averagePixelsGradient(
          dy + image * x.c, x.h * x.w, x.c, accumulate, dx + image * x.countPerImage)
      }
    }
  }

  static func upsample(_ attributes: Upsample, _ x: Shape) -> SimpleNode {
    let bilinear = attributes.kind == .bilinear
    return SimpleNode { context in
      let (source, y, kernels) = (context.input(0), context.output(0), context.kernels)
      return Phase(pieces: { rowPieces($0, rows: 2 * x.h, floatsPerRow: 2 * x.w * x.c).count }) {
        batch, piece, _ in
        let range = rowPieces(batch, rows: 2 * x.h, floatsPerRow: 2 * x.w * x.c)
        kernels.upsample(
          source, x.h, x.w, x.c, bilinear, range.first(piece), range.count(of: piece), y)
      }
    }
  }

  static func upsampleGradient(_ attributes: Upsample, _ x: Shape) -> SimpleNode {
    let bilinear = attributes.kind == .bilinear
    return SimpleNode { context in
      let (dy, dx, kernels) = (context.input(0), context.output(0), context.kernels)
      let accumulate = context.node.accumulates[0]
      return Phase(pieces: { $0 }) { _, image, _ in
        kernels.upsampleGradient(
          dy + image * 4 * x.countPerImage, x.h, x.w, x.c, bilinear, accumulate,
          dx + image * x.countPerImage)
      }
    }
  }

  static func reluGradient(_ x: Shape) -> SimpleNode {
    SimpleNode { context in
      let (dy, y, out) = (context.input(0), context.input(1), context.output(0))
      let kernels = context.kernels
      func split(_ batch: Int) -> Pieces {
        Pieces(total: batch * x.countPerImage, largest: 16_384, multiple: 16)
      }
      return Phase(pieces: { split($0).count }) { batch, piece, _ in
        let range = split(batch)
        let at = range.first(piece)
        kernels.reluGradient(dy + at, y + at, range.count(of: piece), out + at)
      }
    }
  }
}
