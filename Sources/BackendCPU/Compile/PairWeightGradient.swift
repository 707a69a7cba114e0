import CKernels
import Glibc
import Graph

/// Weight gradient of a convolution over 16-bit maps.
///
/// Pixels are what is summed over, so both operands are pairs of neighbouring windows and pixels. A piece
/// has some taps of the kernel and a part of the batch; the parts' sums are added in order.
struct PairWeightGradient: NodeCompiler {
  let attributes: Convolution
  let x: Shape
  let y: Shape
  let threads: Int
  let isTransposed: Bool
  /// The kernel's taps in groups whose operand stays in the second-level cache.
  let taps: Pieces
  /// Parts of the batch.
  let parts: Int

  /// With `isTransposed` the node's inputs are swapped: what was the convolution's output comes first.
  init(_ attributes: Convolution, x: Shape, y: Shape, isTransposed: Bool, threads: Int) {
    self.attributes = attributes
    self.x = x
    self.y = y
    self.isTransposed = isTransposed
    self.threads = threads
    let count = attributes.kernel * attributes.kernel
    taps = Pieces(total: count, largest: max(1, 640 / x.c))
    parts = min(
      x.n, taps.count >= 8 ? 2 : max(2, min(8 / taps.count, 4_194_304 / (count * x.c * y.c))))
  }

  private var depth: Int { attributes.kernel * attributes.kernel * x.c }
  private var columns: Int { PairWindows.padded(y.c) }
  private var sumFloats: Int { depth * columns }
  /// Output positions that go through at once.
  private var chunk: Int {
    max(32, min(1024, 262_144 / (taps.size * x.c + columns) / 2 * 2))
  }
  /// Zeros in the place of a line of a window, or of a pixel, that lies outside.
  private var zeroCount: Int { max(attributes.kernel * x.c, y.c) }
  private var leftFloats: Int { PairWindows.aligned(chunk / 2 * taps.size * x.c) }
  private var perWorker: Int {
    leftFloats + chunk / 2 * columns + PairWindows.aligned((zeroCount + 1) / 2)
  }

  var workspaceFloats: Int {
    threads * perWorker + parts * sumFloats
      + (attributes.hasBias ? ColumnSums.workspaceFloats(columns: y.c) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let source = context.input(isTransposed ? 1 : 0, UInt16.self)
    let dy = context.input(isTransposed ? 0 : 1, UInt16.self)
    let dweight = context.output(0)
    let (kernels, pairs) = (context.kernels, context.kernels.pairs)
    let (a, x, y, taps, parts) = (attributes, x, y, taps, parts)
    let (columns, sumFloats, depth, chunk) = (columns, sumFloats, depth, chunk)
    let (leftFloats, perWorker, zeroCount) = (leftFloats, perWorker, zeroCount)
    let sums = context.workspace
    let workers = sums + parts * sumFloats
    let positions = y.h * y.w
    func split(_ batch: Int) -> Pieces {
      Pieces(total: batch, largest: (batch + parts - 1) / parts)
    }
    let rowPieces = Pieces(total: depth, largest: max(1, 16_384 / columns))
    var phases = [
      Phase(pieces: { split($0).count * taps.count }) { batch, piece, worker in
        let (part, group) = (piece / taps.count, piece % taps.count)
        let images = split(batch)
        let (firstTap, tapCount) = (taps.first(group), taps.count(of: group))
        let rows = tapCount * x.c
        let left = workers + worker * perWorker
        let right = left + leftFloats
        let zeros = (right + chunk / 2 * columns).halves
        memset(zeros, 0, 2 * zeroCount)
        let out = sums + part * sumFloats + firstTap * x.c * columns
        var first = images.first(part) * positions
        let end = first + images.count(of: part) * positions
        var accumulate = false
        while first < end {
          let count = min(chunk, end - first)
          pairs.gatherWindowPairs(
            source, zeros, x.h, x.w, x.c, a.kernel, a.stride, a.padding, y.h, y.w, first, count,
            firstTap, tapCount, left.pairs)
          pairs.interleaveRows(dy + first * y.c, zeros, count, y.c, right.pairs)
          let operand = PairOperand(
            values: left.pairs, rows: rows, line: rows, row_step: 1, line_step: 0, segments: 1,
            segment_step: 0, pairs: (count + 1) / 2, pair_step: rows)
          pairs.multiply(
            operand, columns / PairKernels.panel, right.pairs, out, columns, accumulate)
          accumulate = true
          first += count
        }
      },
      Phase(pieces: { _ in rowPieces.count }) { batch, piece, _ in
        let count = split(batch).count
        for row in rowPieces.first(piece)..<rowPieces.first(piece) + rowPieces.count(of: piece) {
          kernels.sumParts(
            sums + row * columns, count, sumFloats, 0, y.c, dweight + row * y.c)
        }
      },
    ]
    if a.hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: positions, columns: y.c, into: context.output(1),
        workspace: workers + threads * perWorker, kernels)
    }
    return phases
  }
}
