import Datasets
import Execution
import Graph
import Nets
import Pose
import Support
import TrainingAPI

/// What one pass forward and backward is fed with.
struct StepBatch {
  /// Indices in the data set.
  let samples: [Int]
  /// The pictures; nil where features stand for them.
  let pictures: LoadedBatch?
  /// Seconds that the engine waited for it.
  let waitSeconds: Double

  var count: Int { samples.count }
}

extension Trainer {
  /// How an optimiser step ended.
  enum StepEnd {
    case done
    /// There was no batch left.
    case endOfEpoch
    /// A request to stop came in the middle of it; nothing has changed.
    case interrupted
    case broken(Breakdown)
  }

  /// One optimiser step: the gradients of one batch, or the mean over those of several, clipped where
  /// that is asked for, and the update. The loss is looked at before it may touch the weights.
  func optimizerStep() -> StepEnd {
    let session = setup.session
    let accumulate = setup.recipe.accumulate ?? 1
    var (batches, images) = (0, 0)
    var (lossSum, wait) = (0.0, 0.0)
    // A device is asked once before each pass, so that nothing has changed unless there are several.
    let mayStopInside = accumulate > 1 || !session.isRemote
    if mayStopInside {
      statisticsBefore.withUnsafeMutableBufferPointer { session.read(.statistics, into: $0) }
    }
    let orderBefore = featureOrder
    while batches < accumulate, let batch = nextBatch() {
      defer { if let pictures = batch.pictures { loader.release(pictures) } }
      guard let loss = forwardAndBackward(batch) else { break }
      guard loss.isFinite else { return .broken(lossBreakdown(batch)) }
      if accumulate > 1 {
        session.accumulateGradients(
          weight: Double(batch.count) / Double(setup.batch), isFirst: batches == 0)
      }
      batches += 1
      images += batch.count
      lossSum += loss * Double(batch.count)
      wait += batch.waitSeconds
    }
    if mailbox.asksToStop, batches < accumulate {
      if mayStopInside {
        statisticsBefore.withUnsafeBufferPointer { session.write($0, to: .statistics) }
      }
      featureOrder = orderBefore
      return .interrupted
    }
    if batches == 0 { return .endOfEpoch }
    // Each batch counts by its images, so that the mean is that of one large batch.
    var scale = accumulate > 1 ? Double(setup.batch) / Double(images) : 1
    var norm: Double?
    if let limit = setup.recipe.clip {
      // PyTorch's `clip_grad_norm_`.
      let length = session.gradientNorm() * scale
      guard length.isFinite else { return .broken(.gradient) }
      scale *= min(1, limit / (length + 1e-6))
      norm = length
    }
    progress.step += 1
    let rate = rates.rate(atStep: progress.step)
    session.update(
      OptimizerUpdate(
        rule: setup.rule, learningRate: rate, weightDecay: setup.recipe.weightDecay ?? 0,
        momentum: setup.recipe.momentum ?? 0, nesterov: setup.recipe.nesterov ?? false,
        gradientScale: scale, step: progress.step - progress.optimizerStart))
    averages?.follow(step: progress.step)
    progress.lossSum += lossSum
    progress.samples += images
    progress.batches += batches
    reporter.report(
      step: progress.step, epoch: progress.epoch, loss: lossSum / Double(images),
      learningRate: rate, images: images, wait: wait, gradientNorm: norm)
    return .done
  }

  /// The next batch of the epoch: from the features where they are there, else from the loaders.
  private func nextBatch() -> StepBatch? {
    guard features == nil else {
      if featureOrder.isEmpty { return nil }
      let samples = Array(featureOrder.prefix(setup.batch))
      featureOrder = featureOrder.dropFirst(samples.count)
      return StepBatch(samples: samples, pictures: nil, waitSeconds: 0)
    }
    let mailbox = mailbox
    return loader.next(unless: { mailbox.asksToStop }).map {
      StepBatch(samples: $0.samples, pictures: $0, waitSeconds: $0.waitSeconds)
    }
  }

  /// Hands the labels to the losses, each with its weight.
  private func write(_ points: UnsafeBufferPointer<Float>) {
    let place = setup.model.program.training.keypoints
    guard let weighted = weighted(points) else {
      return setup.session.write(points, to: place, of: .training)
    }
    weighted.withUnsafeBufferPointer { setup.session.write($0, to: place, of: .training) }
  }

  /// The mean loss of a batch, whose gradients lie in the session; nil when a request to stop came in
  /// the middle.
  private func forwardAndBackward(_ batch: StepBatch) -> Double? {
    let (session, plan, mailbox) = (setup.session, setup.model.program.training, mailbox)
    var isDone = true
    if let pictures = batch.pictures {
      session.take(pictures, as: plan.images)
      write(pictures.points(setup.dataset.schema.count))
      isDone = session.run(.training, batch: batch.count) { mailbox.asksToStop }
    } else if let features {
      let prefix = features.prefix.training
      let values = features.batch(batch.samples)
      session.write(values.features, to: prefix.features, of: .training)
      write(values.keypoints)
      isDone = session.run(
        .training, batch: batch.count, nodes: prefix.nodes..<session.nodeCount(.training)
      ) { mailbox.asksToStop }
    }
    if !isDone { return nil }
    if features == nil { session.stageNext(of: loader) }
    losses.withUnsafeMutableBufferPointer {
      session.read(plan.losses, of: .training, into: .init(rebasing: $0[..<batch.count]))
    }
    return losses[..<batch.count].reduce(0) { $0 + Double($1) }
  }
}
