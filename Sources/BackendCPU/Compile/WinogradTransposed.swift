import CVector
import Graph

/// Transposed convolution by Winograd, or its data gradient: the filters of all parities are transformed once,
/// and each piece of the work is some tiles. Forward, their windows are multiplied by the filters of each
/// parity in turn; in the data gradient the products of the four parities' windows are added up.
///
/// Where the transformed filters would take more than 38 MB, the output's channels are done block by block.
struct TransposedWinograd: NodeCompiler {
  private let tiles: TransposedTiles
  private let isDataGradient: Bool
  private let threads: Int
  /// Most tiles of a piece.
  private var largest = 0

  init(small: Shape, large: Shape, isDataGradient: Bool, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, size: 5, isSpread: !isDataGradient)
    self.isDataGradient = isDataGradient
    self.threads = threads
    largest = Pieces.most(small.n) { split($0).size }
  }

  /// Channels of what is read, and of what is written.
  private var input: Int { isDataGradient ? tiles.large.c : tiles.small.c }
  private var output: Int { isDataGradient ? tiles.small.c : tiles.large.c }

  private func split(_ batch: Int) -> Pieces {
    Pieces(total: batch * tiles.perImage, largest: 96, shared: 4, multiple: 8)
  }

  /// Output channels whose transformed filters exist at a time.
  private var blocks: Pieces {
    Pieces(total: output, largest: max(32, keptFilterFloats / (4 * 36 * input)), multiple: 16)
  }
  private var filterPlane: Int { plane(blocks.size * input) }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var windowFloats: Int { 36 * plane(input * largest) }
  private var perWorker: Int {
    transformFloats + windowFloats + 36 * plane(blocks.size * largest)
  }
  /// Forward the weight is turned, so that its lanes are output channels.
  private var turnedFloats: Int { isDataGradient ? 0 : 16 * input * output }

  var workspaceFloats: Int { turnedFloats + 4 * 36 * filterPlane + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    // The weight is [16][Cout][Cin] of the transposed convolution.
    let turning =
      isDataGradient
      ? []
      : [
        turningPhase(
          context.kernels, context.input(1), taps: 16, input: input, output: output,
          into: context.workspace)
      ]
    return turning
      + (0..<blocks.count).flatMap { block in
        let (channel, channels) = (blocks.first(block), blocks.count(of: block))
        return [
          filterPhase(context, channel: channel, channels: channels),
          tilePhase(context, channel: channel, channels: channels),
        ]
      }
  }

  /// Transforms the filters of all parities into `[parity][36]`, `filterPlane` floats apart, of sixteens.
  private func filterPhase(_ context: CompileContext, channel: Int, channels: Int) -> Phase {
    let (kernels, input, output, isForward) = (context.kernels, input, output, !isDataGradient)
    let weight = isDataGradient ? context.input(1) : context.workspace
    let (filters, filterPlane) = (context.workspace + turnedFloats, filterPlane)
    let parts = Pieces(total: channels, largest: 32, multiple: 16)
    return Phase(pieces: { _ in 4 * parts.count }) { _, piece, _ in
      let (parity, part) = (piece / parts.count, piece % parts.count)
      let taps = TransposedTiles.taps(parity, isForward: isForward)
      kernels.winogradSmallFilters(
        weight, input, output, channel + parts.first(part), parts.count(of: part) / 16, taps.0,
        taps.1, taps.2, taps.3, filters + 36 * parity * filterPlane + parts.first(part) * input,
        filterPlane, input * 16)
    }
  }

  private func tilePhase(_ context: CompileContext, channel: Int, channels: Int) -> Phase {
    let filters = context.workspace + turnedFloats
    let workers = filters + 4 * 36 * filterPlane
    let accumulate = context.node.accumulates[0]
    return Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, worker in
      let range = split(batch)
      let (first, count) = (range.first(piece), range.count(of: piece))
      let own = workers + worker * perWorker
      let scratch = TransformScratch(own, channels: max(input, output))
      let v = own + transformFloats
      let m = v + windowFloats
      func multiply(_ parity: Int, add: Bool) {
        context.kernels.multiplyPlanes(
          count, channels: channels, input: input, v, filters + 36 * parity * filterPlane,
          filterPlane: filterPlane, add: add, m)
      }
      func transform(_ picture: PictureTiles, offset: Int) {
        context.kernels.winogradWindows(
          context.input(0) + offset, scratch.edge, picture.height, picture.width, input,
          picture.image_step, picture.row_step, picture.pixel_step, picture.origin_y,
          picture.origin_x, tiles.tilesX, tiles.perImage, 5, first, count, v,
          plane(input * count), count * 16, scratch.places)
      }
      func finish(_ picture: PictureTiles, offset: Int, accumulate: Bool) {
        context.kernels.winogradFives(
          m, plane(channels * count), count * 16, context.output(0) + offset + channel,
          scratch.edge, picture.height, picture.width, channels, picture.image_step,
          picture.row_step, picture.pixel_step, picture.origin_y, picture.origin_x, tiles.tilesX,
          tiles.perImage, first, count, accumulate, scratch.floats, scratch.places)
      }
      if isDataGradient {
        for parity in 0..<4 {
          transform(tiles.largeTiles(parity), offset: tiles.offset(parity))
          multiply(parity, add: parity > 0)
        }
        finish(tiles.smallTiles(origin: 0), offset: 0, accumulate: accumulate)
      } else {
        transform(tiles.smallTiles(origin: 1), offset: 0)
        for parity in 0..<4 {
          multiply(parity, add: false)
          finish(tiles.largeTiles(parity), offset: tiles.offset(parity), accumulate: false)
        }
      }
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
    tiles = TransposedTiles(small: small, large: large, size: 5, isSpread: true)
    self.threads = threads
  }

  /// Few chunks, because each adds to all gradients; about 24 MB of transformed values.
  private func chunks(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * tiles.perImage, largest: max(64, 6_291_456 / (36 * (input + output))))
  }

  private var largestChunk: Int { Pieces.most(tiles.small.n) { chunks($0).size } }
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
    return chunkedPhases(upTo: tiles.small.n, chunks) { range in
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
