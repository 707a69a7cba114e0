import CKernels
import Graph

/// Convolution of any size and stride over 16-bit maps; the result is one too, or `Float`. Sums are
/// `Float` and rounded once.
struct PairConvolution<Result: MapValue>: RowWriter {
  let windows: PairWindows
  let attributes: Convolution
  let results: Int
  let threads: Int

  init(_ attributes: Convolution, x: Shape, y: Shape, threads: Int) {
    self.attributes = attributes
    results = y.c
    self.threads = threads
    windows = PairWindows(
      source: x, rows: attributes.kernel, columns: attributes.kernel, stride: attributes.stride,
      top: -attributes.padding, left: -attributes.padding, height: y.h, width: y.w)
  }

  private var bands: Pieces { windows.bands(results: results) }

  var writesRows: Bool { true }
  func rows(_ batch: Int, _ piece: Int) -> Range<Int> {
    let bands = bands
    let lines = bands.range(piece % bands.count)
    let first = piece / bands.count * windows.height
    return (first + lines.lowerBound) * windows.width..<(first + lines.upperBound) * windows.width
  }
  var mostPieces: Int { windows.source.n * bands.count }

  private var perWorker: Int {
    windows.copyFloats(lines: bands.size)
      + bands.size * windows.width * PairWindows.padded(results)
  }

  var workspaceFloats: Int { windows.panelFloats(columns: results) + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let x = context.input(0, UInt16.self)
    let (weight, y) = (context.input(1), context.output(0, Result.self))
    let bias = attributes.hasBias ? UnsafePointer(context.input(2)) : nil
    let accumulate = context.node.accumulates[0]
    let (kernels, maps) = (context.kernels.pairs, Result.kernels(context.kernels))
    let (windows, bands, results, relu) = (windows, bands, results, attributes.relu)
    let columns = PairWindows.padded(results)
    let panels = context.workspace.pairs
    let workers = context.workspace + windows.panelFloats(columns: results)
    let perWorker = perWorker
    let taps = windows.rows * windows.columns
    return [
      Phase(pieces: { _ in columns / PairKernels.panel }) { _, panel, _ in
        for tap in 0..<taps {
          kernels.packPanel(
            weight + tap * windows.source.c * results, windows.source.c, results, panel,
            windows.pairs, tap * windows.channels / 2, panels)
        }
      },
      Phase(pieces: { $0 * bands.count }) { _, piece, worker in
        let image = piece / bands.count
        let first = bands.first(piece % bands.count)
        let lines = bands.count(of: piece % bands.count)
        let sums = workers + worker * perWorker
        let operand = windows.operand(
          kernels, x + image * windows.source.countPerImage, first: first, lines: lines,
          sums + bands.size * windows.width * columns)
        kernels.multiply(operand, columns / PairKernels.panel, panels, sums, columns, false)
        let at = (image * windows.height + first) * windows.width * results
        maps.finishRows(
          sums, columns, bias, operand.rows, operand.rows, results, results, 0, relu, accumulate,
          y + at)
      },
    ]
  }
}

/// Its data gradient, and the transposed convolution: for each residue of the stride in both directions
/// one convolution of `dy` with the taps that meet there, so that every result is one sum.
struct PairDataGradient: NodeCompiler {
  /// The pixels `stride · t + residue` of dx, in both directions.
  struct Part {
    let windows: PairWindows
    let y: Int
    let x: Int
    /// The kernel's lines and columns, in the order of the windows'.
    let kernelRows: [Int]
    let kernelColumns: [Int]
  }

  let attributes: Convolution
  let dx: Shape
  let dy: Shape
  let threads: Int
  let parts: [Part]

  init(_ attributes: Convolution, dx: Shape, dy: Shape, threads: Int) {
    self.attributes = attributes
    self.dx = dx
    self.dy = dy
    self.threads = threads
    let stride = attributes.stride
    /// Taps that meet a residue, by the place in dy that they take it from.
    func taps(_ residue: Int) -> (first: Int, kernel: [Int]) {
      let reach = residue + attributes.padding
      let kernel = (0..<attributes.kernel).reversed().filter { (reach - $0) % stride == 0 }
      return ((reach - (kernel.first ?? 0)) / stride, kernel)
    }
    var parts: [Part] = []
    for y in 0..<min(stride, dx.h) {
      for x in 0..<min(stride, dx.w) {
        let (down, across) = (taps(y), taps(x))
        precondition(across.first <= 0, "padding is smaller than the kernel")
        parts.append(
          Part(
            windows: PairWindows(
              source: dy, rows: down.kernel.count, columns: across.kernel.count, stride: 1,
              top: down.first, left: across.first, height: (dx.h - y + stride - 1) / stride,
              width: (dx.w - x + stride - 1) / stride),
            y: y, x: x, kernelRows: down.kernel, kernelColumns: across.kernel))
      }
    }
    self.parts = parts
  }

  private func bands(_ part: Part) -> Pieces { part.windows.bands(results: dx.c) }
  private func sumFloats(_ part: Part) -> Int {
    bands(part).size * part.windows.width * PairWindows.padded(dx.c)
  }
  private var perWorker: Int {
    parts.map { sumFloats($0) + $0.windows.copyFloats(lines: bands($0).size) }.max() ?? 0
  }
  /// Where each part's panels begin, and their end.
  private var panelOffsets: [Int] {
    parts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.windows.panelFloats(columns: dx.c)) }
  }

  var workspaceFloats: Int { (panelOffsets.last ?? 0) + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (source, out) = (context.input(0, UInt16.self), context.output(0, UInt16.self))
    let weight = context.input(1)
    let accumulate = context.node.accumulates[0]
    let (kernels, maps) = (context.kernels.pairs, context.kernels.halves)
    let (parts, dx, dy, attributes) = (parts, dx, dy, attributes)
    let (offsets, perWorker) = (panelOffsets, perWorker)
    let columns = PairWindows.padded(dx.c)
    let panels = context.workspace.pairs
    let workers = context.workspace + (offsets.last ?? 0)
    let panelCount = columns / PairKernels.panel
    let jobs = parts.indices.flatMap { index in
      (0..<bands(parts[index]).count).map { (part: index, band: $0) }
    }
    let sizes = parts.map { (bands: bands($0), sums: sumFloats($0)) }
    return [
      Phase(pieces: { _ in parts.count * panelCount }) { _, piece, _ in
        let (index, panel) = (piece / panelCount, piece % panelCount)
        let part = parts[index]
        var firstPair = 0
        for row in part.kernelRows {
          for column in part.kernelColumns {
            let tap = row * attributes.kernel + column
            kernels.packTransposedPanel(
              weight + tap * dx.c * dy.c, dy.c, dx.c, panel, part.windows.pairs, firstPair,
              panels + offsets[index])
            firstPair += part.windows.channels / 2
          }
        }
      },
      Phase(pieces: { $0 * jobs.count }) { _, piece, worker in
        let image = piece / jobs.count
        let job = jobs[piece % jobs.count]
        let part = parts[job.part]
        let (windows, bands) = (part.windows, sizes[job.part].bands)
        let (first, lines) = (bands.first(job.band), bands.count(of: job.band))
        let sums = workers + worker * perWorker
        let rows = lines * windows.width
        if windows.pairs == 0 {
          if accumulate { return }
          sums.update(repeating: 0, count: rows * columns)
        } else {
          let operand = windows.operand(
            kernels, source + image * dy.countPerImage, first: first, lines: lines,
            sums + sizes[job.part].sums)
          kernels.multiply(operand, panelCount, panels + offsets[job.part], sums, columns, false)
        }
        let stride = attributes.stride
        let at = ((stride * first + part.y) * dx.w + part.x) * dx.c
        maps.finishRows(
          sums, columns, nil, rows, windows.width, dx.c, stride * dx.c, stride * dx.w * dx.c,
          false, accumulate, out + image * dx.countPerImage + at)
      },
    ]
  }
}
