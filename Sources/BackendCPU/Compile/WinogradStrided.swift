import Graph

/// The 4×4 tiles of the smaller picture of a 3×3 convolution with stride 2, and how much a tile has: 81
/// values a channel of the larger picture, 25 of the smaller one; see the kernels.
struct StridedTiles {
  let large: Shape
  let small: Shape
  let tilesX: Int
  let perImage: Int

  init(large: Shape, small: Shape) {
    self.large = large
    self.small = small
    tilesX = (small.w + 3) / 4
    perImage = tilesX * ((small.h + 3) / 4)
  }

  /// Products of a pixel's channels are at most two thirds of the direct ones, of which the best tiles
  /// take 0.56: with more waste the transforms cost what they save.
  var pays: Bool { 81 * perImage * 3 <= 2 * 9 * small.h * small.w }

  /// Floats of the 25 planes of `size` floats a phase.
  static func floats(_ size: Int) -> Int { 81 * size + 25 * 16 }
  /// Where a plane begins, and how many phases it has.
  static func plane(_ index: Int, _ size: Int) -> (start: Int, phases: Int) {
    let (i, j) = (index / 5, index % 5)
    let before = i < 4 ? 18 * i + 4 * j : 72 + 2 * j
    return (before * size + index * 16, (i < 4 ? 2 : 1) * (j < 4 ? 2 : 1))
  }

  /// Transformed filters of this many floats, 5 MB, are kept as a whole.
  var keepsFilters: Bool { 81 * large.c * small.c <= 1_310_720 }

  /// Tiles whose transformed values, of both pictures, are about so many floats; whole images where
  /// the gradient of the larger picture is made.
  func split(_ batch: Int, floats: Int, fewest: Int = 1, wholeImages: Bool = false) -> Pieces {
    let fitting = max(32, floats / (81 * large.c + 25 * small.c))
    return Pieces(
      total: batch * perImage,
      largest: wholeImages ? max(perImage, fitting / perImage * perImage) : fitting, fewest: fewest,
      multiple: wholeImages ? perImage : 8)
  }
}

extension Convolution {
  /// Whether a convolution with stride 2 is better done by Winograd: 3×3, padding 1, channels in
  /// sixteens, and pictures that do not waste the tiles.
  func suitsStridedWinograd(input: Shape, output: Shape) -> Bool {
    kernel == 3 && stride == 2 && padding == 1 && input.c % 16 == 0 && output.c % 16 == 0
      && StridedTiles(large: input, small: output).pays
  }

  /// Whether its weight gradient is; with few channels its products are too small beside the transforms.
  func suitsStridedWinogradWeightGradient(input: Shape, output: Shape) -> Bool {
    suitsStridedWinograd(input: input, output: output) && input.c * output.c >= 4096
  }
}

/// 3×3 convolution with stride 2 by Winograd.
///
/// Where all filters fit the cache they are transformed once, and each piece of the work is some tiles from
/// picture to picture. Where they do not, the tiles go through in chunks: of each the windows are transformed
/// once, and then the output's channels are done block by block, each with its own filters.
struct StridedWinograd: NodeCompiler {
  private let tiles: StridedTiles
  private let attributes: Convolution
  private let threads: Int
  private var input: Int { tiles.large.c }
  private var output: Int { tiles.small.c }

  init(_ attributes: Convolution, x: Shape, y: Shape, threads: Int) {
    self.attributes = attributes
    tiles = StridedTiles(large: x, small: y)
    self.threads = threads
  }

  /// Tiles of a piece, or of a chunk.
  private func split(_ batch: Int) -> Pieces {
    tiles.keepsFilters
      ? tiles.split(batch, floats: 262_144, fewest: 4)
      : tiles.split(batch, floats: 4_194_304)
  }
  private var largest: Int { Pieces.most(tiles.large.n) { split($0).size } }
  private var blocks: Pieces {
    Pieces(total: output, largest: tiles.keepsFilters ? output : 32, multiple: 16)
  }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var filterFloats: Int { StridedTiles.floats(input * blocks.size) }
  private var windowFloats: Int { StridedTiles.floats(input * largest) }
  private var productFloats: Int { 25 * plane(blocks.size * largest) }
  private var sharedFloats: Int { tiles.keepsFilters ? filterFloats : windowFloats }
  private var perWorker: Int {
    transformFloats + productFloats + (tiles.keepsFilters ? windowFloats : filterFloats)
  }

  var workspaceFloats: Int { sharedFloats + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (shared, perWorker, channels) = (context.workspace, perWorker, max(input, output))
    let workers = shared + sharedFloats
    let (transformFloats, productFloats) = (transformFloats, productFloats)
    let own = { (worker: Int) -> Own in
      let base = workers + worker * perWorker
      let products = base + transformFloats
      return Own(
        scratch: TransformScratch(base, channels: channels), products: products,
        other: products + productFloats)
    }
    let output = output
    if tiles.keepsFilters {
      let rows = Pieces(total: input, largest: 16)
      return [
        Phase(pieces: { _ in rows.count }) { [self] _, piece, _ in
          filters(
            context, row: rows.first(piece), rows: rows.count(of: piece), channel: 0,
            width: output, shared)
        },
        Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, worker in
          let (range, own) = (split(batch), own(worker))
          let (first, count) = (range.first(piece), range.count(of: piece))
          windows(context, own, first: first, count: count, total: count, own.other)
          products(
            context, own, first: first, count: count, channel: 0, width: output, v: own.other,
            filters: shared)
        },
      ]
    }
    let blocks = blocks
    return chunkedPhases(upTo: tiles.large.n, split) { range in
      [
        Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
          [self] batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let part = Pieces(total: count, largest: 16)
          windows(
            context, own(worker), first: first + part.first(piece), count: part.count(of: piece),
            total: count, shared + part.first(piece) * 16)
        },
        Phase(pieces: { range($0) == nil ? 0 : blocks.count }) { [self] batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let own = own(worker)
          let (channel, width) = (blocks.first(piece), blocks.count(of: piece))
          filters(context, row: 0, rows: input, channel: channel, width: width, own.other)
          products(
            context, own, first: first, count: count, channel: channel, width: width, v: shared,
            filters: own.other)
        },
      ]
    }
  }

  /// What a worker has of its own: beside the products either the windows or the filters.
  private struct Own {
    let scratch: TransformScratch
    let products: UnsafeMutablePointer<Float>
    let other: UnsafeMutablePointer<Float>
  }

  private func filters(
    _ context: CompileContext, row: Int, rows: Int, channel: Int, width: Int,
    _ target: UnsafeMutablePointer<Float>
  ) {
    context.kernels.stridedFilters(
      context.input(1), input, output, row, rows, channel, width / 16, true, target, input * width)
  }

  /// Transforms some of `total` tiles.
  private func windows(
    _ context: CompileContext, _ own: Own, first: Int, count: Int, total: Int,
    _ v: UnsafeMutablePointer<Float>
  ) {
    context.kernels.stridedWindows(
      context.input(0), own.scratch.edge, tiles.large.h, tiles.large.w, input, tiles.tilesX,
      tiles.perImage, first, count, v, input * total, total * 16, own.scratch.floats,
      own.scratch.places)
  }

  private func products(
    _ context: CompileContext, _ own: Own, first: Int, count: Int, channel: Int, width: Int,
    v: UnsafeMutablePointer<Float>, filters: UnsafeMutablePointer<Float>
  ) {
    let mPlane = plane(width * count)
    for index in 0..<25 {
      let (source, phases) = StridedTiles.plane(index, input * count)
      context.kernels.multiplySixteens(
        count, width / 16, phases * input, v + source, count * 16,
        filters + StridedTiles.plane(index, input * width).start, phases * input * 16, false,
        own.products + index * mPlane, count * 16)
    }
    context.kernels.stridedOutputs(
      own.products, mPlane, count * 16, context.output(0) + channel, own.scratch.edge,
      attributes.hasBias ? context.input(2) + channel : nil, tiles.small.h, tiles.small.w, width,
      output, tiles.tilesX, tiles.perImage, first, count, attributes.relu,
      context.node.accumulates[0], own.scratch.floats, own.scratch.places)
  }
}

/// Its data gradient, the same backwards: `dx = B (Uᵀ (A dy Aᵀ)) Bᵀ`, in pieces or chunks of whole images.
struct StridedWinogradDataGradient: NodeCompiler {
  private let tiles: StridedTiles
  private let threads: Int
  private var input: Int { tiles.large.c }
  private var output: Int { tiles.small.c }

  init(x: Shape, y: Shape, threads: Int) {
    tiles = StridedTiles(large: x, small: y)
    self.threads = threads
  }

  private func split(_ batch: Int) -> Pieces {
    tiles.split(batch, floats: tiles.keepsFilters ? 262_144 : 4_194_304, wholeImages: true)
  }
  private var largest: Int { Pieces.most(tiles.large.n) { split($0).size } }
  private var blocks: Pieces {
    Pieces(total: input, largest: tiles.keepsFilters ? input : 32, multiple: 16)
  }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var filterFloats: Int { StridedTiles.floats(output * blocks.size) }
  /// Of the larger picture, and of the smaller one.
  private var windowFloats: Int { StridedTiles.floats(input * largest) }
  private var gradientFloats: Int { 25 * plane(output * largest) }
  private var sharedFloats: Int {
    tiles.keepsFilters ? filterFloats : windowFloats + gradientFloats
  }
  private var perWorker: Int {
    transformFloats + (tiles.keepsFilters ? windowFloats + gradientFloats : filterFloats)
  }

  var workspaceFloats: Int { 9 * input * output + sharedFloats + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (input, output, perWorker) = (input, output, perWorker)
    let (transformFloats, windowFloats) = (transformFloats, windowFloats)
    let turned = context.workspace
    let shared = turned + 9 * input * output
    let workers = shared + sharedFloats
    let channels = max(input, output)
    let scratch = { TransformScratch(workers + $0 * perWorker, channels: channels) }
    let own = { workers + $0 * perWorker + transformFloats }
    let (kernels, weight) = (context.kernels, context.input(1))
    // The weight is [9][Cin][Cout]; lanes are input channels.
    let turning = turningPhase(
      kernels, weight, taps: 9, input: output, output: input, into: turned)
    if tiles.keepsFilters {
      let outputs = Pieces(total: output, largest: 16)
      return [
        turning,
        Phase(pieces: { _ in outputs.count }) { _, piece, _ in
          kernels.stridedFilters(
            turned, output, input, outputs.first(piece), outputs.count(of: piece), 0, input / 16,
            false, shared, output * input)
        },
        Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, worker in
          let (range, v) = (split(batch), own(worker))
          let e = v + windowFloats
          let (first, count) = (range.first(piece), range.count(of: piece))
          spread(context, scratch(worker), first: first, count: count, total: count, e)
          products(context, count: count, channel: 0, width: input, e: e, filters: shared, v)
          gather(context, scratch(worker), first: first, count: count, total: count, v)
        },
      ]
    }
    let (v, blocks, perImage) = (shared, blocks, tiles.perImage)
    let e = v + windowFloats
    return [turning]
      + chunkedPhases(upTo: tiles.large.n, split) { range in
        [
          Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
            [self] batch, piece, worker in
            guard let (first, count) = range(batch) else { return }
            let part = Pieces(total: count, largest: 16)
            spread(
              context, scratch(worker), first: first + part.first(piece),
              count: part.count(of: piece), total: count, e + part.first(piece) * 16)
          },
          Phase(pieces: { range($0) == nil ? 0 : blocks.count }) { [self] batch, piece, worker in
            guard let (_, count) = range(batch) else { return }
            let (channel, width) = (blocks.first(piece), blocks.count(of: piece))
            kernels.stridedFilters(
              turned, output, input, 0, output, channel, width / 16, false, own(worker),
              output * width)
            products(
              context, count: count, channel: channel, width: width, e: e, filters: own(worker), v)
          },
          Phase(pieces: { range($0).map { $0.count / perImage } ?? 0 }) {
            [self] batch, piece, worker in
            guard let (first, count) = range(batch) else { return }
            let tile = piece * perImage
            gather(
              context, scratch(worker), first: first + tile, count: perImage, total: count,
              v + tile * 16)
          },
        ]
      }
  }

  private func spread(
    _ context: CompileContext, _ scratch: TransformScratch, first: Int, count: Int, total: Int,
    _ e: UnsafeMutablePointer<Float>
  ) {
    context.kernels.stridedOutputsGradient(
      context.input(0), scratch.edge, tiles.small.h, tiles.small.w, output, tiles.tilesX,
      tiles.perImage, first, count, e, plane(output * total), total * 16, scratch.floats,
      scratch.places)
  }

  /// All planes and phases of some input channels.
  private func products(
    _ context: CompileContext, count: Int, channel: Int, width: Int,
    e: UnsafeMutablePointer<Float>, filters: UnsafeMutablePointer<Float>,
    _ v: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<25 {
      let (target, phases) = StridedTiles.plane(index, input * count)
      let source = StridedTiles.plane(index, output * width).start
      for phase in 0..<phases {
        context.kernels.multiplySixteens(
          count, width / 16, output, e + index * plane(output * count), count * 16,
          filters + source + phase * output * width, output * 16, false,
          v + target + (phase * input + channel) * count, count * 16)
      }
    }
  }

  private func gather(
    _ context: CompileContext, _ scratch: TransformScratch, first: Int, count: Int, total: Int,
    _ v: UnsafeMutablePointer<Float>
  ) {
    context.kernels.stridedWindowsGradient(
      v, input * total, total * 16, context.output(0), scratch.edge, tiles.large.h, tiles.large.w,
      input, tiles.tilesX, tiles.perImage, first, count, context.node.accumulates[0],
      scratch.floats, scratch.places)
  }
}
