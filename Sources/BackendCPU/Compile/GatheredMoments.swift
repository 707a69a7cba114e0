import Graph

/// A node whose last phase may write its first output, `[N, H, W, C]`, in whole rows of C values.
protocol RowWriter: NodeCompiler {
  /// Whether it does, for these shapes.
  var writesRows: Bool { get }
  /// The rows that a piece of the last phase writes, counted through the batch.
  func rows(_ batch: Int, _ piece: Int) -> Range<Int>
  /// Most pieces of the last phase.
  var mostPieces: Int { get }
}

/// A node that also takes the moments which the batch norm behind it needs: of each piece by the core that
/// wrote it, while it is in its cache.
struct GatheredMoments<Value: MapValue>: NodeCompiler {
  private let writer: any RowWriter
  private let batchNorm: Node
  private let attributes: BatchNorm
  private let channels: Int

  /// Nil where the node writes no whole rows.
  init?(
    _ compiler: any NodeCompiler, batchNorm: Node, attributes: BatchNorm, shape: Shape
  ) {
    guard let writer = compiler as? any RowWriter, writer.writesRows else { return nil }
    self.writer = writer
    self.batchNorm = batchNorm
    self.attributes = attributes
    channels = shape.c
  }

  var workspaceFloats: Int {
    start + writer.mostPieces * BatchNormMoments<Value>.floats(channels)
  }

  /// Where the moments begin, behind what the node itself needs.
  private var start: Int { (writer.workspaceFloats + 15) / 16 * 16 }

  func phases(_ context: CompileContext) -> [Phase] {
    var phases = writer.phases(context)
    guard let last = phases.popLast() else { return [] }
    let (writer, batchNorm) = (writer, batchNorm)
    let (y, maps) = (context.output(0, Value.self), Value.kernels(context.kernels))
    let moments = BatchNormMoments<Value>(
      attributes: attributes, channels: channels, base: context.workspace + start)
    phases.append(
      Phase(pieces: last.pieces) { batch, piece, worker in
        last.run(batch, piece, worker)
        let rows = writer.rows(batch, piece)
        moments.take(maps, y, piece: piece, first: rows.lowerBound, rows: rows.count)
      })
    phases.append(
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        moments.combine(batchNorm, context, pieces: last.pieces(batch))
      })
    return phases
  }
}
