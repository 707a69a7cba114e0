import Graph

extension TransposedTiles {
  /// Tiles of a piece of the work, for each of `threads` workers the same.
  fileprivate func split(_ batch: Int, _ threads: Int) -> Pieces {
    Pieces(total: batch * perImage, largest: 96, shared: 4, multiple: 8)
  }

  /// Channels whose transformed filters exist at a time, with `rows` channels on the other side.
  fileprivate static func blocks(of channels: Int, rows: Int) -> Pieces {
    Pieces(total: channels, largest: max(32, keptFilterFloats / (4 * 36 * rows)), multiple: 16)
  }

  /// Transforms the filters of all parities for `count` columns from `first` on of a weight
  /// `[16][rows][columns]` into `[parity][36]`, `plane` floats apart, of sixteens.
  fileprivate static func filterPhase(
    _ kernels: KernelTable, _ weight: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
    first: Int, count: Int, isForward: Bool, _ filters: UnsafeMutablePointer<Float>, plane: Int
  ) -> Phase {
    let parts = Pieces(total: count, largest: 32, multiple: 16)
    return Phase(pieces: { _ in 4 * parts.count }) { _, piece, _ in
      let (parity, part) = (piece / parts.count, piece % parts.count)
      let taps = taps(parity, isForward: isForward)
      kernels.winogradSmallFilters(
        weight, rows, columns, first + parts.first(part), parts.count(of: part) / 16, taps.0,
        taps.1, taps.2, taps.3, filters + 36 * parity * plane + parts.first(part) * rows, plane,
        rows * 16)
    }
  }
}

/// Transposed convolution by Winograd: the filters of all parities are transformed once, and each piece
/// of the work is some tiles from the picture to the four parities of the larger picture.
///
/// Where the transformed filters would take more than 38 MB, the output's channels are done block by block.
struct TransposedWinograd: NodeCompiler {
  private let tiles: TransposedTiles
  private let threads: Int
  private var input: Int { tiles.small.c }
  private var output: Int { tiles.large.c }

  init(small: Shape, large: Shape, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, size: 5, isSpread: true)
    self.threads = threads
  }

  private var largest: Int { (1...tiles.small.n).map { tiles.split($0, threads).size }.max() ?? 0 }
  /// Output channels whose transformed filters exist at a time.
  private var blocks: Pieces { TransposedTiles.blocks(of: output, rows: input) }
  private var filterPlane: Int { plane(blocks.size * input) }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var windowFloats: Int { 36 * plane(input * largest) }
  private var perWorker: Int {
    transformFloats + windowFloats + 36 * plane(blocks.size * largest)
  }
  private var turnedFloats: Int { 16 * input * output }

  var workspaceFloats: Int { turnedFloats + 4 * 36 * filterPlane + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (weight, turned, kernels) = (context.input(1), context.workspace, context.kernels)
    let (input, output) = (input, output)
    // The weight is [16][Cout][Cin]; lanes are output channels.
    let rows = Pieces(total: output, largest: 16, multiple: 16)
    let turning = Phase(pieces: { _ in 16 * rows.count }) { _, piece, _ in
      let tap = piece / rows.count * input * output
      kernels.transposeMatrix(
        weight + tap, output, input, rows.first(piece % rows.count),
        rows.count(of: piece % rows.count), turned + tap)
    }
    return [turning]
      + (0..<blocks.count).flatMap { block in
        let (channel, channels) = (blocks.first(block), blocks.count(of: block))
        return [
          TransposedTiles.filterPhase(
            kernels, turned, rows: input, columns: output, first: channel, count: channels,
            isForward: true, turned + turnedFloats, plane: filterPlane),
          tilePhase(context, channel: channel, channels: channels),
        ]
      }
  }

  private func tilePhase(_ context: CompileContext, channel: Int, channels: Int) -> Phase {
    let (x, y, kernels) = (context.input(0), context.output(0), context.kernels)
    let (tiles, threads, input, output) = (tiles, threads, input, output)
    let (small, large) = (tiles.small, tiles.large)
    let (filterPlane, perWorker) = (filterPlane, perWorker)
    let (transformFloats, windowFloats) = (transformFloats, windowFloats)
    let filters = context.workspace + turnedFloats
    let workers = filters + 4 * 36 * filterPlane
    return Phase(pieces: { tiles.split($0, threads).count }) { batch, piece, worker in
      let range = tiles.split(batch, threads)
      let (first, count) = (range.first(piece), range.count(of: piece))
      let own = workers + worker * perWorker
      let scratch = TransformScratch(own, channels: max(input, output))
      let v = own + transformFloats
      let m = v + windowFloats
      let (vPlane, mPlane) = (plane(input * count), plane(channels * count))
      kernels.winogradWindows(
        x, scratch.edge, small.h, small.w, input, small.countPerImage, small.w * input, input, 1, 1,
        tiles.tilesX, tiles.perImage, 5, first, count, v, vPlane, count * 16, scratch.places)
      for parity in 0..<4 {
        for product in 0..<36 {
          kernels.multiplySixteens(
            count, channels / 16, input, v + product * vPlane, count * 16,
            filters + (36 * parity + product) * filterPlane, input * 16, false,
            m + product * mPlane, count * 16)
        }
        kernels.winogradFives(
          m, mPlane, count * 16, y + tiles.offset(parity) + channel, scratch.edge, small.h,
          small.w, channels, large.countPerImage, 2 * large.w * output, 2 * output, parity >> 1,
          parity & 1, tiles.tilesX, tiles.perImage, first, count, false, scratch.floats,
          scratch.places)
      }
    }
  }
}

/// The gradient of its input: the products of the four parities of `dy` are added up.
struct TransposedWinogradDataGradient: NodeCompiler {
  private let tiles: TransposedTiles
  private let threads: Int
  private var input: Int { tiles.small.c }
  private var output: Int { tiles.large.c }

  init(small: Shape, large: Shape, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, size: 5, isSpread: false)
    self.threads = threads
  }

  private var largest: Int { (1...tiles.small.n).map { tiles.split($0, threads).size }.max() ?? 0 }
  private var blocks: Pieces { TransposedTiles.blocks(of: input, rows: output) }
  private var filterPlane: Int { plane(blocks.size * output) }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var windowFloats: Int { 36 * plane(output * largest) }
  private var perWorker: Int {
    transformFloats + windowFloats + 36 * plane(blocks.size * largest)
  }

  var workspaceFloats: Int { 4 * 36 * filterPlane + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    (0..<blocks.count).flatMap { block in
      let (channel, channels) = (blocks.first(block), blocks.count(of: block))
      return [
        TransposedTiles.filterPhase(
          context.kernels, context.input(1), rows: output, columns: input, first: channel,
          count: channels, isForward: false, context.workspace, plane: filterPlane),
        tilePhase(context, channel: channel, channels: channels),
      ]
    }
  }

  private func tilePhase(_ context: CompileContext, channel: Int, channels: Int) -> Phase {
    let (dy, dx, kernels) = (context.input(0), context.output(0), context.kernels)
    let accumulate = context.node.accumulates[0]
    let (tiles, threads, input, output) = (tiles, threads, input, output)
    let (small, large) = (tiles.small, tiles.large)
    let (filterPlane, perWorker) = (filterPlane, perWorker)
    let (transformFloats, windowFloats) = (transformFloats, windowFloats)
    let filters = context.workspace
    let workers = filters + 4 * 36 * filterPlane
    return Phase(pieces: { tiles.split($0, threads).count }) { batch, piece, worker in
      let range = tiles.split(batch, threads)
      let (first, count) = (range.first(piece), range.count(of: piece))
      let own = workers + worker * perWorker
      let scratch = TransformScratch(own, channels: max(input, output))
      let v = own + transformFloats
      let m = v + windowFloats
      let (vPlane, mPlane) = (plane(output * count), plane(channels * count))
      for parity in 0..<4 {
        kernels.winogradWindows(
          dy + tiles.offset(parity), scratch.edge, small.h, small.w, output, large.countPerImage,
          2 * large.w * output, 2 * output, parity >> 1, parity & 1, tiles.tilesX, tiles.perImage,
          5, first, count, v, vPlane, count * 16, scratch.places)
        for product in 0..<36 {
          kernels.multiplySixteens(
            count, channels / 16, output, v + product * vPlane, count * 16,
            filters + (36 * parity + product) * filterPlane, output * 16, parity > 0,
            m + product * mPlane, count * 16)
        }
      }
      kernels.winogradFives(
        m, mPlane, count * 16, dx + channel, scratch.edge, small.h, small.w, channels,
        small.countPerImage, small.w * input, input, 0, 0, tiles.tilesX, tiles.perImage, first,
        count, accumulate, scratch.floats, scratch.places)
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
