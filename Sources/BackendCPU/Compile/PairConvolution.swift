import Glibc
import Graph

/// What the window convolutions of 16-bit maps have in common: products of pairs (`PairKernels`), whose
/// sums are `Float` and are rounded once, when they become values of a map.
struct PairGeometry {
  let windows: WindowGeometry
  let threads: Int
  /// Output positions of a band, such that its rows and sums stay in the second-level cache.
  let band: Int

  init(_ windows: WindowGeometry, threads: Int) {
    self.windows = windows
    self.threads = threads
    let values = Self.even(windows.depth) + 2 * Self.padded(max(windows.depth, windows.y.c))
    band =
      Pieces(
        total: windows.positions, largest: max(32, 131_072 / values / 8 * 8), multiple: 8
      ).size
  }

  var bands: Pieces { Pieces(total: windows.positions, largest: band, multiple: 8) }
  var depth: Int { windows.depth }
  var channels: Int { windows.y.c }
  /// Floats for a band's rows of windows.
  var rowFloats: Int { Self.aligned(band * Self.even(depth) / 2) }

  /// Values of a row whose pairs are whole.
  static func even(_ count: Int) -> Int { (count + 1) / 2 * 2 }

  /// Columns of whole panels.
  static func padded(_ columns: Int) -> Int {
    (columns + PairKernels.panel - 1) / PairKernels.panel * PairKernels.panel
  }

  static func aligned(_ floats: Int) -> Int { (floats + 15) / 16 * 16 }

  /// Floats of a packed right operand.
  static func panelFloats(depth: Int, columns: Int) -> Int {
    padded(columns) * even(depth) / 2
  }

  /// A left operand of pairs: the rows of windows of a band, where they lie or gathered.
  func windowRows(
    _ maps: MapKernels<UInt16>, _ x: UnsafePointer<UInt16>, image: Int, first: Int, count: Int,
    _ scratch: UnsafeMutablePointer<UInt16>, rowLength: Int
  ) -> UnsafePointer<UInt16> {
    if windows.isPointwise && rowLength == depth {
      return x + (image * windows.positions + first) * depth
    }
    let (shape, a) = (windows.x, windows.attributes)
    maps.gatherWindows(
      x + image * shape.countPerImage, shape.h, shape.w, shape.c, a.kernel, a.stride, a.padding,
      windows.y.w, first, count, rowLength, scratch)
    return UnsafePointer(scratch)
  }

  /// The rows of the convolution's output or its gradient, with whole pairs.
  func outputRows(
    _ maps: MapKernels<UInt16>, _ y: UnsafePointer<UInt16>, image: Int, first: Int, count: Int,
    _ scratch: UnsafeMutablePointer<UInt16>
  ) -> UnsafePointer<UInt16> {
    if channels % 2 == 0 { return y + (image * windows.positions + first) * channels }
    maps.gatherWindows(
      y + image * windows.y.countPerImage, windows.y.h, windows.y.w, channels, 1, 1, 0,
      windows.y.w, first, count, Self.even(channels), scratch)
    return UnsafePointer(scratch)
  }
}

extension UnsafeMutablePointer where Pointee == Float {
  /// The same memory as 16-bit values.
  var halves: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt16.self)
  }

  /// The same memory as pairs of 16-bit values.
  var pairs: UnsafeMutablePointer<UInt32> {
    UnsafeMutableRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}

extension UnsafePointer where Pointee == UInt16 {
  /// The same memory as pairs.
  var pairs: UnsafePointer<UInt32> {
    UnsafeRawPointer(self).assumingMemoryBound(to: UInt32.self)
  }
}

/// Convolution of any size and stride over 16-bit maps; the result is one too, or `Float`.
///
/// With `isTurned` it is the data gradient of a 3×3 convolution of stride 1, which is such a convolution
/// of `dy` with turned filters.
struct PairConvolution<Result: MapValue>: NodeCompiler {
  let geometry: PairGeometry
  let isTurned: Bool

  init(_ geometry: PairGeometry, isTurned: Bool = false) {
    self.geometry = geometry
    self.isTurned = isTurned
  }

  private var turnedFloats: Int { isTurned ? geometry.depth * geometry.channels : 0 }

  private var panels: Int {
    PairGeometry.panelFloats(depth: geometry.depth, columns: geometry.channels)
  }
  private var perWorker: Int {
    geometry.rowFloats + geometry.band * PairGeometry.padded(geometry.channels)
  }

  var workspaceFloats: Int { panels + turnedFloats + geometry.threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(0, UInt16.self)
    let (weight, y) = (context.input(1), context.output(0, Result.self))
    let attributes = geometry.windows.attributes
    let bias = attributes.hasBias && !isTurned ? UnsafePointer(context.input(2)) : nil
    let relu = attributes.relu && !isTurned
    let accumulate = context.node.accumulates[0]
    let (geometry, perWorker) = (geometry, perWorker)
    let (maps, pairs) = (context.kernels.halves, context.kernels.pairs)
    let results = Result.kernels(context.kernels)
    let (depth, channels, bands) = (geometry.depth, geometry.channels, geometry.bands)
    let columns = PairGeometry.padded(channels)
    let packed = context.workspace.pairs
    let turned = context.workspace + panels
    let workers = turned + turnedFloats
    let rowLength = PairGeometry.even(depth)
    var phases: [Phase] = []
    if isTurned {
      // The weight is [9][output of this][input of this].
      let (turn, input) = (context.kernels.turnFilters, depth / 9)
      let blocks = Pieces(total: channels, largest: 16)
      phases.append(
        Phase(pieces: { _ in blocks.count }) { _, piece, _ in
          turn(weight, channels, input, blocks.first(piece), blocks.count(of: piece), turned)
        })
    }
    let filters = isTurned ? turned : weight
    return phases + [
      Phase(pieces: { _ in columns / PairKernels.panel }) { _, panel, _ in
        pairs.packPanels(filters, depth, channels, panel, 1, packed)
      },
      Phase(pieces: { $0 * bands.count }) { _, piece, worker in
        let image = piece / bands.count
        let first = bands.first(piece % bands.count)
        let count = bands.count(of: piece % bands.count)
        let sums = workers + worker * perWorker
        let scratch = sums + geometry.band * columns
        let rows = geometry.windowRows(
          maps, x, image: image, first: first, count: count, scratch.halves, rowLength: rowLength)
        pairs.multiply(
          count, columns / PairKernels.panel, rowLength / 2, rows.pairs, rowLength / 2, 1, packed,
          sums, columns, false)
        results.finishRows(
          sums, columns, bias, count, channels, relu, accumulate,
          y + (image * geometry.windows.positions + first) * channels)
      },
    ]
  }
}

/// Its data gradient. One image is one piece where windows overlap: they are added up in `Float`, and
/// the picture is rounded once.
struct PairDataGradient: NodeCompiler {
  let geometry: PairGeometry

  init(_ geometry: PairGeometry) { self.geometry = geometry }

  private var panels: Int {
    PairGeometry.panelFloats(depth: geometry.channels, columns: geometry.depth)
  }
  private var pictureFloats: Int {
    geometry.windows.isPointwise ? 0 : PairGeometry.aligned(geometry.windows.x.countPerImage)
  }
  private var perWorker: Int {
    geometry.band * PairGeometry.padded(geometry.depth)
      + PairGeometry.aligned(geometry.band * PairGeometry.even(geometry.channels) / 2)
      + pictureFloats
  }

  var workspaceFloats: Int { panels + geometry.threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, dx) = (context.input(0, UInt16.self), context.output(0, UInt16.self))
    let weight = context.input(1)
    let accumulate = context.node.accumulates[0]
    let (geometry, perWorker, pictureFloats) = (geometry, perWorker, pictureFloats)
    let (maps, pairs, scatter) = (
      context.kernels.halves, context.kernels.pairs, context.kernels.scatterWindows
    )
    let (depth, channels, bands) = (geometry.depth, geometry.channels, geometry.bands)
    let columns = PairGeometry.padded(depth)
    let packed = context.workspace.pairs
    let workers = context.workspace + panels
    let rowPairs = PairGeometry.even(channels) / 2
    let (windows, isPointwise) = (geometry.windows, geometry.windows.isPointwise)
    let a = windows.attributes

    /// The gradients of a band's windows.
    func products(
      image: Int, band: Int, _ sums: UnsafeMutablePointer<Float>,
      _ scratch: UnsafeMutablePointer<Float>
    ) {
      let (first, count) = (bands.first(band), bands.count(of: band))
      let rows = geometry.outputRows(
        maps, dy, image: image, first: first, count: count, scratch.halves)
      pairs.multiply(
        count, columns / PairKernels.panel, rowPairs, rows.pairs, rowPairs, 1, packed, sums,
        columns, false)
    }

    let pack = Phase(pieces: { _ in columns / PairKernels.panel }) { _, panel, _ in
      pairs.packTransposedPanels(weight, channels, depth, panel, 1, packed)
    }
    if isPointwise {
      return [
        pack,
        Phase(pieces: { $0 * bands.count }) { _, piece, worker in
          let (image, band) = (piece / bands.count, piece % bands.count)
          let sums = workers + worker * perWorker
          products(image: image, band: band, sums, sums + geometry.band * columns)
          maps.finishRows(
            sums, columns, nil, bands.count(of: band), depth, false, accumulate,
            dx + (image * windows.positions + bands.first(band)) * depth)
        },
      ]
    }
    return [
      pack,
      Phase(pieces: { $0 }) { _, image, worker in
        let picture = workers + worker * perWorker
        let sums = picture + pictureFloats
        picture.update(repeating: 0, count: windows.x.countPerImage)
        for band in 0..<bands.count {
          products(image: image, band: band, sums, sums + geometry.band * columns)
          scatter(
            sums, windows.x.h, windows.x.w, windows.x.c, a.kernel, a.stride, a.padding,
            windows.y.w, bands.first(band), bands.count(of: band), columns, picture)
        }
        maps.finishRows(
          picture, windows.x.c, nil, windows.x.h * windows.x.w, windows.x.c, false, accumulate,
          dx + image * windows.x.countPerImage)
      },
    ]
  }
}

/// Its weight gradient: the batch in at most 8 fixed parts, whose sums are added in order. Pixels are
/// what is summed over, so both operands are pairs of neighbouring rows.
struct PairWeightGradient: NodeCompiler {
  let geometry: PairGeometry
  let isTransposed: Bool
  let parts: Int

  /// With `isTransposed` the node's inputs are swapped: what was the convolution's output comes first.
  init(_ geometry: PairGeometry, isTransposed: Bool) {
    self.geometry = geometry
    self.isTransposed = isTransposed
    let weights = geometry.depth * geometry.channels
    parts = min(geometry.windows.x.n, max(2, min(8, 4_194_304 / weights)))
  }

  private var columns: Int { PairGeometry.padded(geometry.channels) }
  private var sumFloats: Int { geometry.depth * columns }
  private var bandPairs: Int { (geometry.band + 1) / 2 }
  private var perWorker: Int {
    geometry.rowFloats + PairGeometry.aligned(bandPairs * geometry.depth)
      + PairGeometry.aligned(bandPairs * columns)
  }

  var workspaceFloats: Int {
    geometry.threads * perWorker + parts * sumFloats
      + (geometry.windows.attributes.hasBias
        ? ColumnSums.workspaceFloats(columns: geometry.channels) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(isTransposed ? 1 : 0, UInt16.self)
    let dy = context.input(isTransposed ? 0 : 1, UInt16.self)
    let dweight = context.output(0)
    let (geometry, columns, parts) = (geometry, columns, parts)
    let (sumFloats, perWorker, bandPairs) = (sumFloats, perWorker, bandPairs)
    let (kernels, maps, pairs) = (
      context.kernels, context.kernels.halves, context.kernels.pairs
    )
    let (depth, channels, bands) = (geometry.depth, geometry.channels, geometry.bands)
    let sums = context.workspace
    let workers = sums + parts * sumFloats
    func split(_ batch: Int) -> Pieces {
      Pieces(total: batch, largest: (batch + parts - 1) / parts)
    }
    let rowPieces = Pieces(total: depth, largest: max(1, 16_384 / columns))
    var phases = [
      Phase(pieces: { split($0).count }) { batch, piece, worker in
        let images = split(batch)
        let left = workers + worker * perWorker
        let right = left + PairGeometry.aligned(bandPairs * depth)
        let scratch = right + PairGeometry.aligned(bandPairs * columns)
        var accumulate = false
        for image in images.first(piece)..<images.first(piece) + images.count(of: piece) {
          for band in 0..<bands.count {
            let (first, count) = (bands.first(band), bands.count(of: band))
            let rows = geometry.windowRows(
              maps, x, image: image, first: first, count: count, scratch.halves, rowLength: depth)
            pairs.interleaveRows(rows, count, depth, depth, left.pairs)
            pairs.interleaveRows(
              dy + (image * geometry.windows.positions + first) * channels, count, channels,
              PairKernels.panel, right.pairs)
            pairs.multiply(
              depth, columns / PairKernels.panel, (count + 1) / 2, left.pairs, 1, depth,
              right.pairs, sums + piece * sumFloats, columns, accumulate)
            accumulate = true
          }
        }
      },
      Phase(pieces: { _ in rowPieces.count }) { batch, piece, _ in
        let count = split(batch).count
        for row in rowPieces.first(piece)..<rowPieces.first(piece) + rowPieces.count(of: piece) {
          kernels.sumParts(
            sums + row * columns, count, sumFloats, 0, channels, dweight + row * channels)
        }
      },
    ]
    if geometry.windows.attributes.hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: geometry.windows.positions, columns: channels, into: context.output(1),
        workspace: workers + geometry.threads * perWorker, kernels)
    }
    return phases
  }
}
