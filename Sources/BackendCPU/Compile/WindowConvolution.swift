import Graph

/// What the three window convolutions have in common: windows of `kernel²·Cin` values become rows of
/// a matrix, a band of output positions at a time, so that no copy of a whole picture is made.
struct WindowGeometry {
  let attributes: Convolution
  let x: Shape
  let y: Shape
  /// Values of a window.
  let depth: Int
  /// Whether windows are pixels, so that no copy is needed.
  let isPointwise: Bool
  /// Output positions of a band.
  let band: Int

  init(_ attributes: Convolution, x: Shape, y: Shape) {
    self.attributes = attributes
    self.x = x
    self.y = y
    depth = attributes.kernel * attributes.kernel * x.c
    isPointwise =
      attributes.kernel == 1 && attributes.stride == 1 && attributes.padding == 0
    let positions = y.h * y.w
    band = Pieces(total: positions, largest: max(32, 65_536 / depth)).size
  }

  var positions: Int { y.h * y.w }
  var bands: Pieces { Pieces(total: positions, largest: band) }
  /// Floats of a band's rows.
  var bandFloats: Int { isPointwise ? 0 : band * depth }

  func gather(
    _ kernels: KernelTable, _ x: UnsafePointer<Float>, image: Int, first: Int, count: Int,
    _ rows: UnsafeMutablePointer<Float>
  ) {
    kernels.gatherWindows(
      x + image * self.x.countPerImage, self.x.h, self.x.w, self.x.c, attributes.kernel,
      attributes.stride, attributes.padding, y.w, first, count, rows)
  }
}

/// Convolution of any size and stride by matrix products.
struct WindowConvolution: NodeCompiler {
  let geometry: WindowGeometry
  let threads: Int

  var workspaceFloats: Int { threads * geometry.bandFloats }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, weight, y) = (context.input(0), context.input(1), context.output(0))
    let attributes = geometry.attributes
    let bias = attributes.hasBias ? context.input(2) : nil
    let beta: Float = context.node.accumulates[0] ? 1 : 0
    let (geometry, kernels, workspace) = (geometry, context.kernels, context.workspace)
    let (depth, channels) = (geometry.depth, geometry.y.c)
    let bands = geometry.bands
    return [
      Phase(pieces: { $0 * bands.count }) { _, piece, worker in
        let image = piece / bands.count
        let first = bands.first(piece % bands.count)
        let count = bands.count(of: piece % bands.count)
        var rows = x + (image * geometry.positions + first) * depth
        if !geometry.isPointwise {
          rows = workspace + worker * geometry.bandFloats
          geometry.gather(kernels, x, image: image, first: first, count: count, rows)
        }
        let out = y + (image * geometry.positions + first) * channels
        BLAS.multiply(
          count, channels, depth, rows, depth, weight, channels, beta: beta, out, channels)
        if bias != nil || attributes.relu {
          kernels.addBias(out, bias, count, channels, attributes.relu)
        }
      }
    ]
  }
}

/// Data gradient of a convolution of any size and stride; one image is one piece, because windows
/// overlap.
struct WindowDataGradient: NodeCompiler {
  let geometry: WindowGeometry
  let threads: Int

  var workspaceFloats: Int { threads * geometry.bandFloats }

  func phases(_ context: CompileContext) -> [Phase] {
    let (dy, weight, dx) = (context.input(0), context.input(1), context.output(0))
    let accumulate = context.node.accumulates[0]
    let (geometry, kernels, workspace) = (geometry, context.kernels, context.workspace)
    let (depth, channels, bands) = (geometry.depth, geometry.y.c, geometry.bands)
    let attributes = geometry.attributes
    if geometry.isPointwise {
      return [
        Phase(pieces: { $0 * bands.count }) { _, piece, _ in
          let at =
            piece / bands.count * geometry.positions + bands.first(piece % bands.count)
          BLAS.multiply(
            bands.count(of: piece % bands.count), depth, channels, dy + at * channels, channels,
            weight, channels, transposeB: true, beta: accumulate ? 1 : 0, dx + at * depth, depth)
        }
      ]
    }
    return [
      Phase(pieces: { $0 }) { _, image, worker in
        let rows = workspace + worker * geometry.bandFloats
        let picture = dx + image * geometry.x.countPerImage
        if !accumulate { picture.update(repeating: 0, count: geometry.x.countPerImage) }
        for band in 0..<bands.count {
          let (first, count) = (bands.first(band), bands.count(of: band))
          BLAS.multiply(
            count, depth, channels, dy + (image * geometry.positions + first) * channels, channels,
            weight, channels, transposeB: true, rows, depth)
          kernels.scatterWindows(
            rows, geometry.x.h, geometry.x.w, geometry.x.c, attributes.kernel, attributes.stride,
            attributes.padding, geometry.y.w, first, count, picture)
        }
      }
    ]
  }
}

/// Weight gradient of a convolution of any size and stride: the batch in at most 8 fixed parts,
/// whose sums are added in order.
struct WindowWeightGradient: NodeCompiler {
  let geometry: WindowGeometry
  let threads: Int
  let isTransposed: Bool
  let parts: Int

  /// With `isTransposed` the node's inputs are swapped: what was the convolution's output comes first.
  init(geometry: WindowGeometry, threads: Int, isTransposed: Bool = false) {
    self.geometry = geometry
    self.threads = threads
    self.isTransposed = isTransposed
    let weights = geometry.depth * geometry.y.c
    parts = min(geometry.x.n, max(2, min(8, 4_194_304 / weights)))
  }

  private var weightCount: Int { geometry.depth * geometry.y.c }

  var workspaceFloats: Int {
    threads * geometry.bandFloats + parts * weightCount
      + (geometry.attributes.hasBias ? ColumnSums.workspaceFloats(columns: geometry.y.c) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(isTransposed ? 1 : 0)
    let dy = context.input(isTransposed ? 0 : 1)
    let dweight = context.output(0)
    let (geometry, kernels, parts) = (geometry, context.kernels, parts)
    let (depth, channels, bands) = (geometry.depth, geometry.y.c, geometry.bands)
    let weightCount = weightCount
    let sums = context.workspace
    let workers = sums + parts * weightCount
    func split(_ batch: Int) -> Pieces {
      Pieces(total: batch, largest: (batch + parts - 1) / parts)
    }
    var phases = [
      Phase(pieces: { split($0).count }) { batch, piece, worker in
        let images = split(batch)
        let scratch = workers + worker * geometry.bandFloats
        let sum = sums + piece * weightCount
        var beta: Float = 0
        for image in images.first(piece)..<images.first(piece) + images.count(of: piece) {
          for band in 0..<bands.count {
            let (first, count) = (bands.first(band), bands.count(of: band))
            var rows = x + (image * geometry.positions + first) * depth
            if !geometry.isPointwise {
              rows = scratch
              geometry.gather(kernels, x, image: image, first: first, count: count, rows)
            }
            BLAS.multiply(
              depth, channels, count, rows, depth, transposeA: true,
              dy + (image * geometry.positions + first) * channels, channels, beta: beta, sum,
              channels)
            beta = 1
          }
        }
      }
    ]
    let ranges = Pieces(total: weightCount, largest: 16_384)
    phases.append(
      Phase(pieces: { _ in ranges.count }) { batch, piece, _ in
        kernels.sumParts(
          sums, split(batch).count, weightCount, ranges.first(piece), ranges.count(of: piece),
          dweight)
      })
    if geometry.attributes.hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: geometry.positions, columns: channels, into: context.output(1),
        workspace: workers + threads * geometry.bandFloats, kernels)
    }
    return phases
  }
}
