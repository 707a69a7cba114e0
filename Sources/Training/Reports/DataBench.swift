import Datasets
import Execution
import Graph
import Nets
import Pose
import Support
import TrainingAPI

/// Measures how fast the pictures of a recipe's data set come, alone and beside steps; each is read and
/// decoded anew.
struct DataBench {
  private let settled: SettledModel
  private let leavesCrops: Bool
  private let dataset: Dataset
  private let samples: [Int]
  private let augmentation: Augmentation
  private let batch: Int

  /// - Parameter leavesCrops: whether the loaders leave it to a device to crop.
  init(_ settled: SettledModel, leavesCrops: Bool) throws(TrainingError) {
    self.settled = settled
    self.leavesCrops = leavesCrops
    let recipe = settled.recipe
    let (dataset, split) = try TrainingSetup.data(recipe)
    self.dataset = dataset
    samples = split.training
    guard !samples.isEmpty else { throw .datasetNotGiven }
    batch = recipe.batch ?? 1
    augmentation = try wrapping({ .dataset(.augmentation($0)) }) {
      () throws(AugmentationError) in try Augmentation(setting: recipe.augment ?? "none")
    }
  }

  /// A loader that works on some batches.
  private func loader(threads: Int, batches: Int) -> BatchLoader {
    let loader = BatchLoader(
      dataset: dataset, input: settled.input, augmentation: augmentation,
      seed: settled.recipe.seed ?? 0, batch: batch, slots: TrainingSetup.slots, loaders: threads,
      cache: SampleCache(capacity: 0), leavesCrops: leavesCrops
    ) { _ in }
    loader.begin(epoch: 1, order: (0..<batch * batches).map { samples[$0 % samples.count] })
    return loader
  }

  /// Batches that fill the slots, and are not timed.
  private static let ahead = TrainingSetup.slots + 1

  /// The mean time of a batch, s, by as many loaders as the recipe has threads: they work on several
  /// batches at a time, so that these come in bursts, and only the mean of many says how fast they come.
  func loaderSeconds(batches: Int) -> [Double] {
    let timed = max(batches, 4 * Self.ahead)
    let loader = loader(threads: settled.recipe.threads ?? 1, batches: Self.ahead + timed)
    defer { loader.stop() }
    var arrivals: [Double] = []
    while let loaded = loader.next() {
      loader.release(loaded)
      arrivals.append(Clock.monotonic())
    }
    return [(arrivals[arrivals.count - 1] - arrivals[Self.ahead - 1]) / Double(timed)]
  }

  /// The times of training steps from the end of one to the end of the next, and what of it they waited
  /// for pictures, s.
  func steps(_ count: Int) throws(TrainingError) -> [(step: Double, wait: Double)] {
    let session = try settled.makeSession().0
    let (recipe, plan) = (settled.recipe, settled.model.program.training)
    let loader = loader(threads: recipe.loaders ?? 1, batches: Self.ahead + max(1, count))
    let pinned = PinnedPictures(loader, settled.backend)
    defer {
      loader.stop()
      withExtendedLifetime(pinned) {}
    }
    var losses = [Float](repeating: 0, count: batch)
    var results: [(step: Double, wait: Double)] = []
    var last = Clock.monotonic()
    while let loaded = loader.next() {
      session.take(loaded, as: plan.images)
      session.write(loaded.points(dataset.schema.count), to: plan.keypoints, of: .training)
      session.run(.training, batch: loaded.count)
      session.stageNext(of: loader)
      losses.withUnsafeMutableBufferPointer { session.read(plan.losses, of: .training, into: $0) }
      session.update(
        OptimizerUpdate(
          rule: settled.rule, learningRate: 1e-4, weightDecay: recipe.weightDecay ?? 0,
          momentum: recipe.momentum ?? 0, nesterov: recipe.nesterov ?? false,
          step: results.count + 1))
      loader.release(loaded)
      let now = Clock.monotonic()
      results.append((now - last, loaded.waitSeconds))
      last = now
    }
    return Array(results.dropFirst(Self.ahead))
  }
}
