import CKernels
import Glibc
import Graph

/// A transposed 4×4 convolution with stride 2 of 16-bit maps by Winograd's F(3×3, 2×2), or its data gradient.
///
/// The filters of all parities are transformed once. A piece of the work is some tiles: forward, their
/// windows are multiplied by the filters of each parity in turn; in the data gradient the products of the
/// four parities' windows are added up.
struct PairWinogradTransposed: NodeCompiler {
  private let tiles: TransposedTiles
  private let isDataGradient: Bool
  private let threads: Int
  /// Most tiles of a piece.
  private var largest = 0

  init(small: Shape, large: Shape, isDataGradient: Bool, threads: Int) {
    tiles = TransposedTiles(small: small, large: large, size: 3, isSpread: !isDataGradient)
    self.isDataGradient = isDataGradient
    self.threads = threads
    largest = Pieces.most(small.n) { pieces($0).size }
  }

  /// Channels of what is read, and of what is written.
  private var input: Int { isDataGradient ? tiles.large.c : tiles.small.c }
  private var output: Int { isDataGradient ? tiles.small.c : tiles.large.c }
  private var columns: Int { PairWindows.padded(output) }

  /// Tiles in a piece: what is transformed stays near the second-level cache, but has enough rows for
  /// each panel of filters that goes by.
  private func pieces(_ batch: Int) -> Pieces {
    Pieces(
      total: batch * tiles.perImage, largest: max(48, 786_432 / (16 * (2 * input + 4 * columns))),
      shared: 4, multiple: 8)
  }

  /// Pairs from one of the 16 right operands to the next.
  private var filterPlane: Int { columns * input / 2 + PairWinograd.gap }
  /// Forward the weight is turned, so that its lanes are output channels.
  private var turnedFloats: Int { isDataGradient ? 0 : 16 * input * output }
  /// Products, windows, pointers and a pixel.
  private var perWorker: Int {
    16 * (largest * (input / 2 + columns) + 2 * PairWinograd.gap) + 32
      + PairWindows.aligned(max(input, output) / 2)
  }

  var workspaceFloats: Int { turnedFloats + 4 * 16 * filterPlane + threads * perWorker }

  func phases(_ context: CompileContext) -> [Phase] {
    let (kernels, input, output) = (context.kernels, input, output)
    let (turned, filterPlane) = (context.workspace, filterPlane)
    let panels = (context.workspace + turnedFloats).pairs
    // The weight is [16][Cout][Cin] of the transposed convolution.
    let weight = isDataGradient ? context.input(1) : turned
    let panelCount = columns / PairKernels.panel
    let isForward = !isDataGradient
    let turning =
      isDataGradient
      ? []
      : [
        turningPhase(
          kernels, context.input(1), taps: 16, input: input, output: output, into: turned)
      ]
    return turning + [
      Phase(pieces: { _ in 4 * panelCount }) { _, piece, _ in
        let (parity, panel) = (piece / panelCount, piece % panelCount)
        let taps = TransposedTiles.taps(parity, isForward: isForward)
        kernels.pairs.winogradSmallFilters(
          weight, input, output, panel, taps.0, taps.1, taps.2, taps.3,
          panels + 16 * parity * filterPlane, filterPlane)
      },
      Phase(pieces: { [self] in pieces($0).count }) { [self] batch, piece, worker in
        let range = pieces(batch)
        let place = Place(
          context, workers: context.workspace + turnedFloats + 4 * 16 * filterPlane,
          worker: worker, compiler: self, first: range.first(piece), count: range.count(of: piece))
        if isForward {
          place.windows(tiles.smallTiles(origin: 1), offset: 0)
          for parity in 0..<4 {
            place.products(panels + 16 * parity * filterPlane, accumulate: false)
            place.results(
              tiles.largeTiles(parity), offset: tiles.offset(parity), accumulate: false)
          }
        } else {
          for parity in 0..<4 {
            place.windows(tiles.largeTiles(parity), offset: tiles.offset(parity))
            place.products(panels + 16 * parity * filterPlane, accumulate: parity > 0)
          }
          place.results(
            tiles.smallTiles(origin: 0), offset: 0, accumulate: context.node.accumulates[0])
        }
      },
    ]
  }

  /// A worker's memory, and the tiles it works on.
  private struct Place {
    let context: CompileContext
    let compiler: PairWinogradTransposed
    let first: Int
    let count: Int
    let m: UnsafeMutablePointer<Float>
    let v: UnsafeMutablePointer<UInt16>
    let places: UnsafeMutablePointer<UnsafePointer<UInt16>>
    let edge: UnsafeMutablePointer<UInt16>

    init(
      _ context: CompileContext, workers: UnsafeMutablePointer<Float>, worker: Int,
      compiler: PairWinogradTransposed, first: Int, count: Int
    ) {
      self.context = context
      self.compiler = compiler
      self.first = first
      self.count = count
      let (largest, input, columns) = (compiler.largest, compiler.input, compiler.columns)
      m = workers + worker * compiler.perWorker
      v = (m + 16 * (largest * columns + PairWinograd.gap)).halves
      places = UnsafeMutableRawPointer(v + 16 * (largest * input + 2 * PairWinograd.gap))
        .assumingMemoryBound(to: UnsafePointer<UInt16>.self)
      edge = UnsafeMutableRawPointer(places + 16).assumingMemoryBound(to: UInt16.self)
    }

    private var plane: Int { count * compiler.input + 2 * PairWinograd.gap }
    private var sumPlane: Int { count * compiler.columns + PairWinograd.gap }

    func windows(_ tiles: PictureTiles, offset: Int) {
      memset(edge, 0, 2 * compiler.input)
      context.kernels.pairs.winogradWindows(
        context.input(0, UInt16.self) + offset, edge, tiles, compiler.input, first, count, v,
        plane, places)
    }

    func products(_ panels: UnsafeMutablePointer<UInt32>, accumulate: Bool) {
      let pairs = compiler.input / 2
      for product in 0..<16 {
        let operand = PairOperand(
          values: UnsafePointer(v + product * plane).pairs, rows: count, line: count,
          row_step: pairs, line_step: 0, segments: 1, segment_step: 0, pairs: pairs, pair_step: 1)
        context.kernels.pairs.multiply(
          operand, compiler.columns / PairKernels.panel, panels + product * compiler.filterPlane,
          m + product * sumPlane, compiler.columns, accumulate)
      }
    }

    func results(_ tiles: PictureTiles, offset: Int, accumulate: Bool) {
      context.kernels.pairs.winogradThrees(
        m, sumPlane, compiler.columns, context.output(0, UInt16.self) + offset, edge, tiles,
        compiler.output, first, count, accumulate, places)
    }
  }
}
