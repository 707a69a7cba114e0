import Graph

/// The windows of a convolution as the rows of a matrix, for positions numbered through the batch.
private struct Windows {
  let attributes: Convolution
  let x: Shape
  let y: Shape

  /// Values of a window.
  var depth: Int { attributes.kernel * attributes.kernel * x.c }
  var positions: Int { y.h * y.w }

  /// Calls `body` with the parts of a range that lie in one image: image, first position there, count,
  /// and how many positions of the range come before.
  func forEachImage(_ first: Int, _ count: Int, _ body: (Int, Int, Int, Int) -> Void) {
    var done = 0
    while done < count {
      let image = (first + done) / positions
      let start = first + done - image * positions
      let part = min(positions - start, count - done)
      body(image, start, part, done)
      done += part
    }
  }

  func gather(
    _ kernels: KernelTable, _ source: UnsafePointer<Float>, first: Int, count: Int,
    _ rows: UnsafeMutablePointer<Float>
  ) {
    forEachImage(first, count) { image, start, part, done in
      kernels.gatherWindows(
        source + image * x.countPerImage, x.h, x.w, x.c, attributes.kernel, attributes.stride,
        attributes.padding, y.w, start, part, rows + done * depth)
    }
  }
}

/// Convolution of any size and stride by products of our own, output channels in sixteens: windows are
/// gathered for a band of positions that fits the cache, and the weight lies in sixteens.
struct StridedConvolution: RowWriter {
  private let windows: Windows
  private let threads: Int

  init(_ attributes: Convolution, x: Shape, y: Shape, threads: Int) {
    windows = Windows(attributes: attributes, x: x, y: y)
    self.threads = threads
  }

  private func bands(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * windows.positions, largest: max(64, 98_304 / windows.depth), fewest: 4,
      multiple: 8)
  }

  var writesRows: Bool { true }
  func rows(_ batch: Int, _ piece: Int) -> Range<Int> { bands(batch).range(piece) }
  var mostPieces: Int { Pieces.most(windows.y.n) { bands($0).count } }

  private var bandFloats: Int {
    Pieces.most(windows.y.n) { bands($0).size } * windows.depth + 16
  }
  private var weightFloats: Int { windows.depth * windows.y.c }

  var workspaceFloats: Int { weightFloats + threads * bandFloats }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, weight, y) = (context.input(0), context.input(1), context.output(0))
    let (windows, kernels, bandFloats) = (windows, context.kernels, bandFloats)
    let relu = windows.attributes.relu
    let bias = windows.attributes.hasBias ? context.input(2) : nil
    let accumulate = context.node.accumulates[0]
    let (depth, channels) = (windows.depth, windows.y.c)
    let packed = context.workspace
    let workers = packed + weightFloats
    let groups = Pieces(total: channels / 16, largest: 4)
    return [
      Phase(pieces: { _ in groups.count }) { _, piece, _ in
        kernels.packSixteens(
          weight, depth, channels, groups.first(piece), groups.count(of: piece), packed)
      },
      Phase(pieces: { [self] in bands($0).count }) { [self] batch, piece, worker in
        let range = bands(batch)
        let (first, count) = (range.first(piece), range.count(of: piece))
        let rows = workers + worker * bandFloats
        windows.gather(kernels, x, first: first, count: count, rows)
        let out = y + first * channels
        kernels.multiplyRows(
          count, channels / 16, depth, rows, depth, packed, depth * 16, accumulate, out, channels)
        if bias != nil || relu { kernels.addBias(out, bias, count, channels, relu) }
      },
    ]
  }
}

/// Its data gradient, all channels in sixteens; one image is one piece, because windows overlap.
struct StridedDataGradient: NodeCompiler {
  private let windows: Windows
  private let threads: Int

  init(_ attributes: Convolution, x: Shape, y: Shape, threads: Int) {
    windows = Windows(attributes: attributes, x: x, y: y)
    self.threads = threads
  }

  private var bands: Pieces {
    Pieces(total: windows.positions, largest: max(64, 98_304 / windows.depth), multiple: 8)
  }
  private var bandFloats: Int { bands.size * windows.depth }
  private var weightFloats: Int { windows.depth * windows.y.c }

  var workspaceFloats: Int { 2 * weightFloats + threads * bandFloats }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, weight, dx) = (context.input(0), context.input(1), context.output(0))
    let accumulate = context.node.accumulates[0]
    let (windows, kernels, bandFloats, bands) = (windows, context.kernels, bandFloats, bands)
    let (attributes, x, y) = (windows.attributes, windows.x, windows.y)
    let (depth, channels) = (windows.depth, y.c)
    let packed = context.workspace
    let turned = packed + weightFloats
    let workers = turned + weightFloats
    let blocks = Pieces(total: depth, largest: 64, multiple: 16)
    return [
      Phase(pieces: { _ in blocks.count }) { _, piece, _ in
        kernels.transposeMatrix(
          weight, depth, channels, blocks.first(piece), blocks.count(of: piece), turned)
      },
      Phase(pieces: { _ in blocks.count }) { _, piece, _ in
        kernels.packSixteens(
          turned, channels, depth, blocks.first(piece) / 16, blocks.count(of: piece) / 16, packed)
      },
      Phase(pieces: { $0 }) { _, image, worker in
        let rows = workers + worker * bandFloats
        let picture = dx + image * x.countPerImage
        if !accumulate { picture.update(repeating: 0, count: x.countPerImage) }
        for band in 0..<bands.count {
          let (first, count) = (bands.first(band), bands.count(of: band))
          kernels.multiplyRows(
            count, depth / 16, channels, dy + (image * windows.positions + first) * channels,
            channels, packed, channels * 16, false, rows, depth)
          kernels.scatterWindows(
            rows, x.h, x.w, x.c, attributes.kernel, attributes.stride, attributes.padding, y.w,
            first, count, picture)
        }
      },
    ]
  }
}

/// Its weight gradient, output channels in sixteens: the batch in 2, 4 or 8 fixed parts, whose sums are
/// added in order.
struct StridedWeightGradient: NodeCompiler {
  private let windows: Windows
  private let threads: Int
  private let parts: Int

  init(_ attributes: Convolution, x: Shape, dy: Shape, threads: Int) {
    windows = Windows(attributes: attributes, x: x, y: dy)
    self.threads = threads
    let count = windows.depth * dy.c
    parts = count <= 1 << 20 ? 8 : count <= 1 << 21 ? 4 : 2
  }

  private func split(_ batch: Int) -> Pieces {
    let total = batch * windows.positions
    return Pieces(total: total, largest: max(1, (total + parts - 1) / parts))
  }

  /// Positions whose windows are gathered at once: enough that the sums are not moved too often.
  private var band: Int { max(128, 98_304 / windows.depth / 8 * 8) }
  /// Rows of the sums in eights, because products of fewer are slow; the last ones hold anything.
  private var rows: Int { (windows.depth + 7) / 8 * 8 }
  private var weightFloats: Int { (rows * windows.y.c + 15) / 16 * 16 }
  private var perWorker: Int { band * (windows.depth + windows.y.c) + 16 }

  var workspaceFloats: Int {
    parts * weightFloats + threads * perWorker
      + (windows.attributes.hasBias ? ColumnSums.workspaceFloats(columns: windows.y.c) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy, dweight) = (context.input(0), context.input(1), context.output(0))
    let (windows, kernels, band) = (windows, context.kernels, band)
    let (depth, channels, products) = (windows.depth, windows.y.c, rows)
    let (weightFloats, perWorker) = (weightFloats, perWorker)
    let sums = context.workspace
    let workers = sums + parts * weightFloats
    let ranges = Pieces(total: depth * channels, largest: 16_384, multiple: 16)
    var phases = [
      Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, worker in
        let range = split(batch)
        let packed = workers + worker * perWorker
        let rows = packed + band * channels
        let bands = Pieces(total: range.count(of: piece), largest: band)
        for index in 0..<bands.count {
          let (first, count) = (range.first(piece) + bands.first(index), bands.count(of: index))
          windows.gather(kernels, x, first: first, count: count, rows)
          kernels.packSixteens(dy + first * channels, count, channels, 0, channels / 16, packed)
          kernels.multiplyRowsTransposed(
            products, channels / 16, count, rows, depth, packed, count * 16, index > 0,
            sums + piece * weightFloats, channels)
        }
      },
      Phase(pieces: { _ in ranges.count }) { [self] batch, piece, _ in
        kernels.sumParts(
          sums, split(batch).count, weightFloats, ranges.first(piece), ranges.count(of: piece),
          dweight)
      },
    ]
    if windows.attributes.hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: windows.positions, columns: channels, into: context.output(1),
        workspace: workers + threads * perWorker, kernels)
    }
    return phases
  }
}
