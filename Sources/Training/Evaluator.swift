import Datasets
import Execution
import Graph
import Nets
import Pose
import RunFiles
import Support
import TrainingAPI
import Wording

/// Runs the model over the validation samples and compares with their labels.
final class Evaluator {
  /// What one validation gave.
  struct Outcome {
    let loss: Double
    let evaluation: KeypointEvaluation
    /// Predictions in pixels of the crop, in the order of the validation samples.
    let predictions: [[PredictedKeypoint]]
    /// OKS of each validation sample; NaN where its picture could not be read.
    let sampleOKS: [Double]
    /// The metrics of the mean training pose in place of the predictions.
    let meanPose: [(name: String, value: Double)]
    /// What the user should look at.
    let notices: [Sentence]
    let seconds: Double
  }

  private var setup: TrainingSetup
  /// What frozen layers make of every sample; nil where pictures are read.
  var features: FeatureCache?
  private let loader: BatchLoader
  private let pinned: PinnedPictures
  private let decoder: OutputDecoder
  private var output: [Float]
  private var losses: [Float]
  /// The mean training pose's metrics, known after the first validation.
  private var meanPose: [(name: String, value: Double)]?
  private var inversions = InversionWatch()

  init(
    _ setup: TrainingSetup, quarantine: Set<String>,
    onNotice: @escaping @Sendable (Sentence) -> Void
  ) {
    self.setup = setup
    loader = BatchLoader(
      dataset: setup.dataset, input: setup.input, augmentation: .none,
      seed: setup.recipe.seed ?? 0, batch: setup.batch, slots: TrainingSetup.slots,
      loaders: setup.recipe.loaders ?? 1, quarantine: quarantine,
      firstNote: TrainingSetup.NoteSlots.validation, leavesCrops: setup.leavesCrops,
      onNotice: onNotice)
    pinned = PinnedPictures(loader, setup.backend)
    decoder = OutputDecoder(setup.model, input: setup.input, schema: setup.dataset.schema)
    let plan = setup.model.program.evaluation
    output = [Float](repeating: 0, count: plan.graph[plan.prediction].shape.count)
    losses = [Float](repeating: 0, count: setup.batch)
  }

  /// Goes on with another plan of the same model over the same data.
  func adopt(_ setup: TrainingSetup) {
    self.setup = setup
    features = nil
  }

  /// Lets the loaders read ahead, so that the validation starts at once.
  func prepare() {
    if features == nil { loader.begin(epoch: 0, order: setup.split.validation) }
  }

  /// Forgets what `prepare` began.
  func reset() { loader.clear() }

  /// Validates; `prepare` was called before.
  ///
  /// - Parameter isInterrupted: asked before each batch and within it.
  /// - Returns: nil when it was interrupted; then `prepare` again.
  func run(isInterrupted: () -> Bool = { false }) -> Outcome? {
    let start = Clock.monotonic()
    let plan = setup.model.program.evaluation
    let session = setup.session
    var persons: [EvaluatedPerson] = []
    var predictions: [[PredictedKeypoint]] = []
    var personOfSample: [Int?] = []
    var toImage: [AffineMap] = []
    var lossSum = 0.0
    let perImage = plan.graph[plan.prediction].shape.countPerImage
    var left = setup.split.validation[...]
    while let (batch, pictures) = forward(&left, unless: isInterrupted) {
      // A device may still read them until its results are there.
      defer { if let pictures { loader.release(pictures) } }
      losses.withUnsafeMutableBufferPointer {
        session.read(plan.losses, of: .evaluation, into: .init(rebasing: $0[..<batch.count]))
      }
      lossSum += losses[..<batch.count].reduce(0) { $0 + Double($1) } * Double(batch.count)
      output.withUnsafeMutableBufferPointer {
        session.read(
          plan.prediction, of: .evaluation, into: .init(rebasing: $0[..<(batch.count * perImage)]))
      }
      for (row, crop) in batch.enumerated() {
        let points = output.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { decoder.decode($0 + row * perImage) } ?? []
        }
        predictions.append(points)
        // A picture that cannot be read says nothing of the model.
        guard crop.isValid else {
          personOfSample.append(nil)
          continue
        }
        personOfSample.append(persons.count)
        let sample = setup.dataset.samples[crop.sample]
        toImage.append(crop.toImage)
        let inImage = points.map { point in
          let place = crop.toImage.apply(point.x, point.y)
          return PredictedKeypoint(x: place.x, y: place.y, score: point.score)
        }
        persons.append(
          EvaluatedPerson(
            image: sample.image, truth: sample.keypoints, predicted: inImage, box: sample.box,
            area: sample.area, headSize: sample.headSize))
      }
    }
    if isInterrupted() { return nil }
    let schema = setup.dataset.schema
    let evaluation = KeypointEvaluation(persons, schema: schema)
    let share = ErrorDiagnosis.inversionShare(evaluation.errorKinds, schema: schema)
    let notices =
      inversions.isAlarming(share)
      ? [
        Sentence(
          EngineSentence.inversionsRising, NumberText.fixed(100 * share, 0),
          Path.name(of: setup.dataset.path))
      ] : []
    return Outcome(
      loss: lossSum / Double(max(predictions.count, 1)), evaluation: evaluation,
      predictions: predictions,
      sampleOKS: personOfSample.map { $0.map { evaluation.oks[$0] } ?? .nan },
      meanPose: meanPoseMetrics(persons, toImage), notices: notices,
      seconds: Clock.monotonic() - start)
  }

  /// One sample of a batch.
  private struct Crop {
    let sample: Int
    let isValid: Bool
    let toImage: AffineMap
  }

  /// Runs the model over the next batch; nil at the end, and when it was interrupted. Where there are
  /// pictures they are to be released.
  ///
  /// - Parameters:
  ///   - left: the samples that are still to come, which features are taken for.
  ///   - isInterrupted: ends it in the middle.
  private func forward(
    _ left: inout ArraySlice<Int>, unless isInterrupted: () -> Bool
  ) -> (crops: [Crop], pictures: LoadedBatch?)? {
    let (session, plan) = (setup.session, setup.model.program.evaluation)
    if let features {
      let prefix = features.prefix.evaluation
      if left.isEmpty { return nil }
      let samples = Array(left.prefix(setup.batch))
      left = left.dropFirst(samples.count)
      let values = features.batch(samples)
      session.write(values.features, to: prefix.features, of: .evaluation)
      session.write(values.keypoints, to: plan.keypoints, of: .evaluation)
      let isDone = session.run(
        .evaluation, batch: samples.count,
        nodes: prefix.nodes..<session.nodeCount(.evaluation), unless: isInterrupted)
      guard isDone else { return nil }
      let crops = samples.map { sample in
        let facts = features.facts(of: sample)
        return Crop(sample: sample, isValid: facts.isValid, toImage: facts.toImage)
      }
      return (crops, nil)
    }
    guard let batch = loader.next(unless: isInterrupted) else { return nil }
    session.write(batch.pictures, to: plan.images, of: .evaluation)
    session.write(
      batch.points(setup.dataset.schema.count), to: plan.keypoints, of: .evaluation)
    guard session.run(.evaluation, batch: batch.count, unless: isInterrupted) else {
      session.finish()
      loader.release(batch)
      return nil
    }
    let crops = (0..<batch.count).map { row in
      Crop(
        sample: batch.samples[row], isValid: batch.isValid[row], toImage: batch.toImage[row])
    }
    return (crops, batch)
  }

  /// What a model gives that always answers with the mean training pose in the crop.
  private func meanPoseMetrics(
    _ persons: [EvaluatedPerson], _ toImage: [AffineMap]
  ) -> [(name: String, value: Double)] {
    if let meanPose { return meanPose }
    let pose = MeanPose.inInput(
      setup.dataset, samples: setup.split.training, input: setup.input)
    let guessed = zip(persons, toImage).map { person, map in
      var person = person
      person.predicted = pose.map { point in
        let place = map.apply(point.x, point.y)
        return PredictedKeypoint(x: place.x, y: place.y, score: 1)
      }
      person.score = 1
      return person
    }
    let metrics = KeypointEvaluation(guessed, schema: setup.dataset.schema).named
    meanPose = metrics
    return metrics
  }
}
