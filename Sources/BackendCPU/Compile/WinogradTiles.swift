import Graph

/// Tiles of F(step×step, 3×3) over a batch of pictures `[n, h, w]`.
struct WinogradTiles {
  let h: Int
  let w: Int
  /// Pixels between tiles.
  let step: Int
  let tilesX: Int
  let perImage: Int

  init(_ shape: Shape, step: Int = 4) {
    self.step = step
    h = shape.h
    w = shape.w
    tilesX = (shape.w + step - 1) / step
    perImage = tilesX * ((shape.h + step - 1) / step)
  }

  /// Tiles of which a piece has a multiple: eights, which fill the products' blocks, and whole rows of
  /// tiles where that is not too many.
  var multiple: Int {
    let both = 8 * tilesX / min(8, tilesX & -tilesX)  // the lowest bit is the common divisor
    return both <= 64 ? both : 8
  }

  /// Whether such pieces are whole rows of tiles.
  var areWholeRows: Bool { multiple % tilesX == 0 }

  /// The picture's rows that whole rows of tiles write, counted through the batch.
  func rows(of tiles: Range<Int>) -> Range<Int> {
    func start(_ tile: Int) -> Int {
      let (image, row) = (tile / perImage, tile % perImage / tilesX)
      return (image * h + min(row * step, h)) * w
    }
    return start(tiles.lowerBound)..<start(tiles.upperBound)
  }
}

/// A 3×3 convolution by Winograd's method: forward, or the data gradient (the same with turned filters).
struct WinogradLayer {
  let tiles: WinogradTiles
  let batch: Int
  let input: Int
  let output: Int
  let isDataGradient: Bool
  let relu: Bool
  let hasBias: Bool

  /// Channels of what is read and written: swapped for the data gradient.
  init(
    _ attributes: Convolution, source: Shape, channels: Int, isDataGradient: Bool, step: Int = 4
  ) {
    tiles = WinogradTiles(source, step: step)
    batch = source.n
    input = source.c
    output = channels
    self.isDataGradient = isDataGradient
    relu = attributes.relu && !isDataGradient
    hasBias = attributes.hasBias && !isDataGradient
  }
}

/// A way to compute such a layer.
protocol WinogradNode: NodeCompiler {
  var layer: WinogradLayer { get }
}

extension WinogradNode {
  var tiles: WinogradTiles { layer.tiles }
  var batch: Int { layer.batch }
  var input: Int { layer.input }
  var output: Int { layer.output }
  var isDataGradient: Bool { layer.isDataGradient }
  var relu: Bool { layer.relu }
  var hasBias: Bool { layer.hasBias }

  /// The filters as products read them, and what makes them: the weight as it is, or for a data gradient
  /// turned by 180° with its channels exchanged, in `turned`, 9 · input · output floats.
  func orientedFilters(
    _ context: CompileContext, turned: UnsafeMutablePointer<Float>
  ) -> (source: UnsafeMutablePointer<Float>, phases: [Phase]) {
    let weight = context.input(1)
    guard isDataGradient else { return (weight, []) }
    // The weight is [9][output of this][input of this].
    let (turn, input, output) = (context.kernels.turnFilters, input, output)
    let blocks = Pieces(total: output, largest: 16)
    let phase = Phase(pieces: { _ in blocks.count }) { _, piece, _ in
      turn(weight, output, input, blocks.first(piece), blocks.count(of: piece), turned)
    }
    return (turned, [phase])
  }
}
