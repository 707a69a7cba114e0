import Graph

/// The tiles of F(5×5, 2×2) over a batch of pictures, and where the parities of the larger picture are.
///
/// A transposed 4×4 convolution with stride 2 from `small [N, H, W, Cin]` to
/// `large [N, 2H, 2W, Cout]` is four 2×2 convolutions by Winograd, one a parity; see the kernels.
private struct TransposedTiles {
  let small: Shape
  let large: Shape
  let tilesX: Int
  let perImage: Int

  /// - Parameter isSpread: whether tiles are of the larger picture's parities, half of which begin one
  ///   pixel outside.
  init(small: Shape, large: Shape, isSpread: Bool) {
    self.small = small
    self.large = large
    let more = isSpread ? 5 : 4
    tilesX = (small.w + more) / 5
    perImage = tilesX * ((small.h + more) / 5)
  }

  /// Multiplications of a pixel's channels: by Winograd, and directly.
  var pays: Bool { 4 * 36 * perImage * 4 <= 3 * 16 * small.h * small.w }

  /// Taps of a parity's 2×2 filter, row by row.
  static func taps(_ parity: Int, isForward: Bool) -> (Int, Int, Int, Int) {
    func rows(_ odd: Int) -> (Int, Int) {
      let (first, second) = odd == 0 ? (3, 1) : (2, 0)
      return isForward ? (first, second) : (second, first)
    }
    let ((y0, y1), (x0, x1)) = (rows(parity >> 1), rows(parity & 1))
    return (4 * y0 + x0, 4 * y0 + x1, 4 * y1 + x0, 4 * y1 + x1)
  }

  /// Floats from the larger picture's first pixel to that of a parity.
  func offset(_ parity: Int) -> Int {
    ((parity >> 1) * large.w + (parity & 1)) * large.c
  }
}

extension Convolution {
  /// Whether the transposed convolution, or one of its gradients, is better done by Winograd: 4×4,
  /// stride 2, padding 1, channels in sixteens, and pictures that do not waste the tiles.
  ///
  /// - Parameters:
  ///   - small, large: the input and the output of the transposed convolution.
  ///   - isDataGradient: whether it is the gradient of the input.
  func suitsTransposedWinograd(small: Shape, large: Shape, isDataGradient: Bool) -> Bool {
    kernel == 4 && stride == 2 && padding == 1 && small.c % 16 == 0 && large.c % 16 == 0
      && TransposedTiles(small: small, large: large, isSpread: !isDataGradient).pays
  }
}

/// Transposed convolution by Winograd: the tiles go through in chunks; of each chunk the windows are
/// transformed once, and then the output's parities and channels are done block by block, each with
/// its own filters, which so never leave the cache.
struct TransposedWinograd: NodeCompiler {
  private let tiles: TransposedTiles
  private let threads: Int
  private var input: Int { tiles.small.c }
  private var output: Int { tiles.large.c }

  init(small: Shape, large: Shape, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, isSpread: true)
    self.threads = threads
  }

  private func chunks(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * tiles.perImage, largest: max(64, 1_179_648 / (36 * input)), multiple: 8)
  }

  private var largestChunk: Int { (1...tiles.small.n).map { chunks($0).size }.max() ?? 0 }
  private var chunkCount: Int { (1...tiles.small.n).map { chunks($0).count }.max() ?? 0 }
  /// Output channels of a block.
  private var blocks: Pieces {
    Pieces(total: output, largest: max(32, 589_824 / (36 * input)), multiple: 16)
  }
  private var filterPlane: Int { plane(blocks.size * input) }
  private var perWorker: Int {
    36 * (filterPlane + plane(blocks.size * largestChunk))
      + TransformScratch.count(channels: max(input, output))
  }

  var workspaceFloats: Int {
    16 * input * output + 36 * plane(input * largestChunk) + threads * perWorker
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, weight, y) = (context.input(0), context.input(1), context.output(0))
    let (kernels, tiles, input, output) = (context.kernels, tiles, input, output)
    let (small, large, blocks) = (tiles.small, tiles.large, blocks)
    let (filterPlane, perWorker) = (filterPlane, perWorker)
    let turned = context.workspace
    let v = turned + 16 * input * output
    let workers = v + 36 * plane(input * largestChunk)
    // The weight is [16][Cout][Cin]; lanes are output channels.
    let rows = Pieces(total: output, largest: 16, multiple: 16)
    let phases = [
      Phase(pieces: { _ in 16 * rows.count }) { _, piece, _ in
        let tap = piece / rows.count * input * output
        kernels.transposeMatrix(
          weight + tap, output, input, rows.first(piece % rows.count),
          rows.count(of: piece % rows.count), turned + tap)
      }
    ]
    return phases
      + chunkedPhases(chunkCount, chunks) { range in
        [
          Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
            batch, piece, worker in
            guard let (first, count) = range(batch) else { return }
            let part = Pieces(total: count, largest: 16)
            let scratch = TransformScratch(workers + worker * perWorker, channels: input)
            kernels.winogradWindows(
              x, scratch.edge, small.h, small.w, input, small.countPerImage, small.w * input, input,
              1,
              1, tiles.tilesX, tiles.perImage, 5, first + part.first(piece), part.count(of: piece),
              v + part.first(piece) * 16, plane(input * count), count * 16, scratch.places)
          },
          Phase(pieces: { range($0) == nil ? 0 : 4 * blocks.count }) { batch, piece, worker in
            guard let (first, count) = range(batch) else { return }
            let (parity, block) = (piece / blocks.count, piece % blocks.count)
            let (channel, channels) = (blocks.first(block), blocks.count(of: block))
            let scratch = TransformScratch(workers + worker * perWorker, channels: output)
            let filters =
              workers + worker * perWorker + TransformScratch.count(channels: max(input, output))
            let m = filters + 36 * filterPlane
            let taps = TransposedTiles.taps(parity, isForward: true)
            kernels.winogradSmallFilters(
              turned, input, output, channel, channels / 16, taps.0, taps.1, taps.2, taps.3,
              filters,
              filterPlane, input * 16)
            let (vPlane, mPlane) = (plane(input * count), plane(channels * count))
            for product in 0..<36 {
              kernels.multiplySixteens(
                count, channels / 16, input, v + product * vPlane, count * 16,
                filters + product * filterPlane, input * 16, false, m + product * mPlane, count * 16
              )
            }
            kernels.winogradFives(
              m, mPlane, count * 16, y + tiles.offset(parity) + channel, scratch.edge, small.h,
              small.w, channels, large.countPerImage, 2 * large.w * output, 2 * output, parity >> 1,
              parity & 1, tiles.tilesX, tiles.perImage, first, count, false, scratch.floats,
              scratch.places)
          },
        ]
      }
  }
}

/// The gradient of its input: the four parities of `dy` are the channels of one product.
struct TransposedWinogradDataGradient: NodeCompiler {
  private let tiles: TransposedTiles
  private let threads: Int
  private var input: Int { tiles.small.c }
  private var output: Int { tiles.large.c }

  init(small: Shape, large: Shape, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, isSpread: false)
    self.threads = threads
  }

  private func chunks(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * tiles.perImage, largest: max(64, 2_359_296 / (36 * 4 * output)), multiple: 8)
  }

  private var largestChunk: Int { (1...tiles.small.n).map { chunks($0).size }.max() ?? 0 }
  private var chunkCount: Int { (1...tiles.small.n).map { chunks($0).count }.max() ?? 0 }
  private var blocks: Pieces { Pieces(total: input, largest: 32, multiple: 16) }
  private var filterPlane: Int { plane(blocks.size * 4 * output) }
  private var perWorker: Int {
    36 * (filterPlane + plane(blocks.size * largestChunk))
      + TransformScratch.count(channels: max(input, output))
  }

  var workspaceFloats: Int { 36 * plane(4 * output * largestChunk) + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, weight, dx) = (context.input(0), context.input(1), context.output(0))
    let accumulate = context.node.accumulates[0]
    let (kernels, tiles, input, output) = (context.kernels, tiles, input, output)
    let (small, large, blocks) = (tiles.small, tiles.large, blocks)
    let (filterPlane, perWorker) = (filterPlane, perWorker)
    let v = context.workspace
    let workers = v + 36 * plane(4 * output * largestChunk)
    return chunkedPhases(chunkCount, chunks) { range in
      [
        Phase(pieces: { range($0).map { 4 * Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
          batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let part = Pieces(total: count, largest: 16)
          let (parity, place) = (piece / part.count, piece % part.count)
          let scratch = TransformScratch(workers + worker * perWorker, channels: output)
          kernels.winogradWindows(
            dy + tiles.offset(parity), scratch.edge, small.h, small.w, output, large.countPerImage,
            2 * large.w * output, 2 * output, parity >> 1, parity & 1, tiles.tilesX,
            tiles.perImage, 5, first + part.first(place), part.count(of: place),
            v + parity * output * count + part.first(place) * 16, plane(4 * output * count),
            count * 16, scratch.places)
        },
        Phase(pieces: { range($0) == nil ? 0 : blocks.count }) { batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let (channel, channels) = (blocks.first(piece), blocks.count(of: piece))
          let scratch = TransformScratch(workers + worker * perWorker, channels: input)
          let filters =
            workers + worker * perWorker + TransformScratch.count(channels: max(input, output))
          let m = filters + 36 * filterPlane
          for parity in 0..<4 {
            let taps = TransposedTiles.taps(parity, isForward: false)
            kernels.winogradSmallFilters(
              weight, output, input, channel, channels / 16, taps.0, taps.1, taps.2, taps.3,
              filters + parity * output * 16, filterPlane, 4 * output * 16)
          }
          let (vPlane, mPlane) = (plane(4 * output * count), plane(channels * count))
          for product in 0..<36 {
            kernels.multiplySixteens(
              count, channels / 16, 4 * output, v + product * vPlane, count * 16,
              filters + product * filterPlane, 4 * output * 16, false, m + product * mPlane,
              count * 16)
          }
          kernels.winogradFives(
            m, mPlane, count * 16, dx + channel, scratch.edge, small.h, small.w, channels,
            small.countPerImage, small.w * input, input, 0, 0, tiles.tilesX, tiles.perImage, first,
            count, accumulate, scratch.floats, scratch.places)
        },
      ]
    }
  }
}

/// The gradient of its weight, parity by parity: `dg = Gᵀ [sum of (A dy Aᵀ)ᵀ V] G`.
struct TransposedWinogradWeightGradient: NodeCompiler {
  private let tiles: TransposedTiles
  private let threads: Int
  private var input: Int { tiles.small.c }
  private var output: Int { tiles.large.c }

  init(small: Shape, large: Shape, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, isSpread: true)
    self.threads = threads
  }

  /// Few chunks, because each adds to all gradients; about 24 MB of transformed values.
  private func chunks(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * tiles.perImage, largest: max(64, 6_291_456 / (36 * (input + output))))
  }

  private var largestChunk: Int { (1...tiles.small.n).map { chunks($0).size }.max() ?? 0 }
  private var chunkCount: Int { (1...tiles.small.n).map { chunks($0).count }.max() ?? 0 }
  private var inputBlocks: Pieces { Pieces(total: input, largest: 64, multiple: 16) }
  private var outputBlocks: Pieces { Pieces(total: output, largest: 128, multiple: 16) }
  private var sumPlane: Int { plane(inputBlocks.size * outputBlocks.size) }
  private var perWorker: Int {
    36 * sumPlane + TransformScratch.count(channels: max(input, output))
  }

  var workspaceFloats: Int {
    36 * (plane(input * largestChunk) + plane(output * largestChunk)) + threads * perWorker
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy, dweight) = (context.input(0), context.input(1), context.output(0))
    let (kernels, tiles, input, output) = (context.kernels, tiles, input, output)
    let (small, large) = (tiles.small, tiles.large)
    let (inputBlocks, outputBlocks) = (inputBlocks, outputBlocks)
    let (sumPlane, perWorker) = (sumPlane, perWorker)
    let v = context.workspace
    let e = v + 36 * plane(input * largestChunk)
    let workers = e + 36 * plane(output * largestChunk)
    return chunkedPhases(chunkCount, chunks) { range in
      (0..<4).flatMap { parity -> [Phase] in
        [
          Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
            batch, piece, worker in
            guard let (first, count) = range(batch) else { return }
            let part = Pieces(total: count, largest: 16)
            let (start, tileCount) = (part.first(piece), part.count(of: piece))
            let scratch = TransformScratch(
              workers + worker * perWorker, channels: max(input, output))
            if parity == 0 {
              kernels.winogradWindows(
                x, scratch.edge, small.h, small.w, input, small.countPerImage, small.w * input,
                input, 1, 1, tiles.tilesX, tiles.perImage, 5, first + start, tileCount,
                v + start * 16,
                plane(input * count), count * 16, scratch.places)
            }
            kernels.winogradFivesGradient(
              dy + tiles.offset(parity), scratch.edge, small.h, small.w, output,
              large.countPerImage, 2 * large.w * output, 2 * output, parity >> 1, parity & 1,
              tiles.tilesX, tiles.perImage, first + start, tileCount, e + start * 16,
              plane(output * count), count * 16, scratch.floats, scratch.places)
          },
          Phase(pieces: { range($0) == nil ? 0 : inputBlocks.count * outputBlocks.count }) {
            batch, piece, worker in
            guard let (begin, count) = range(batch) else { return }
            let (row, column) = (piece / inputBlocks.count, piece % inputBlocks.count)
            let (channel, channels) = (inputBlocks.first(column), inputBlocks.count(of: column))
            let (out, outs) = (outputBlocks.first(row), outputBlocks.count(of: row))
            let scratch = workers + worker * perWorker
            let sums = scratch + TransformScratch.count(channels: max(input, output))
            for product in 0..<36 {
              kernels.multiplySixteensTransposed(
                outs, channels / 16, count,
                e + product * plane(output * count) + out * count, count * 16,
                v + product * plane(input * count) + channel * count, count * 16, false,
                sums + product * sumPlane, outs * 16)
            }
            let taps = TransposedTiles.taps(parity, isForward: true)
            kernels.winogradSmallFilterGradients(
              sums, sumPlane, outs * 16, output, input, out, outs, channel, channels / 16, taps.0,
              taps.1, taps.2, taps.3, begin > 0, dweight, scratch)
          },
        ]
      }
    }
  }
}
