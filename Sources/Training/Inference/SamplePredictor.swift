import Datasets
import Execution
import Graph
import Nets
import Pose
import Support
import Wording

/// Runs a loaded model over samples of a data set.
struct SamplePredictor {
  /// How the model's output becomes keypoints.
  struct Options {
    /// Whether each picture is looked at in the mirror too.
    var flipTest = false
    /// How heatmaps are refined.
    var refinement = HeatmapDecoder.Refinement.dark
    /// Threads that read pictures.
    var loaders = 2
  }

  /// One sample's answer.
  struct Prediction {
    /// Its index in the data set.
    let sample: Int
    /// In pixels of the picture.
    let keypoints: [PredictedKeypoint]
    /// From the crop's pixels to the picture's.
    let toImage: AffineMap
  }

  let loaded: LoadedModel
  var options = Options()

  /// Predicts the samples in their order; those whose picture cannot be read are left out.
  ///
  /// - Parameter onBatch: is told how many are done.
  func run(
    _ dataset: Dataset, samples: [Int], onBatch: (Int) -> Void,
    onNotice: @escaping @Sendable (Sentence) -> Void
  ) -> [Prediction] {
    var predictions: [Prediction] = []
    predictions.reserveCapacity(samples.count)
    forEach(dataset, samples: samples, onNotice: onNotice) { batch, done in
      predictions += batch.compactMap(\.prediction)
      onBatch(done)
    }
    return predictions
  }

  /// Predicts the samples in their order, a batch at a time.
  ///
  /// - Parameter onBatch: takes the samples of a batch, without a prediction where the picture cannot
  ///   be read, and how many are done.
  func forEach(
    _ dataset: Dataset, samples: [Int], onNotice: @escaping @Sendable (Sentence) -> Void,
    onBatch: ([(sample: Int, prediction: Prediction?)], Int) -> Void
  ) {
    let loader = BatchLoader(
      dataset: dataset, input: loaded.input, augmentation: .none, seed: 0, batch: loaded.batch,
      loaders: options.loaders, cache: SampleCache(capacity: 0), onNotice: onNotice)
    defer { loader.stop() }
    loader.begin(epoch: 0, order: samples)
    let decoder = OutputDecoder(
      loaded.model, input: loaded.input, schema: loaded.schema, refinement: options.refinement)
    let plan = loaded.model.program.evaluation
    let perImage = plan.graph[plan.prediction].shape.countPerImage
    var output = [Float](repeating: 0, count: loaded.batch * perImage)
    var mirrored = options.flipTest ? output : []
    var images: [Float] = []
    var done = 0
    while let batch = loader.next() {
      let pixels = batch.images
      forward(pixels, batch: batch.count, into: &output)
      if options.flipTest {
        mirror(pixels, into: &images)
        images.withUnsafeBufferPointer { forward($0, batch: batch.count, into: &mirrored) }
      }
      let results = decode(batch, decoder, perImage: perImage, &output, mirrored)
      loader.release(batch)
      done += batch.count
      onBatch(results, done)
    }
  }

  /// The keypoints of a batch from its output.
  private func decode(
    _ batch: LoadedBatch, _ decoder: OutputDecoder, perImage: Int, _ output: inout [Float],
    _ mirrored: [Float]
  ) -> [(sample: Int, prediction: Prediction?)] {
    var results: [(sample: Int, prediction: Prediction?)] = []
    output.withUnsafeMutableBufferPointer { output in
      mirrored.withUnsafeBufferPointer { mirrored in
        guard let output = output.baseAddress else { return }
        for row in 0..<batch.count {
          guard batch.isValid[row] else {
            results.append((batch.samples[row], nil))
            continue
          }
          let values = output + row * perImage
          if let other = mirrored.baseAddress, options.flipTest {
            decoder.average(values, mirrored: other + row * perImage)
          }
          let map = batch.toImage[row]
          let keypoints = decoder.decode(values).map { point in
            let place = map.apply(point.x, point.y)
            return PredictedKeypoint(x: place.x, y: place.y, score: point.score)
          }
          results.append(
            (
              batch.samples[row],
              Prediction(sample: batch.samples[row], keypoints: keypoints, toImage: map)
            ))
        }
      }
    }
    return results
  }

  private func forward(
    _ pixels: UnsafeBufferPointer<Float>, batch: Int, into output: inout [Float]
  ) {
    let plan = loaded.model.program.evaluation
    loaded.session.write(pixels, to: plan.images, of: .evaluation)
    loaded.session.run(.evaluation, batch: batch)
    let count = batch * plan.graph[plan.prediction].shape.countPerImage
    output.withUnsafeMutableBufferPointer {
      loaded.session.read(plan.prediction, of: .evaluation, into: .init(rebasing: $0[..<count]))
    }
  }

  /// Reverses each row of `[N, H, W, 3]`.
  private func mirror(_ pixels: UnsafeBufferPointer<Float>, into target: inout [Float]) {
    let width = loaded.input.width
    if target.count != pixels.count { target = [Float](repeating: 0, count: pixels.count) }
    for row in 0..<(pixels.count / (3 * width)) {
      for column in 0..<width {
        let (to, from) = ((row * width + column) * 3, (row * width + width - 1 - column) * 3)
        for channel in 0..<3 { target[to + channel] = pixels[from + channel] }
      }
    }
  }
}
