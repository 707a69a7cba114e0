import CKernels
import Glibc
import Graph

/// Weight gradient of a 3×3 convolution of 16-bit maps by Winograd: `dg = Gᵀ [sum of V ⊙ (A dy Aᵀ)] G`.
///
/// With few channels the tiles are cut into a few fixed parts, each of which goes through in steps that stay
/// in the cache, and the parts' sums are added in order. With many the batch goes through in chunks; within a
/// chunk the 16 products are independent, so they are split over the crew and summed in a fixed order.
struct PairWinogradWeightGradient: NodeCompiler {
  private let tiles: WinogradTiles
  private let batch: Int
  private let input: Int
  private let output: Int
  private let hasBias: Bool
  private let threads: Int

  init(_ attributes: Convolution, x: Shape, y: Shape, threads: Int) {
    tiles = WinogradTiles(x, step: 2)
    batch = x.n
    input = x.c
    output = y.c
    hasBias = attributes.hasBias
    self.threads = threads
  }

  /// Tiles that are transformed at once where the batch goes through in chunks.
  private static let part = 32
  /// Floats of scratch memory of a transform, its pointers behind them.
  private static let transformFloats = 256 + 64

  private var columns: Int { PairWindows.padded(output) }
  private var isInParts: Bool { input * columns <= 65_536 }
  private var parts: Int { input * columns <= 16_384 ? 16 : 8 }

  /// The parts, or the chunks of about 16 MB.
  private func split(_ batch: Int) -> Pieces {
    let total = batch * tiles.perImage
    return isInParts
      ? Pieces(total: total, largest: max(1, (total + parts - 1) / parts), multiple: 2)
      : Pieces(
        total: total, largest: max(256, 4_194_304 / (64 * (input + columns))),
        multiple: Self.part)
  }
  /// Tiles whose transformed values lie together: half a MiB of them, or a chunk.
  private var largest: Int {
    if isInParts { return max(parts == 8 ? 192 : 96, 16_384 / (input + columns) / 2 * 2) }
    return (1...batch).map { split($0).size }.max() ?? 0
  }
  /// Floats of the pairs of so many tiles.
  private func planes(_ channels: Int) -> Int {
    16 * (largest / 2 * channels + PairWinograd.gap)
  }
  private var sumFloats: Int { 16 * input * columns }
  private var sharedFloats: Int {
    isInParts ? parts * sumFloats : sumFloats + planes(input) + planes(columns)
  }
  private var scratchFloats: Int {
    Self.transformFloats + PairWindows.aligned(max(input, output) / 2)
  }
  private var perWorker: Int {
    scratchFloats + (isInParts ? planes(input) + planes(columns) : 0)
  }

  var workspaceFloats: Int {
    sharedFloats + threads * perWorker
      + (hasBias ? ColumnSums.workspaceFloats(columns: output) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (kernels, dweight) = (context.kernels.pairs, context.output(0))
    let (input, output, columns) = (input, output, columns)
    let sums = context.workspace
    let workers = sums + sharedFloats
    var phases = isInParts ? partPhases(context, workers) : chunkPhases(context, workers)
    let rows = Pieces(total: input, largest: max(1, 4096 / output))
    phases.append(
      Phase(pieces: { _ in rows.count }) { _, piece, _ in
        kernels.winogradFilterGradient(
          sums, input, output, columns, rows.first(piece), rows.count(of: piece), dweight)
      })
    if hasBias {
      phases += ColumnSums.phases(
        context.input(1, UInt16.self), rowsPerImage: tiles.h * tiles.w, columns: output,
        into: context.output(1), workspace: workers + threads * perWorker, context.kernels)
    }
    return phases
  }

  /// Transforms tiles `first ..< first + count` of the batch, as the pairs from `pair` on of `pairCount`
  /// that lie together.
  private func transform(
    _ context: CompileContext, _ scratch: UnsafeMutablePointer<Float>, first: Int, count: Int,
    pair: Int, pairCount: Int, _ left: UnsafeMutablePointer<Float>,
    _ right: UnsafeMutablePointer<Float>
  ) {
    let kernels = context.kernels.pairs
    let places = UnsafeMutableRawPointer(scratch + 256)
      .assumingMemoryBound(to: UnsafePointer<UInt16>.self)
    let zeros = (scratch + Self.transformFloats).halves
    memset(zeros, 0, 2 * max(input, output))
    kernels.winogradInputPairs(
      context.input(0, UInt16.self), zeros, tiles.h, tiles.w, input, tiles.tilesX, tiles.perImage,
      first, count, input, pairCount, pair, left.pairs, pairCount * input + PairWinograd.gap,
      places, scratch)
    kernels.winogradOutputGradient(
      context.input(1, UInt16.self), zeros, tiles.h, tiles.w, output, tiles.tilesX, tiles.perImage,
      first, count, PairKernels.panel, pairCount, pair, right.pairs,
      pairCount * columns + PairWinograd.gap, places, scratch)
  }

  /// One of the 16 products of what `transform` left.
  private func multiply(
    _ context: CompileContext, _ product: Int, pairCount: Int, _ left: UnsafeMutablePointer<Float>,
    _ right: UnsafeMutablePointer<Float>, accumulate: Bool, _ sums: UnsafeMutablePointer<Float>
  ) {
    let values = left + product * (pairCount * input + PairWinograd.gap)
    let operand = PairOperand(
      values: UnsafePointer(values.pairs), rows: input, line: input, row_step: 1, line_step: 0,
      segments: 1, segment_step: 0, pairs: pairCount, pair_step: input)
    context.kernels.pairs.multiply(
      operand, columns / PairKernels.panel,
      (right + product * (pairCount * columns + PairWinograd.gap)).pairs,
      sums + product * input * columns, columns, accumulate)
  }

  private func partPhases(
    _ context: CompileContext, _ workers: UnsafeMutablePointer<Float>
  ) -> [Phase] {
    let (kernels, sums) = (context.kernels, context.workspace)
    let (perWorker, scratchFloats, sumFloats) = (perWorker, scratchFloats, sumFloats)
    let (windowFloats, largest) = (planes(input), largest)
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
            context, scratch, first: part.first(piece) + steps.first(step), count: count, pair: 0,
            pairCount: pairCount, left, right)
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
    _ context: CompileContext, _ workers: UnsafeMutablePointer<Float>
  ) -> [Phase] {
    let (perWorker, size) = (perWorker, Self.part)
    let sums = context.workspace
    let left = sums + sumFloats
    let right = left + planes(input)
    let chunkCount = (1...batch).map { split($0).count }.max() ?? 0
    var phases: [Phase] = []
    for chunk in 0..<chunkCount {
      let tilesOf = { [self] (batch: Int) -> Int in
        let range = split(batch)
        return chunk < range.count ? range.count(of: chunk) : 0
      }
      phases.append(
        Phase(pieces: { (tilesOf($0) + size - 1) / size }) { [self] batch, piece, worker in
          let total = tilesOf(batch)
          let first = piece * size
          transform(
            context, workers + worker * perWorker, first: split(batch).first(chunk) + first,
            count: min(size, total - first), pair: first / 2, pairCount: (total + 1) / 2, left,
            right)
        })
      phases.append(
        Phase(pieces: { tilesOf($0) == 0 ? 0 : 16 }) { [self] batch, product, _ in
          multiply(
            context, product, pairCount: (tilesOf(batch) + 1) / 2, left, right,
            accumulate: chunk > 0, sums)
        })
    }
    return phases
  }
}
