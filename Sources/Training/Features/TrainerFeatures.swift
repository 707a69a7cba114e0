import Datasets
import Execution
import Graph
import Nets
import Pose
import RunFiles
import Support
import TrainingAPI
import Wording

// A frozen backbone over pictures that are the same in every epoch gives the same features in every
// epoch: they are computed once, and steps and validations run only what comes behind them.
extension Trainer {
  /// At most this share of the memory that is free goes into features.
  static let featureShare = 0.25
  /// How far it is with them is said this often, s.
  static let featurePause = 10.0

  /// Computes the features of all samples where the recipe allows it; does nothing where it does not,
  /// or when somebody asks to stop meanwhile.
  func prepareFeatures() {
    features = nil
    evaluator.features = nil
    guard setup.augmentation == .none, let prefix = setup.model.program.frozenPrefix else { return }
    let samples = setup.split.training + setup.split.validation
    let plan = setup.model.program.evaluation
    let featureCount = plan.graph[prefix.evaluation.features].shape.countPerImage
    let keypoints = setup.dataset.schema.count
    let bytes = FeatureCache.bytes(
      samples: samples.count, featureCount: featureCount, keypoints: keypoints)
    let limit = Int(Double(HostMemory.available() ?? .max / 2) * Self.featureShare)
    guard bytes <= limit else {
      return inform(
        Sentence(
          EngineSentence.featuresTooLarge, samples.count, NumberText.bytes(bytes),
          NumberText.bytes(limit)))
    }
    inform(
      Sentence(
        EngineSentence.featuresBegin, prefix.evaluation.nodes, samples.count,
        NumberText.bytes(bytes)))
    let start = Clock.monotonic()
    let cache = FeatureCache(
      prefix, samples: samples.count, of: setup.dataset.samples.count,
      featureCount: featureCount, keypoints: keypoints, batch: setup.batch)
    loader.begin(epoch: 0, order: samples)
    var (done, lastSaid) = (0, start)
    while let batch = loader.next() {
      let isLast = mailbox.asksToStop
      if !isLast {
        setup.session.write(batch.pictures, to: plan.images, of: .evaluation)
        setup.session.run(.evaluation, batch: batch.count, nodes: 0..<prefix.evaluation.nodes)
        cache.take(batch) {
          setup.session.read(prefix.evaluation.features, of: .evaluation, into: $0)
        }
        done += batch.count
        let now = Clock.monotonic()
        if now - lastSaid >= Self.featurePause, done < samples.count {
          lastSaid = now
          let left = (now - start) / Double(done) * Double(samples.count - done)
          inform(
            Sentence(
              EngineSentence.featuresProgress, done, samples.count, NumberText.duration(left)))
        }
      }
      loader.release(batch)
      if isLast { return loader.clear() }
    }
    features = cache
    evaluator.features = cache
    inform(
      Sentence(
        EngineSentence.featuresDone, samples.count,
        NumberText.fixed(Clock.monotonic() - start, 1)))
  }
}

extension LoadedBatch {
  /// The keypoints as one buffer, `[count, K, 3]`.
  func points(_ keypointCount: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: keypoints, count: count * keypointCount * 3)
  }
}
