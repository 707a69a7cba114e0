import Graph

/// Values of a batch in pieces of 64 KiB.
private func flatPieces(_ shape: Shape, _ batch: Int) -> Pieces {
  Pieces(total: batch * shape.countPerImage, largest: 16_384, multiple: 16)
}

// Nodes that look at each value by itself.
extension SimpleNode {
  static func reluGradient(_ shape: Shape) -> SimpleNode {
    SimpleNode { context in
      let (dy, y, out) = (context.input(0), context.input(1), context.output(0))
      let kernels = context.kernels
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let at = range.first(piece)
        kernels.reluGradient(dy + at, y + at, range.count(of: piece), false, out + at)
      }
    }
  }

  static func add(_ attributes: Add, _ shape: Shape) -> SimpleNode {
    SimpleNode { context in
      let (a, b, y) = (context.input(0), context.input(1), context.output(0))
      let kernels = context.kernels
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let at = range.first(piece)
        kernels.addMaps(a + at, b + at, range.count(of: piece), attributes.relu, y + at)
      }
    }
  }

  static func addGradient(_ attributes: Add, _ shape: Shape) -> SimpleNode {
    SimpleNode { context in
      let dy = context.input(0)
      let y = attributes.relu ? UnsafePointer(context.input(1)) : nil
      let (da, db) = (context.output(0), context.output(1))
      let accumulates = context.node.accumulates
      let kernels = context.kernels
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let (at, count) = (range.first(piece), range.count(of: piece))
        kernels.reluGradient(dy + at, y.map { $0 + at }, count, accumulates[0], da + at)
        kernels.reluGradient(dy + at, y.map { $0 + at }, count, accumulates[1], db + at)
      }
    }
  }
}
