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

  private let setup: TrainingSetup
  private let loader: BatchLoader
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
      firstNote: TrainingSetup.NoteSlots.validation, onNotice: onNotice)
    decoder = OutputDecoder(setup.model, input: setup.input, schema: setup.dataset.schema)
    let plan = setup.model.program.evaluation
    output = [Float](repeating: 0, count: plan.graph[plan.prediction].shape.count)
    losses = [Float](repeating: 0, count: setup.batch)
  }

  /// Lets the loaders read ahead, so that the validation starts at once.
  func prepare() { loader.begin(epoch: 0, order: setup.split.validation) }

  /// Forgets what `prepare` began.
  func reset() { loader.clear() }

  /// Validates; `prepare` was called before.
  ///
  /// - Parameter isInterrupted: asked before each batch.
  /// - Returns: nil when it was interrupted; then `prepare` again.
  func run(isInterrupted: () -> Bool = { false }) -> Outcome? {
    let start = Clock.monotonic()
    let plan = setup.model.program.evaluation
    let (session, input) = (setup.session, setup.input)
    var persons: [EvaluatedPerson] = []
    var predictions: [[PredictedKeypoint]] = []
    var personOfSample: [Int?] = []
    var toImage: [AffineMap] = []
    var lossSum = 0.0
    var count = 0
    while let batch = loader.next() {
      defer { loader.release(batch) }
      if isInterrupted() { return nil }
      let imageFloats = batch.count * input.width * input.height * 3
      let pointFloats = batch.count * setup.dataset.schema.count * 3
      session.write(
        UnsafeBufferPointer(start: batch.images, count: imageFloats), to: plan.images,
        of: .evaluation)
      session.write(
        UnsafeBufferPointer(start: batch.keypoints, count: pointFloats), to: plan.keypoints,
        of: .evaluation)
      session.run(.evaluation, batch: batch.count)
      losses.withUnsafeMutableBufferPointer {
        session.read(plan.losses, of: .evaluation, into: .init(rebasing: $0[..<batch.count]))
      }
      lossSum += losses[..<batch.count].reduce(0) { $0 + Double($1) } * Double(batch.count)
      count += batch.count
      let perImage = plan.graph[plan.prediction].shape.countPerImage
      output.withUnsafeMutableBufferPointer {
        session.read(
          plan.prediction, of: .evaluation, into: .init(rebasing: $0[..<(batch.count * perImage)]))
      }
      for row in 0..<batch.count {
        let crop = output.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { decoder.decode($0 + row * perImage) } ?? []
        }
        predictions.append(crop)
        // A picture that cannot be read says nothing of the model.
        guard batch.isValid[row] else {
          personOfSample.append(nil)
          continue
        }
        personOfSample.append(persons.count)
        let sample = setup.dataset.samples[batch.samples[row]]
        let map = batch.toImage[row]
        toImage.append(map)
        let inImage = crop.map { point in
          let place = map.apply(point.x, point.y)
          return PredictedKeypoint(x: place.x, y: place.y, score: point.score)
        }
        persons.append(
          EvaluatedPerson(
            image: sample.image, truth: sample.keypoints, predicted: inImage, box: sample.box,
            area: sample.area, headSize: sample.headSize))
      }
    }
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
      loss: lossSum / Double(max(count, 1)), evaluation: evaluation, predictions: predictions,
      sampleOKS: personOfSample.map { $0.map { evaluation.oks[$0] } ?? .nan },
      meanPose: meanPoseMetrics(persons, toImage), notices: notices,
      seconds: Clock.monotonic() - start)
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
