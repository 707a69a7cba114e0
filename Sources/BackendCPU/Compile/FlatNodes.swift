import Graph

/// Values of a batch in pieces of 64 KiB.
private func flatPieces(_ shape: Shape, _ batch: Int) -> Pieces {
  Pieces(total: batch * shape.countPerImage, largest: 16_384, multiple: 16)
}

// Nodes that look at each value by itself.
extension SimpleNode {
  static func reluGradient<Value: MapValue>(_ shape: Shape, _: Value.Type) -> SimpleNode {
    SimpleNode { context in
      let (dy, y) = (context.input(0, Value.self), context.input(1, Value.self))
      let out = context.output(0, Value.self)
      let kernels = Value.kernels(context.kernels)
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let at = range.first(piece)
        kernels.reluGradient(dy + at, y + at, range.count(of: piece), false, out + at)
      }
    }
  }

  static func add<Value: MapValue>(
    _ attributes: Add, _ shape: Shape, _: Value.Type
  ) -> SimpleNode {
    SimpleNode { context in
      let (a, b) = (context.input(0, Value.self), context.input(1, Value.self))
      let y = context.output(0, Value.self)
      let kernels = Value.kernels(context.kernels)
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let at = range.first(piece)
        kernels.addMaps(a + at, b + at, range.count(of: piece), attributes.relu, y + at)
      }
    }
  }

  static func addGradient<Value: MapValue>(
    _ attributes: Add, _ shape: Shape, _: Value.Type
  ) -> SimpleNode {
    SimpleNode { context in
      let dy = context.input(0, Value.self)
      let y = attributes.relu ? UnsafePointer(context.input(1, Value.self)) : nil
      let (da, db) = (context.output(0, Value.self), context.output(1, Value.self))
      let accumulates = context.node.accumulates
      let kernels = Value.kernels(context.kernels)
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let (at, count) = (range.first(piece), range.count(of: piece))
        kernels.reluGradient(dy + at, y.map { $0 + at }, count, accumulates[0], da + at)
        kernels.reluGradient(dy + at, y.map { $0 + at }, count, accumulates[1], db + at)
      }
    }
  }

  /// Values of one kind as another; nothing but a copy where both are the same.
  static func cast(_ shape: Shape, fromBytes: Int, toBytes: Int) -> SimpleNode {
    SimpleNode { context in
      let accumulates = context.node.accumulates[0]
      let (floats, halves) = (context.kernels.floats, context.kernels.halves)
      return Phase(pieces: { flatPieces(shape, $0).count }) { batch, piece, _ in
        let range = flatPieces(shape, batch)
        let (at, count) = (range.first(piece), range.count(of: piece))
        switch (fromBytes, toBytes) {
        case (4, 2):
          halves.castFromFloat(
            context.input(0) + at, count, accumulates, context.output(0, UInt16.self) + at)
        case (2, 4):
          halves.castToFloat(
            context.input(0, UInt16.self) + at, count, accumulates, context.output(0) + at)
        case (4, 4):
          floats.castFromFloat(context.input(0) + at, count, accumulates, context.output(0) + at)
        default: preconditionFailure("a cast between values of \(fromBytes) and \(toBytes) bytes")
        }
      }
    }
  }
}
