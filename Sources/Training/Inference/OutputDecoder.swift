import Datasets
import Glibc
import Graph
import Nets
import Pose

/// Turns a model's output into keypoints in pixels of the crop, and averages it with that of the
/// mirror image (the flip test).
struct OutputDecoder {
  private let output: ModelOutput
  /// Values of one keypoint of a head of coordinates: 2, or 4 with deviations.
  private let values: Int
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
    values = model.loss.valuesPerKeypoint
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
          x: Double(row[values * point]) * Double(input.width),
          y: Double(row[values * point + 1]) * Double(input.height), score: score(row, point))
      }
    }
  }

  /// How sure a predicted coordinate is: one less its mean deviation where that is predicted (mmpose's
  /// score of RLE), else 1.
  private func score(_ row: UnsafePointer<Float>, _ point: Int) -> Double {
    guard values == 4 else { return 1 }
    let deviations = (2...3).map { 1 / (1 + exp(-Double(row[values * point + $0]))) }
    return 1 - (deviations[0] + deviations[1]) / 2
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
        let (at, from) = (values * point, values * other)
        row[at] = (row[at] + 1 - pixel - mirrored[from]) / 2
        for value in 1..<values { row[at + value] = (row[at + value] + mirrored[from + value]) / 2 }
      }
    }
  }
}

extension HeatmapDecoder.Refinement {
  /// What `--decode` calls it: `none`, `quarter` or `dark`.
  static func named(_ name: String) -> HeatmapDecoder.Refinement {
    name == "none" ? .none : name == "quarter" ? .quarterOffset : .dark
  }
}
