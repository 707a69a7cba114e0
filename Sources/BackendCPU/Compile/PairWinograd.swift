import CKernels
import CVector
import Glibc
import Graph

extension WinogradTiles {
  /// The tiles of F(2×2, 3×3) over maps of so many channels; the first begins `origin` pixels outside.
  func pairTiles(channels: Int, origin: Int) -> PictureTiles {
    PictureTiles(
      height: h, width: w, image_step: h * w * channels, row_step: w * channels,
      pixel_step: channels, step: 2, origin_y: origin, origin_x: origin, tiles_x: tilesX,
      per_image: perImage)
  }
}

extension Convolution {
  /// Whether F(2×2, 3×3) over 16-bit maps saves more multiplications than its transforms cost.
  func suitsPairWinograd(input: Int, output: Int) -> Bool {
    suitsWinograd(input: input, output: output) && min(input, output) >= 32
  }
}

/// 3×3 convolution of 16-bit maps by Winograd: forward, or the data gradient (the same with turned
/// filters).
struct PairWinograd: WinogradNode, RowWriter {
  let layer: WinogradLayer
  private let threads: Int

  /// Channels of what is read and written: swapped for the data gradient.
  init(
    _ attributes: Convolution, source: Shape, channels: Int, isDataGradient: Bool, threads: Int
  ) {
    layer = WinogradLayer(
      attributes, source: source, channels: channels, isDataGradient: isDataGradient, step: 2)
    self.threads = threads
  }

  private var columns: Int { PairWindows.padded(output) }
  private var pairs: Int { input * output }
  private var panelFloats: Int { columns * input / 2 }

  /// Tiles in a piece: what is transformed stays near the second-level cache, but has enough rows for
  /// each panel of filters that goes by.
  private func pieces(_ batch: Int) -> Pieces {
    let fitting = 786_432 / (16 * (2 * input + 4 * columns))
    return Pieces(
      total: batch * tiles.perImage, largest: max(48, fitting), fewest: 4,
      multiple: tiles.multiple)
  }

  var writesRows: Bool { tiles.areWholeRows }
  func rows(_ batch: Int, _ piece: Int) -> Range<Int> { tiles.rows(of: pieces(batch).range(piece)) }
  var mostPieces: Int { Pieces.most(batch) { pieces($0).count } }

  private var largestPiece: Int { Pieces.most(batch) { pieces($0).size } }
  private var perWorker: Int {
    16 * (largestPiece * (input / 2 + columns) + 2 * Self.gap) + 32
      + PairWindows.aligned(max(input, output) / 2)
  }
  /// Floats between transformed values, so that their planes do not share a set of the cache.
  static var gap: Int { 16 }

  var workspaceFloats: Int {
    16 * panelFloats + 16 * pairs + (isDataGradient ? 9 * pairs : 0) + threads * perWorker
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, y) = (context.input(0, UInt16.self), context.output(0, UInt16.self))
    let bias = hasBias ? UnsafePointer(context.input(2)) : nil
    let accumulate = context.node.accumulates[0]
    let kernels = context.kernels.pairs
    let panels = context.workspace.pairs
    let filters = context.workspace + 16 * panelFloats
    let turned = filters + 16 * pairs
    let workers = turned + (isDataGradient ? 9 * pairs : 0)
    let (pairs, input, output, columns, tiles) = (pairs, input, output, columns, tiles)
    let (panelFloats, perWorker, largest, relu) = (panelFloats, perWorker, largestPiece, relu)
    let (source, turning) = orientedFilters(context, turned: turned)
    var phases = turning
    let pairPieces = Pieces(total: pairs, largest: 4096, multiple: 16)
    let panelCount = columns / PairKernels.panel
    phases += [
      Phase(pieces: { _ in pairPieces.count }) { _, piece, _ in
        kernels.winogradFilter(
          source, pairs, pairPieces.first(piece), pairPieces.count(of: piece), filters)
      },
      Phase(pieces: { _ in 16 * panelCount }) { _, piece, _ in
        let (product, panel) = (piece / panelCount, piece % panelCount)
        kernels.packPanel(
          filters + product * pairs, input, output, panel, input / 2, 0,
          panels + product * panelFloats)
      },
      Phase(pieces: { [self] batch in pieces(batch).count }) { [self] batch, piece, worker in
        let range = pieces(batch)
        let count = range.count(of: piece)
        let m = workers + worker * perWorker
        let v = (m + 16 * (largest * columns + Self.gap)).halves
        let places = UnsafeMutableRawPointer(v + 16 * (largest * input + 2 * Self.gap))
          .assumingMemoryBound(to: UnsafePointer<UInt16>.self)
        let edge = UnsafeMutableRawPointer(places + 16).assumingMemoryBound(to: UInt16.self)
        memset(edge, 0, 2 * max(input, output))
        let (plane, sumPlane) = (count * input + 2 * Self.gap, count * columns + Self.gap)
        kernels.winogradWindows(
          x, edge, tiles.pairTiles(channels: input, origin: 1), input, range.first(piece), count, v,
          plane, places)
        for product in 0..<16 {
          let operand = PairOperand(
            values: UnsafePointer(v + product * plane).pairs, rows: count, line: count,
            row_step: input / 2, line_step: 0, segments: 1, segment_step: 0, pairs: input / 2,
            pair_step: 1)
          kernels.multiply(
            operand, panelCount, panels + product * panelFloats, m + product * sumPlane, columns,
            false)
        }
        kernels.winogradTwos(
          m, sumPlane, columns, y, edge, bias, tiles.pairTiles(channels: output, origin: 0), output,
          range.first(piece), count, relu, accumulate, places)
      },
    ]
    return phases
  }
}
