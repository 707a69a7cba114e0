import Cropping
import Imaging
import Pose

extension InputSpec {
  /// What makes a picture of a region, without any variation but that of the map.
  func recipe(_ toRegion: AffineMap, of region: ImageBuffer) -> CropRecipe {
    CropRecipe(
      toRegion: (toRegion.a, toRegion.b, toRegion.c, toRegion.d, toRegion.e, toRegion.f),
      regionWidth: region.pixels.isEmpty ? 0 : region.width,
      regionHeight: region.pixels.isEmpty ? 0 : region.height, mean: mean, deviation: deviation)
  }
}

extension Variation {
  /// Adds what is done besides the geometry.
  func add(to recipe: inout CropRecipe) {
    recipe.changeColors(gain: gain, offset: offset)
    if blurSigma > 0 { recipe.blur(deviation: blurSigma) }
    if let erased { recipe.erase(columns: erased.columns, rows: erased.rows) }
  }
}
