import CKernels
import Glibc
import Graph

/// Weight gradient of a convolution of 16-bit maps by Winograd: `dg = Gᵀ [sum of V ⊙ (A dy Aᵀ)] G`; a
/// transposed convolution takes a pass for each of its parities.
///
/// With few channels the tiles are cut into a few fixed parts, each of which goes through in steps that stay
/// in the cache, and the parts' sums are added in order. With many the batch goes through in chunks; within a
/// chunk the 16 products are independent, so they are split over the crew and summed in a fixed order.
struct PairWinogradWeightGradient: NodeCompiler {
  /// One of the two pictures whose transformed tiles are multiplied.
  private struct Operand {
    let input: Int
    let channels: Int
    let offset: Int
    let tiles: PictureTiles
    let transform: (PairKernels) -> PairKernels.Transform
  }

  /// Operands whose products make a filter's gradient: its rows, and its columns.
  private struct Pass {
    let rows: Operand
    let columns: Operand
    /// The 2×2 filter's taps in the weight; nil where the weight is 3×3.
    let taps: (Int, Int, Int, Int)?
  }

  private let passes: [Pass]
  private let batch: Int
  private let tilesPerImage: Int
  private let rows: Int
  private let results: Int
  private let hasBias: Bool
  private let biasPixels: Int
  private let threads: Int

  /// Of a 3×3 convolution of x to y.
  init(_ attributes: Convolution, x: Shape, y: Shape, threads: Int) {
    let tiles = WinogradTiles(x, step: 2)
    passes = [
      Pass(
        rows: Operand(
          input: 0, channels: x.c, offset: 0, tiles: tiles.pairTiles(channels: x.c, origin: 1),
          transform: \.winogradWindowPairs),
        columns: Operand(
          input: 1, channels: y.c, offset: 0, tiles: tiles.pairTiles(channels: y.c, origin: 0),
          transform: \.winogradTwosGradient),
        taps: nil)
    ]
    batch = x.n
    tilesPerImage = tiles.perImage
    rows = x.c
    results = y.c
    hasBias = attributes.hasBias
    biasPixels = x.h * x.w
    self.threads = threads
  }

  /// Of a transposed 4×4 convolution with stride 2.
  init(small: Shape, large: Shape, threads: Int) {
    let tiles = TransposedTiles(small: small, large: large, size: 3, isSpread: true)
    passes = (0..<4).map { parity in
      Pass(
        rows: Operand(
          input: 1, channels: large.c, offset: tiles.offset(parity),
          tiles: tiles.largeTiles(parity), transform: \.winogradThreesGradient),
        columns: Operand(
          input: 0, channels: small.c, offset: 0, tiles: tiles.smallTiles(origin: 1),
          transform: \.winogradWindowPairs),
        taps: TransposedTiles.taps(parity, isForward: true))
    }
    batch = small.n
    tilesPerImage = tiles.perImage
    rows = large.c
    results = small.c
    hasBias = false
    biasPixels = 0
    self.threads = threads
  }

  /// Tiles that are transformed at once where the batch goes through in chunks.
  private static let part = 32
  /// Floats of scratch memory of a transform, its pointers behind them.
  private static let transformFloats = 256 + 64

  private var columns: Int { PairWindows.padded(results) }
  private var isInParts: Bool { rows * columns <= 65_536 }
  private var parts: Int { rows * columns <= 16_384 ? 16 : 8 }

  /// The parts, or the chunks of about 16 MB.
  private func split(_ batch: Int) -> Pieces {
    let total = batch * tilesPerImage
    return isInParts
      ? Pieces(total: total, largest: max(1, (total + parts - 1) / parts), multiple: 2)
      : Pieces(
        total: total, largest: max(256, 4_194_304 / (64 * (rows + columns))),
        multiple: Self.part)
  }
  /// Tiles whose transformed values lie together: half a MiB of them, or a chunk.
  private var largest: Int {
    if isInParts { return max(parts == 8 ? 192 : 96, 16_384 / (rows + columns) / 2 * 2) }
    return Pieces.most(batch) { split($0).size }
  }
  /// Floats of the pairs of so many tiles.
  private func planes(_ channels: Int) -> Int {
    16 * (largest / 2 * channels + PairWinograd.gap)
  }
  private var sumFloats: Int { 16 * rows * columns }
  private var sharedFloats: Int {
    isInParts ? parts * sumFloats : sumFloats + planes(rows) + planes(columns)
  }
  private var scratchFloats: Int {
    Self.transformFloats + PairWindows.aligned(max(rows, results) / 2)
  }
  private var perWorker: Int {
    scratchFloats + (isInParts ? planes(rows) + planes(columns) : 0)
  }

  var workspaceFloats: Int {
    sharedFloats + threads * perWorker
      + (hasBias ? ColumnSums.workspaceFloats(columns: results) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let workers = context.workspace + sharedFloats
    var phases = passes.flatMap { pass in
      (isInParts ? partPhases(context, pass, workers) : chunkPhases(context, pass, workers))
        + [filterPhase(context, pass)]
    }
    if hasBias {
      phases += ColumnSums.phases(
        context.input(1, UInt16.self), rowsPerImage: biasPixels, columns: results,
        into: context.output(1), workspace: workers + threads * perWorker, context.kernels)
    }
    return phases
  }

  private func filterPhase(_ context: CompileContext, _ pass: Pass) -> Phase {
    let (kernels, dweight) = (context.kernels.pairs, context.output(0))
    let (rows, results, columns) = (rows, results, columns)
    let sums = context.workspace
    let pieces = Pieces(total: rows, largest: max(1, 4096 / results))
    return Phase(pieces: { _ in pieces.count }) { _, piece, _ in
      let (first, count) = (pieces.first(piece), pieces.count(of: piece))
      if let taps = pass.taps {
        kernels.winogradSmallFilterGradient(
          sums, rows, results, columns, first, count, taps.0, taps.1, taps.2, taps.3, dweight)
      } else {
        kernels.winogradFilterGradient(sums, rows, results, columns, first, count, dweight)
      }
    }
  }

  /// Transforms tiles `first ..< first + count` of the batch, as the pairs from `pair` on of `pairCount`
  /// that lie together.
  private func transform(
    _ context: CompileContext, _ pass: Pass, _ scratch: UnsafeMutablePointer<Float>, first: Int,
    count: Int, pair: Int, pairCount: Int, _ left: UnsafeMutablePointer<Float>,
    _ right: UnsafeMutablePointer<Float>
  ) {
    let places = UnsafeMutableRawPointer(scratch + 256)
      .assumingMemoryBound(to: UnsafePointer<UInt16>.self)
    let zeros = (scratch + Self.transformFloats).halves
    memset(zeros, 0, 2 * max(rows, results))
    func put(
      _ operand: Operand, _ out: UnsafeMutablePointer<Float>, width: Int, channels: Int
    ) {
      operand.transform(context.kernels.pairs)(
        context.input(operand.input, UInt16.self) + operand.offset, zeros, operand.tiles,
        operand.channels, first, count, width, pairCount, pair, out.pairs,
        pairCount * channels + PairWinograd.gap, places, scratch)
    }
    put(pass.rows, left, width: rows, channels: rows)
    put(pass.columns, right, width: PairKernels.panel, channels: columns)
  }

  /// One of the 16 products of what `transform` left.
  private func multiply(
    _ context: CompileContext, _ product: Int, pairCount: Int, _ left: UnsafeMutablePointer<Float>,
    _ right: UnsafeMutablePointer<Float>, accumulate: Bool, _ sums: UnsafeMutablePointer<Float>
  ) {
    let values = left + product * (pairCount * rows + PairWinograd.gap)
    let operand = PairOperand(
      values: UnsafePointer(values.pairs), rows: rows, line: rows, row_step: 1, line_step: 0,
      segments: 1, segment_step: 0, pairs: pairCount, pair_step: rows)
    context.kernels.pairs.multiply(
      operand, columns / PairKernels.panel,
      (right + product * (pairCount * columns + PairWinograd.gap)).pairs,
      sums + product * rows * columns, columns, accumulate)
  }

  private func partPhases(
    _ context: CompileContext, _ pass: Pass, _ workers: UnsafeMutablePointer<Float>
  ) -> [Phase] {
    let (kernels, sums) = (context.kernels, context.workspace)
    let (perWorker, scratchFloats, sumFloats) = (perWorker, scratchFloats, sumFloats)
    let (windowFloats, largest) = (planes(rows), largest)
    let ranges = Pieces(total: sumFloats, largest: 16_384, multiple: 16)
    return [
      Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, worker in
        let scratch = workers + worker * perWorker
        let left = scratch + scratchFloats
        let right = left + windowFloats
        let part = split(batch)
        let steps = Pieces(total: part.count(of: piece), largest: largest, multiple: 2)
        for step in 0..<steps.count {
          let count = steps.count(of: step)
          let pairCount = (count + 1) / 2
          transform(
            context, pass, scratch, first: part.first(piece) + steps.first(step), count: count,
            pair: 0, pairCount: pairCount, left, right)
          for product in 0..<16 {
            multiply(
              context, product, pairCount: pairCount, left, right, accumulate: step > 0,
              sums + piece * sumFloats)
          }
        }
      },
      Phase(pieces: { _ in ranges.count }) { [self] batch, piece, _ in
        kernels.sumParts(
          sums, split(batch).count, sumFloats, ranges.first(piece), ranges.count(of: piece), sums)
      },
    ]
  }

  private func chunkPhases(
    _ context: CompileContext, _ pass: Pass, _ workers: UnsafeMutablePointer<Float>
  ) -> [Phase] {
    let (perWorker, size) = (perWorker, Self.part)
    let sums = context.workspace
    let left = sums + sumFloats
    let right = left + planes(rows)
    return chunkedPhases(upTo: batch, split) { range in
      [
        Phase(pieces: { ((range($0)?.count ?? 0) + size - 1) / size }) {
          [self] batch, piece, worker in
          guard let (start, total) = range(batch) else { return }
          let first = piece * size
          transform(
            context, pass, workers + worker * perWorker, first: start + first,
            count: min(size, total - first), pair: first / 2, pairCount: (total + 1) / 2, left,
            right)
        },
        Phase(pieces: { range($0) == nil ? 0 : 16 }) { [self] batch, product, _ in
          guard let (start, total) = range(batch) else { return }
          multiply(
            context, product, pairCount: (total + 1) / 2, left, right, accumulate: start > 0, sums)
        },
      ]
    }
  }
}
