import Datasets
import Glibc
import Graph
import Nets
import Pose
import TrainingAPI

/// Labels drawn as the targets that a perfect model would predict, and decoded again: what is lost is
/// lost by the targets and the decoder, not by the training.
enum RoundTrip {
  /// The largest error of a labelled point within the crop of a validation sample, as a share of the
  /// larger side of its box, and the sample's name.
  static func worstError(_ setup: TrainingSetup) -> (error: Double, sample: String) {
    let geometry = setup.model.geometry
    let keypoints = setup.dataset.schema.count
    guard case .heatmaps = setup.model.variant.output else {
      // Coordinates and bins are the labels themselves up to rounding.
      return (0, "")
    }
    let (w, h) = (geometry.prediction.w, geometry.prediction.h)
    let decoder = HeatmapDecoder(
      inputWidth: setup.input.width, inputHeight: setup.input.height, width: w, height: h,
      keypoints: keypoints, convention: setup.input.convention,
      sigma: Double(geometry.heatmapSigma))
    let loader = BatchLoader(
      dataset: setup.dataset, input: setup.input, augmentation: .none,
      seed: setup.recipe.seed ?? 0, batch: setup.batch, loaders: 1, onNotice: { _ in })
    defer { loader.stop() }
    loader.begin(epoch: 0, order: setup.split.validation)
    var worst = (error: 0.0, sample: "")
    var maps = [Float](repeating: 0, count: w * h * keypoints)
    while let batch = loader.next() {
      defer { loader.release(batch) }
      for row in 0..<batch.count where batch.isValid[row] {
        let points = UnsafeBufferPointer(
          start: batch.keypoints + row * keypoints * 3, count: keypoints * 3)
        draw(points, geometry, into: &maps)
        let found = maps.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { decoder.decode($0) } ?? []
        }
        let sample = setup.dataset.samples[batch.samples[row]]
        let corners = [(0.0, 0.0), (Double(setup.input.width), Double(setup.input.height))]
          .map { batch.toImage[row].apply($0.0, $0.1) }
        let size =
          sample.box.map { max($0.width, $0.height) }
          ?? max(corners[1].x - corners[0].x, corners[1].y - corners[0].y)
        for point in 0..<keypoints where points[3 * point + 2] > 0 {
          let got = batch.toImage[row].apply(found[point].x, found[point].y)
          let wanted = batch.toImage[row].apply(
            Double(points[3 * point]), Double(points[3 * point + 1]))
          let error = hypot(got.x - wanted.x, got.y - wanted.y) / max(size, 1)
          if error > worst.error { worst = (error, sample.name) }
        }
      }
    }
    return worst
  }

  /// Gaussians at the labelled points, `[h, w, K]`.
  private static func draw(
    _ points: UnsafeBufferPointer<Float>, _ geometry: LossInput, into maps: inout [Float]
  ) {
    let keypoints = points.count / 3
    let (w, h) = (geometry.prediction.w, geometry.prediction.h)
    let sigma = Double(geometry.heatmapSigma)
    for point in 0..<keypoints {
      let isLabelled = points[3 * point + 2] > 0
      let mx = Double(points[3 * point]) * geometry.scale.x
      let my = Double(points[3 * point + 1]) * geometry.scale.y
      for y in 0..<h {
        for x in 0..<w {
          let (dx, dy) = (Double(x) - mx, Double(y) - my)
          let value = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
          maps[(y * w + x) * keypoints + point] = isLabelled ? Float(value) : 0
        }
      }
    }
  }
}
