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
