import Graph

/// 3×3 convolution by Winograd's F(4×4, 3×3) in sixteens: forward, or the data gradient (the same with
/// turned filters).
///
/// The filters are transformed once, and each piece of the work is some tiles from the picture to the
/// picture, so that what one core transforms no other core reads. Where the transformed filters would
/// take more than 38 MB, the output's channels are done block by block.
struct WinogradFours: WinogradNode, RowWriter {
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

  /// Tiles of a piece: as many as the second-level cache holds, but enough to use a filter that comes
  /// from far away often.
  private func split(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * tiles.perImage,
      largest: max(input * output < 65_536 ? 48 : 64, 262_144 / (36 * (input + output))),
      shared: 4, multiple: tiles.multiple)
  }

  var writesRows: Bool { blocks.count == 1 && tiles.areWholeRows }
  func rows(_ batch: Int, _ piece: Int) -> Range<Int> { tiles.rows(of: split(batch).range(piece)) }
  var mostPieces: Int { Pieces.most(batch) { split($0).count } }

  private var largest: Int { Pieces.most(batch) { split($0).size } }
  /// Output channels whose transformed filters exist at a time.
  private var blocks: Pieces {
    Pieces(total: output, largest: max(32, keptFilterFloats / (36 * input)), multiple: 16)
  }
  private var filterPlane: Int { plane(input * blocks.size) }
  private var productFloats: Int { 36 * plane(blocks.size * largest) }
  private var windowFloats: Int { 36 * plane(input * largest) }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var turnedFloats: Int { isDataGradient ? 9 * input * output : 0 }
  /// The transforms' scratch, the products and the windows of one worker.
  private var perWorker: Int { transformFloats + productFloats + windowFloats }

  var workspaceFloats: Int { turnedFloats + 36 * filterPlane + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let weight = isDataGradient ? context.workspace : context.input(1)
    let turning =
      isDataGradient
      ? [
        turningPhase(
          context.kernels, context.input(1), taps: 9, input: input, output: output,
          into: context.workspace)
      ] : []
    return turning
      + (0..<blocks.count).flatMap { block in
        let (channel, channels) = (blocks.first(block), blocks.count(of: block))
        return [
          filterPhase(context, weight, channel: channel, channels: channels),
          tilePhase(context, channel: channel, channels: channels),
        ]
      }
  }

  private func filterPhase(
    _ context: CompileContext, _ weight: UnsafeMutablePointer<Float>, channel: Int, channels: Int
  ) -> Phase {
    let (kernels, input, output) = (context.kernels, input, output)
    let (filterPlane, isDataGradient) = (filterPlane, isDataGradient)
    let filters = context.workspace + turnedFloats
    let rows = Pieces(total: input, largest: 16)
    return Phase(pieces: { _ in rows.count }) { _, piece, _ in
      let row = rows.first(piece)
      kernels.winogradFilters(
        weight, input, output, row, rows.count(of: piece), channel, channels / 16, isDataGradient,
        filters + row * 16, filterPlane, input * 16)
    }
  }

  private func tilePhase(_ context: CompileContext, channel: Int, channels: Int) -> Phase {
    let (kernels, tiles, input, output) = (context.kernels, tiles, input, output)
    let (perWorker, transformFloats) = (perWorker, transformFloats)
    let (productFloats, filterPlane) = (productFloats, filterPlane)
    let filters = context.workspace + turnedFloats
    let workers = filters + 36 * filterPlane
    let (x, y) = (context.input(0), context.output(0))
    let bias = hasBias ? context.input(2) + channel : nil
    let (relu, accumulate) = (relu, context.node.accumulates[0])
    return Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, worker in
      let range = split(batch)
      let (first, count) = (range.first(piece), range.count(of: piece))
      let own = workers + worker * perWorker
      let scratch = TransformScratch(own, channels: max(input, output))
      let m = own + transformFloats
      let v = m + productFloats
      kernels.winogradWindows(
        x, scratch.edge, tiles.h, tiles.w, input, tiles.h * tiles.w * input, tiles.w * input, input,
        1, 1, tiles.tilesX, tiles.perImage, 4, first, count, v, plane(input * count), count * 16,
        scratch.places)
      kernels.multiplyPlanes(
        count, channels: channels, input: input, v, filters, filterPlane: filterPlane, add: false, m
      )
      kernels.winogradFours(
        m, plane(channels * count), count * 16, y + channel, scratch.edge, bias, tiles.h, tiles.w,
        channels, output,
        tiles.tilesX, tiles.perImage, first, count, relu, accumulate, scratch.places)
    }
  }
}

/// Weight gradient of a 3×3 convolution by Winograd: `dg = Gᵀ [sum of Vᵀ (A dy Aᵀ)] G`.
///
/// With few channels the tiles are cut into a few fixed parts, each of which goes through in pieces that
/// stay in the cache, and the parts' sums are added in order. With many the tiles go through in chunks,
/// and of each chunk the sums are made block by block of the weight.
struct WinogradFoursWeightGradient: NodeCompiler {
  private let tiles: WinogradTiles
  private let batch: Int
  private let input: Int
  private let output: Int
  private let hasBias: Bool
  private let threads: Int

  init(_ attributes: Convolution, x: Shape, dy: Shape, threads: Int) {
    tiles = WinogradTiles(x)
    batch = x.n
    input = x.c
    output = dy.c
    hasBias = attributes.hasBias
    self.threads = threads
  }

  private var isInParts: Bool { input * output <= 32_768 }
  private var partCount: Int { input * output <= 8192 ? 8 : 4 }

  private func parts(_ batch: Int) -> Pieces {
    let total = batch * tiles.perImage
    return Pieces(total: total, largest: max(1, (total + partCount - 1) / partCount))
  }

  /// Tiles that are transformed at once: more where the sums take longer to go by.
  private var largest: Int {
    if isInParts {
      return max(partCount == 8 ? 48 : 128, 262_144 / (36 * (input + output)) / 8 * 8)
    }
    return Pieces.most(batch) { chunks($0).size }
  }

  /// About 32 MB of transformed values; few chunks, because each adds to all gradients.
  private func chunks(_ batch: Int) -> Pieces {
    Pieces(total: batch * tiles.perImage, largest: max(64, 8_388_608 / (36 * (input + output))))
  }

  private var inputBlocks: Pieces {
    Pieces(total: input, largest: isInParts ? input : 64, multiple: 16)
  }
  private var outputBlocks: Pieces {
    Pieces(total: output, largest: isInParts ? output : 64, multiple: 16)
  }
  private var sumPlane: Int { plane(inputBlocks.size * outputBlocks.size) }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var windowFloats: Int { 36 * plane(input * largest) }
  private var gradientFloats: Int { 36 * plane(output * largest) }
  private var perWorker: Int {
    transformFloats + (isInParts ? windowFloats + gradientFloats : 36 * sumPlane)
  }
  private var sharedFloats: Int {
    isInParts ? partCount * 36 * sumPlane : windowFloats + gradientFloats
  }

  var workspaceFloats: Int {
    sharedFloats + threads * perWorker
      + (hasBias ? ColumnSums.workspaceFloats(columns: output) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let shared = context.workspace
    let workers = shared + sharedFloats
    var phases =
      isInParts ? partPhases(context, shared, workers) : chunkPhases(context, shared, workers)
    if hasBias {
      phases += ColumnSums.phases(
        context.input(1), rowsPerImage: tiles.h * tiles.w, columns: output, into: context.output(1),
        workspace: workers + threads * perWorker, context.kernels)
    }
    return phases
  }

  /// Transforms some tiles of both pictures; `total` is the number of tiles that lie together.
  private func transform(
    _ context: CompileContext, _ scratch: TransformScratch, first: Int, count: Int, total: Int,
    _ v: UnsafeMutablePointer<Float>, _ e: UnsafeMutablePointer<Float>
  ) {
    context.kernels.winogradWindows(
      context.input(0), scratch.edge, tiles.h, tiles.w, input, tiles.h * tiles.w * input,
      tiles.w * input, input, 1, 1, tiles.tilesX, tiles.perImage, 4, first, count, v,
      plane(input * total), total * 16, scratch.places)
    context.kernels.winogradFoursGradient(
      context.input(1), scratch.edge, tiles.h, tiles.w, output, tiles.tilesX, tiles.perImage,
      first, count, e, plane(output * total), total * 16, scratch.places)
  }

  private func partPhases(
    _ context: CompileContext, _ sums: UnsafeMutablePointer<Float>,
    _ workers: UnsafeMutablePointer<Float>
  ) -> [Phase] {
    let (kernels, dweight) = (context.kernels, context.output(0))
    let (input, output, largest) = (input, output, largest)
    let (sumPlane, perWorker, transformFloats) = (sumPlane, perWorker, transformFloats)
    let (windowFloats, channels) = (windowFloats, max(input, output))
    let ranges = Pieces(total: 36 * sumPlane, largest: 16_384, multiple: 16)
    let rows = Pieces(total: input, largest: 16)
    return [
      Phase(pieces: { [self] in parts($0).count }) { [self] batch, piece, worker in
        let own = workers + worker * perWorker
        let scratch = TransformScratch(own, channels: channels)
        let v = own + transformFloats
        let e = v + windowFloats
        let part = parts(batch)
        let steps = Pieces(total: part.count(of: piece), largest: largest)
        for step in 0..<steps.count {
          let count = steps.count(of: step)
          transform(
            context, scratch, first: part.first(piece) + steps.first(step), count: count,
            total: count, v, e)
          for product in 0..<36 {
            kernels.multiplySixteensTransposed(
              input, output / 16, count, v + product * plane(input * count), count * 16,
              e + product * plane(output * count), count * 16, step > 0,
              sums + (piece * 36 + product) * sumPlane, input * 16)
          }
        }
      },
      Phase(pieces: { _ in ranges.count }) { [self] batch, piece, _ in
        kernels.sumParts(
          sums, parts(batch).count, 36 * sumPlane, ranges.first(piece), ranges.count(of: piece),
          sums)
      },
      Phase(pieces: { _ in rows.count }) { _, piece, _ in
        let row = rows.first(piece)
        kernels.winogradFilterGradients(
          sums + row * 16, sumPlane, input * 16, input, output, row, rows.count(of: piece), 0,
          output / 16, false, dweight)
      },
    ]
  }

  private func chunkPhases(
    _ context: CompileContext, _ v: UnsafeMutablePointer<Float>,
    _ workers: UnsafeMutablePointer<Float>
  ) -> [Phase] {
    let (kernels, dweight) = (context.kernels, context.output(0))
    let (input, output) = (input, output)
    let e = v + windowFloats
    let (inputBlocks, outputBlocks) = (inputBlocks, outputBlocks)
    let (sumPlane, perWorker, transformFloats) = (sumPlane, perWorker, transformFloats)
    let channels = max(input, output)
    return chunkedPhases(upTo: batch, chunks) { range in
      [
        Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
          [self] batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let part = Pieces(total: count, largest: 16)
          transform(
            context, TransformScratch(workers + worker * perWorker, channels: channels),
            first: first + part.first(piece), count: part.count(of: piece), total: count,
            v + part.first(piece) * 16, e + part.first(piece) * 16)
        },
        Phase(pieces: { range($0) == nil ? 0 : inputBlocks.count * outputBlocks.count }) {
          batch, piece, worker in
          guard let (begin, count) = range(batch) else { return }
          let (row, column) = (piece % inputBlocks.count, piece / inputBlocks.count)
          let (first, rows) = (inputBlocks.first(row), inputBlocks.count(of: row))
          let (channel, groups) = (
            outputBlocks.first(column), outputBlocks.count(of: column) / 16
          )
          let sums = workers + worker * perWorker + transformFloats
          for product in 0..<36 {
            kernels.multiplySixteensTransposed(
              rows, groups, count, v + product * plane(input * count) + first * count, count * 16,
              e + product * plane(output * count) + channel * count, count * 16, false,
              sums + product * sumPlane, rows * 16)
          }
          kernels.winogradFilterGradients(
            sums, sumPlane, rows * 16, input, output, first, rows, channel, groups, begin > 0,
            dweight)
        },
      ]
    }
  }
}
