import CVector
import Graph

/// The tiles of F(5×5, 2×2), or for 16-bit maps F(3×3, 2×2), over a batch of pictures, and where the
/// parities of the larger picture are.
///
/// A transposed 4×4 convolution with stride 2 from `small [N, H, W, Cin]` to
/// `large [N, 2H, 2W, Cout]` is four 2×2 convolutions by Winograd, one a parity; see the kernels.
struct TransposedTiles {
  let small: Shape
  let large: Shape
  /// Pixels of a tile's side.
  let size: Int
  let tilesX: Int
  let perImage: Int

  /// - Parameter isSpread: whether tiles are of the larger picture's parities, half of which begin one
  ///   pixel outside.
  init(small: Shape, large: Shape, size: Int, isSpread: Bool) {
    self.small = small
    self.large = large
    self.size = size
    let more = isSpread ? size : size - 1
    tilesX = (small.w + more) / size
    perImage = tilesX * ((small.h + more) / size)
  }

  /// Whether enough multiplications are saved: a quarter, or a third where a product of pairs, which
  /// costs half as much, saves half as much.
  var pays: Bool {
    let (products, direct) = ((size + 1) * (size + 1) * perImage, 4 * small.h * small.w)
    return size == 5 ? 4 * products <= 3 * direct : 3 * products <= 2 * direct
  }

  /// Taps of a parity's 2×2 filter, row by row.
  static func taps(_ parity: Int, isForward: Bool) -> (Int, Int, Int, Int) {
    func rows(_ odd: Int) -> (Int, Int) {
      let (first, second) = odd == 0 ? (3, 1) : (2, 0)
      return isForward ? (first, second) : (second, first)
    }
    let ((y0, y1), (x0, x1)) = (rows(parity >> 1), rows(parity & 1))
    return (4 * y0 + x0, 4 * y0 + x1, 4 * y1 + x0, 4 * y1 + x1)
  }

  /// Values from the larger picture's first pixel to that of a parity.
  func offset(_ parity: Int) -> Int {
    ((parity >> 1) * large.w + (parity & 1)) * large.c
  }

  /// The tiles over the smaller picture; the first begins `origin` pixels outside.
  func smallTiles(origin: Int) -> PictureTiles {
    PictureTiles(
      height: small.h, width: small.w, image_step: small.countPerImage,
      row_step: small.w * small.c, pixel_step: small.c, step: size, origin_y: origin,
      origin_x: origin, tiles_x: tilesX, per_image: perImage)
  }

  /// The tiles over a parity of the larger picture, from `offset` on.
  func largeTiles(_ parity: Int) -> PictureTiles {
    PictureTiles(
      height: small.h, width: small.w, image_step: large.countPerImage,
      row_step: 2 * large.w * large.c, pixel_step: 2 * large.c, step: size, origin_y: parity >> 1,
      origin_x: parity & 1, tiles_x: tilesX, per_image: perImage)
  }
}

extension Convolution {
  /// Whether the transposed convolution, or one of its gradients, is better done by Winograd: 4×4,
  /// stride 2, padding 1, channels in sixteens, and pictures that do not waste the tiles.
  ///
  /// - Parameters:
  ///   - small, large: the input and the output of the transposed convolution.
  ///   - size: pixels of a tile's side.
  ///   - isDataGradient: whether it is the gradient of the input.
  func suitsTransposedWinograd(
    small: Shape, large: Shape, size: Int, isDataGradient: Bool
  ) -> Bool {
    kernel == 4 && stride == 2 && padding == 1 && small.c % 16 == 0
      && large.c % 16 == 0
      && TransposedTiles(small: small, large: large, size: size, isSpread: !isDataGradient).pays
  }
}
