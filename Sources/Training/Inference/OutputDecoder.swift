import Datasets
import Graph
import Nets
import Pose

/// Turns a model's output into keypoints in pixels of the crop, and averages it with that of the
/// mirror image (the flip test).
struct OutputDecoder {
  private let output: ModelOutput
  private let input: InputSpec
  private let schema: KeypointSchema
  /// Width of the output's maps, px; 1 for other heads.
  private let width: Int
  private let height: Int
  private let heatmaps: HeatmapDecoder

  init(
    _ model: ModelProgram, input: InputSpec, schema: KeypointSchema,
    refinement: HeatmapDecoder.Refinement = .dark
  ) {
    output = model.variant.output
    self.input = input
    self.schema = schema
    let maps = model.geometry.prediction
    (width, height) = (maps.w, maps.h)
    heatmaps = HeatmapDecoder(
      inputWidth: input.width, inputHeight: input.height, width: maps.w, height: maps.h,
      keypoints: schema.count, convention: input.convention,
      sigma: Double(model.geometry.heatmapSigma), refinement: refinement)
  }

  /// The keypoints of one image's output.
  func decode(_ row: UnsafePointer<Float>) -> [PredictedKeypoint] {
    switch output {
    case .heatmaps: return heatmaps.decode(row)
    case .simcc(let binsPerPixel):
      return SimCCDecoder(
        binsX: binsPerPixel * input.width, binsY: binsPerPixel * input.height,
        binsPerPixel: binsPerPixel
      ).decode(row, keypoints: schema.count)
    case .coordinates:
      return (0..<schema.count).map { point in
        PredictedKeypoint(
          x: Double(row[2 * point]) * Double(input.width),
          y: Double(row[2 * point + 1]) * Double(input.height), score: 1)
      }
    }
  }

  /// Puts the mean of an image's output and of that of its mirror image, turned back and with left and
  /// right exchanged, in the first one's place.
  ///
  /// Under the classic convention a mirrored heatmap is shifted right by one column (HRNet's
  /// SHIFT_HEATMAP), since the mirror images of its pixels lie one apart.
  func average(_ row: UnsafeMutablePointer<Float>, mirrored: UnsafePointer<Float>) {
    let keypoints = schema.count
    switch output {
    case .heatmaps:
      let shift = input.convention == .classic ? 1 : 0
      for y in 0..<height {
        for x in 0..<width {
          let from = width - 1 - max(x - shift, 0)
          let (target, source) = (row + (y * width + x) * keypoints, (y * width + from) * keypoints)
          for point in 0..<keypoints {
            target[point] = (target[point] + mirrored[source + schema.flipPairs[point]]) / 2
          }
        }
      }
    case .simcc(let binsPerPixel):
      let (binsX, binsY) = (binsPerPixel * input.width, binsPerPixel * input.height)
      // Pixel x lies at bin x · binsPerPixel, its mirror image at W - 1 - x.
      let last = (input.width - 1) * binsPerPixel
      for point in 0..<keypoints {
        let target = row + point * (binsX + binsY)
        let source = mirrored + schema.flipPairs[point] * (binsX + binsY)
        for bin in 0..<binsX {
          target[bin] = (target[bin] + source[min(max(last - bin, 0), binsX - 1)]) / 2
        }
        for bin in binsX..<(binsX + binsY) { target[bin] = (target[bin] + source[bin]) / 2 }
      }
    case .coordinates:
      let pixel = 1 / Float(input.width)
      for point in 0..<keypoints {
        let other = schema.flipPairs[point]
        row[2 * point] = (row[2 * point] + 1 - pixel - mirrored[2 * other]) / 2
        row[2 * point + 1] = (row[2 * point + 1] + mirrored[2 * other + 1]) / 2
      }
    }
  }
}
