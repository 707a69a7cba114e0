import Graph

/// Weight gradient of a 3×3 convolution with stride 2 by Winograd: `dg = Gᵀ [sum of Vᵀ (A dy Aᵀ)] G`, block by
/// block of the weight.
struct StridedWinogradWeightGradient: NodeCompiler {
  private let tiles: StridedTiles
  private let hasBias: Bool
  private let threads: Int
  private var input: Int { tiles.large.c }
  private var output: Int { tiles.small.c }

  init(_ attributes: Convolution, x: Shape, dy: Shape, threads: Int) {
    tiles = StridedTiles(large: x, small: dy)
    hasBias = attributes.hasBias
    self.threads = threads
  }

  /// Few chunks, because each adds to all gradients; about 24 MB of transformed values.
  private func chunks(_ batch: Int) -> Pieces { tiles.split(batch, floats: 6_291_456) }
  private var largest: Int { Pieces.most(tiles.large.n) { chunks($0).size } }
  private var inputBlocks: Pieces { Pieces(total: input, largest: 32, multiple: 16) }
  private var outputBlocks: Pieces { Pieces(total: output, largest: 64, multiple: 16) }
  private var transformFloats: Int { TransformScratch.count(channels: max(input, output)) }
  private var perWorker: Int {
    transformFloats + StridedTiles.floats(inputBlocks.size * outputBlocks.size)
  }

  var workspaceFloats: Int {
    StridedTiles.floats(input * largest) + 25 * plane(output * largest) + threads * perWorker
      + (hasBias ? ColumnSums.workspaceFloats(columns: output) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy, dweight) = (context.input(0), context.input(1), context.output(0))
    let (kernels, tiles, input, output) = (context.kernels, tiles, input, output)
    let (large, small, perWorker) = (tiles.large, tiles.small, perWorker)
    let (inputBlocks, outputBlocks) = (inputBlocks, outputBlocks)
    let transformFloats = transformFloats
    let v = context.workspace
    let e = v + StridedTiles.floats(input * largest)
    let workers = e + 25 * plane(output * largest)
    let channels = max(input, output)
    var phases = chunkedPhases(upTo: tiles.large.n, chunks) { range in
      [
        Phase(pieces: { range($0).map { Pieces(total: $0.count, largest: 16).count } ?? 0 }) {
          batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let part = Pieces(total: count, largest: 16)
          let (start, tileCount) = (part.first(piece), part.count(of: piece))
          let scratch = TransformScratch(workers + worker * perWorker, channels: channels)
          kernels.stridedWindows(
            x, scratch.edge, large.h, large.w, input, tiles.tilesX, tiles.perImage, first + start,
            tileCount, v + start * 16, input * count, count * 16, scratch.floats, scratch.places)
          kernels.stridedOutputsGradient(
            dy, scratch.edge, small.h, small.w, output, tiles.tilesX, tiles.perImage,
            first + start, tileCount, e + start * 16, plane(output * count), count * 16,
            scratch.floats, scratch.places)
        },
        Phase(pieces: { range($0) == nil ? 0 : inputBlocks.count * outputBlocks.count }) {
          batch, piece, worker in
          guard let (first, count) = range(batch) else { return }
          let (row, column) = (piece % inputBlocks.count, piece / inputBlocks.count)
          let (from, rows) = (inputBlocks.first(row), inputBlocks.count(of: row))
          let (channel, width) = (outputBlocks.first(column), outputBlocks.count(of: column))
          let sums = workers + worker * perWorker + transformFloats
          for index in 0..<25 {
            let (source, phases) = StridedTiles.plane(index, input * count)
            let target = StridedTiles.plane(index, rows * width).start
            for phase in 0..<phases {
              kernels.multiplySixteensTransposed(
                rows, width / 16, count, v + source + (phase * input + from) * count, count * 16,
                e + index * plane(output * count) + channel * count, count * 16, false,
                sums + target + phase * rows * width, rows * 16)
            }
          }
          kernels.stridedFilterGradients(
            sums, rows * width, input, output, from, rows, channel, width / 16, first > 0, dweight)
        },
      ]
    }
    if hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: small.h * small.w, columns: output, into: context.output(1),
        workspace: workers + threads * perWorker, kernels)
    }
    return phases
  }
}
