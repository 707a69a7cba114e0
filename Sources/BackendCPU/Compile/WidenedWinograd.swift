import Glibc
import Graph

/// 3×3 convolution of 16-bit maps by Winograd with products of `Float`, for processors without the
/// instruction for pairs: forward, or the data gradient (the same with turned filters).
struct WidenedWinograd: WinogradNode {
  let layer: WinogradLayer
  private let threads: Int

  /// Channels of what is read and written: swapped for the data gradient.
  init(
    _ attributes: Convolution, source: Shape, channels: Int, isDataGradient: Bool, threads: Int
  ) {
    layer = WinogradLayer(
      attributes, source: source, channels: channels, isDataGradient: isDataGradient)
    self.threads = threads
  }

  /// Tiles in a piece: transformed values of about 1 MiB, so that they stay in the second-level
  /// cache, but enough rows for the matrix products to run well.
  private func pieces(_ batch: Int) -> Pieces {
    let fitting = 262_144 / (36 * (input + output))
    return Pieces(total: batch * tiles.perImage, largest: max(48, fitting), fewest: 4)
  }

  private var largestPiece: Int { Pieces.most(batch) { pieces($0).size } }
  private var pairs: Int { input * output }
  private var perWorker: Int {
    36 * largestPiece * (input + output) + 36 * 16 + 72 + max(input, output)
  }

  var workspaceFloats: Int {
    36 * pairs + (isDataGradient ? 9 * pairs : 0) + threads * (perWorker + 64)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(0, UInt16.self)
    let bias = hasBias ? context.input(2) : nil
    let y = context.output(0, UInt16.self)
    let accumulate = context.node.accumulates[0]
    let (kernels, maps) = (context.kernels, context.kernels.pairs)
    let filters = context.workspace
    let turned = filters + 36 * pairs
    let workers = turned + (isDataGradient ? 9 * pairs : 0)
    let (pairs, input, output, perWorker) = (pairs, input, output, perWorker + 64)
    let (source, turning) = orientedFilters(context, turned: turned)
    var phases = turning
    let pairPieces = Pieces(total: pairs, largest: 4096, multiple: 16)
    phases.append(
      Phase(pieces: { _ in pairPieces.count }) { _, piece, worker in
        let scratch = workers + worker * perWorker
        kernels.winogradFilter(
          source, pairs, pairPieces.first(piece), pairPieces.count(of: piece), filters, scratch)
      })
    let largest = largestPiece
    let tiles = tiles
    let relu = relu
    phases.append(
      Phase(pieces: { [self] batch in pieces(batch).count }) { [self] batch, piece, worker in
        let range = pieces(batch)
        let count = range.count(of: piece)
        let v = workers + worker * perWorker
        let m = v + 36 * largest * input
        let scratch = m + 36 * largest * output
        let places = UnsafeMutableRawPointer(scratch + 36 * 16)
          .assumingMemoryBound(to: UnsafePointer<UInt16>.self)
        let edge = UnsafeMutableRawPointer(scratch + 36 * 16 + 72)
          .assumingMemoryBound(to: UInt16.self)
        memset(edge, 0, max(input, output) * MemoryLayout<UInt16>.size)
        maps.winogradInput(
          x, edge, tiles.h, tiles.w, input, tiles.tilesX, tiles.perImage, range.first(piece),
          count, v, count * input, scratch, places)
        for product in 0..<36 {
          BLAS.multiply(
            count, output, input, v + product * count * input, input, filters + product * pairs,
            output, m + product * count * output, output)
        }
        maps.winogradOutput(
          m, y, edge, bias, tiles.h, tiles.w, output, tiles.tilesX, tiles.perImage,
          range.first(piece), count, relu, accumulate, scratch, places)
      })
    return phases
  }
}

/// Weight gradient of such a convolution: `dg = Gᵀ [sum of V ⊙ (A dy Aᵀ)] G`.
///
/// The batch goes through in chunks that fit the cache; within a chunk the 36 products are
/// independent, so they are split over the crew and summed in a fixed order.
struct WidenedWinogradWeightGradient: NodeCompiler {
  let tiles: WinogradTiles
  let batch: Int
  let input: Int
  let output: Int
  let hasBias: Bool
  let threads: Int

  init(_ attributes: Convolution, x: Shape, dy: Shape, threads: Int) {
    tiles = WinogradTiles(x)
    batch = x.n
    input = x.c
    output = dy.c
    hasBias = attributes.hasBias
    self.threads = threads
  }

  private var pairs: Int { input * output }

  private func chunks(_ batch: Int) -> Pieces {
    let fitting = 2_097_152 / (36 * (input + output))
    return Pieces(total: batch * tiles.perImage, largest: max(64, fitting))
  }

  private var largestChunk: Int { Pieces.most(batch) { chunks($0).size } }
  private static var perWorker: Int { 36 * 16 + 72 }

  var workspaceFloats: Int {
    36 * pairs + 36 * largestChunk * (input + output)
      + threads * (Self.perWorker + max(input, output) + 64)
      + (hasBias ? ColumnSums.workspaceFloats(columns: output) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy) = (context.input(0, UInt16.self), context.input(1, UInt16.self))
    let dweight = context.output(0)
    let (kernels, maps) = (context.kernels, context.kernels.pairs)
    let (input, output, pairs, tiles, largest) = (input, output, pairs, tiles, largestChunk)
    let gradients = context.workspace
    let v = gradients + 36 * pairs
    let e = v + 36 * largest * input
    let workers = e + 36 * largest * output
    let perWorker = Self.perWorker + max(input, output) + 64
    var phases = chunkedPhases(upTo: batch, chunks) { range in
      [
        Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 32).count } ?? 0 }) {
          batch, piece, worker in
          guard let (start, total) = range(batch) else { return }
          let part = Pieces(total: total, largest: 32)
          let (first, count) = (part.first(piece), part.count(of: piece))
          let scratch = workers + worker * perWorker
          let places = UnsafeMutableRawPointer(scratch + 36 * 16)
            .assumingMemoryBound(to: UnsafePointer<UInt16>.self)
          let zeros = UnsafeMutableRawPointer(scratch + 36 * 16 + 72)
            .assumingMemoryBound(to: UInt16.self)
          memset(zeros, 0, max(input, output) * MemoryLayout<UInt16>.size)
          maps.winogradInput(
            x, zeros, tiles.h, tiles.w, input, tiles.tilesX, tiles.perImage, start + first, count,
            v + first * input, total * input, scratch, places)
          maps.winogradOutputGradient(
            dy, zeros, tiles.h, tiles.w, output, tiles.tilesX, tiles.perImage, start + first,
            count, e + first * output, total * output, scratch, places)
        },
        Phase(pieces: { range($0) == nil ? 0 : 36 }) { batch, product, _ in
          guard let (start, total) = range(batch) else { return }
          BLAS.multiply(
            input, output, total, v + product * total * input, input, transposeA: true,
            e + product * total * output, output, beta: start == 0 ? 0 : 1,
            gradients + product * pairs, output)
        },
      ]
    }
    let pairPieces = Pieces(total: pairs, largest: 4096, multiple: 16)
    phases.append(
      Phase(pieces: { _ in pairPieces.count }) { _, piece, worker in
        kernels.winogradFilterGradient(
          gradients, pairs, pairPieces.first(piece), pairPieces.count(of: piece), dweight,
          workers + worker * perWorker)
      })
    if hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: tiles.h * tiles.w, columns: output, into: context.output(1),
        workspace: workers + threads * perWorker, kernels)
    }
    return phases
  }
}
