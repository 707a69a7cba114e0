public import Execution
public import Support
public import TrainingAPI
public import Wording
import Datasets
import Nets
import Pose

/// Evaluates a trained model on a data set: `posetop evaluate`.
///
/// - Parameters:
///   - onProgress: is told how many samples of all are done, and before that how many MB of a large
///     annotation file.
///   - onNotice: is told what is worth a line; called on a loader's thread too.
/// - Returns: the document that `contract.md` describes.
public func evaluateDocument(
  _ request: EvaluationRequest, makeBackend: BackendMaker,
  onProgress: @escaping (_ done: Int, _ total: Int) -> Void,
  onNotice: @escaping @Sendable (Sentence) -> Void
) throws(TrainingError) -> JSONValue {
  let loaded = try LoadedModel(
    weights: request.weights, asked: request.settings, makeBackend: makeBackend)
  let evaluation = ModelEvaluation(
    request: request, loaded: loaded, onProgress: onProgress, onNotice: onNotice)
  var document =
    request.detections == nil
    ? try evaluation.onTruth() : try evaluation.onDetections()
  document["model"] = .string(loaded.model.definition.name)
  document["head"] = .string(loaded.model.variant.output.head.rawValue)
  document["input"] = .string("\(loaded.input.width)x\(loaded.input.height)")
  document["weights"] = .string(UntrustedText.clean(request.weights))
  document["flip_test"] = .bool(request.flipTest)
  document["decode"] = .string(request.decode)
  document["device"] = .string(loaded.deviceName)
  return .object(document)
}

/// One evaluation of one model.
private struct ModelEvaluation {
  let request: EvaluationRequest
  let loaded: LoadedModel
  let onProgress: (_ done: Int, _ total: Int) -> Void
  let onNotice: @Sendable (Sentence) -> Void

  private var predictor: SamplePredictor {
    var options = SamplePredictor.Options()
    options.flipTest = request.flipTest
    options.refinement = .named(request.decode)
    options.loaders = request.settings.loaders ?? min(4, HostProcessors.usable)
    return SamplePredictor(loaded: loaded, options: options)
  }

  private func predict(_ dataset: Dataset, _ samples: [Int]) -> [SamplePredictor.Prediction] {
    predictor.run(
      dataset, samples: samples, onBatch: { onProgress($0, samples.count) }, onNotice: onNotice)
  }

  /// In the boxes of the annotations.
  func onTruth() throws(TrainingError) -> JSONObject {
    let (dataset, samples) = try data()
    for notice in dataset.notices { onNotice(notice) }
    let mapped = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
      try dataset.mapped(to: loaded.schema)
    }
    if mapped.schema.keypoints != dataset.schema.keypoints {
      onNotice(
        Sentence(
          EngineSentence.evaluatesMapped, UntrustedText.clean(dataset.path),
          UntrustedText.clean(dataset.schema.name), UntrustedText.clean(loaded.schema.name)))
    }
    // A mapping leaves out persons without a common keypoint, but only whole sets are mapped.
    let chosen = mapped.samples.count == dataset.samples.count ? samples : nil
    let predictions = predict(mapped, chosen ?? Array(mapped.samples.indices))
    let persons = predictions.map { prediction in
      let sample = mapped.samples[prediction.sample]
      return EvaluatedPerson(
        image: sample.image, truth: sample.keypoints, predicted: prediction.keypoints,
        box: sample.box, area: sample.area, headSize: sample.headSize)
    }
    var document =
      KeypointEvaluation(persons, schema: loaded.schema).json(schema: loaded.schema).object
      ?? JSONObject()
    if let pose = loaded.meanPose {
      let guesses = zip(persons, predictions).map { person, prediction in
        var person = person
        person.predicted = pose.map { point in
          let place = prediction.toImage.apply(point.x, point.y)
          return PredictedKeypoint(x: place.x, y: place.y, score: 1)
        }
        person.score = 1
        return person
      }
      var baseline = KeypointEvaluation(guesses, schema: loaded.schema)
        .json(schema: loaded.schema).object
      baseline?["per_keypoint"] = nil
      document["mean_pose"] = baseline.map { .object($0) }
    }
    document["persons"] = .integer(Int64(persons.count))
    document["images"] = .integer(Int64(Set(persons.map(\.image)).count))
    try write(
      zip(predictions, persons).compactMap { prediction, person in
        mapped.samples[prediction.sample].imageID.map { ($0, prediction.keypoints, person.score) }
      })
    return document
  }

  /// What is evaluated: a data set as a whole, or the run's validation pictures.
  private func data() throws(TrainingError) -> (Dataset, [Int]) {
    if let path = request.dataset {
      let dataset = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
        try DatasetCatalog.open(path: path, images: request.images, onRead: onProgress)
      }
      if request.run?.dataset == Path.absolute(path) {
        onNotice(Sentence(EngineSentence.evaluatesTraining, UntrustedText.clean(path)))
      }
      return (dataset, Array(dataset.samples.indices))
    }
    guard let recipe = request.run else { throw .datasetNotGiven }
    let (dataset, split) = try TrainingSetup.data(recipe, onRead: onProgress)
    return (dataset, split.validation)
  }

  /// In the boxes of a detector, against everything that is annotated.
  func onDetections() throws(TrainingError) -> JSONObject {
    guard let path = request.dataset ?? request.run?.dataset, let file = request.detections else {
      throw .datasetNotGiven
    }
    let images = request.images ?? request.run?.images
    let boxes = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
      try DetectedBoxes(
        path: path, images: images, detections: file, onRead: onProgress)
    }
    guard let boxes else {
      throw .said(Sentence(EngineSentence.detectionsWithoutBoxes, UntrustedText.clean(file)))
    }
    guard boxes.dataset.schema.keypoints == loaded.schema.keypoints else {
      throw .dataset(
        .schemasDiffer(
          path: path, schema: boxes.dataset.schema.name, wanted: loaded.schema.name))
    }
    if boxes.foreign > 0 {
      onNotice(
        Sentence(
          EngineSentence.detectionsForeign, boxes.foreign, boxes.foreign + boxes.scores.count))
    }
    let predictions = predict(boxes.dataset, Array(boxes.dataset.samples.indices))
    // The score of a person is the box's times the mean of its points'; the area is the crop's.
    let found = predictions.map { prediction in
      let sample = boxes.dataset.samples[prediction.sample]
      let region = AffineMap.cropRegion(
        sample.box ?? Box(x: 0, y: 0, width: 1, height: 1), width: loaded.input.width,
        height: loaded.input.height)
      return COCODetection(
        image: Int(sample.imageID ?? 0), keypoints: prediction.keypoints,
        score: boxes.scores[prediction.sample] * EvaluatedPerson.score(of: prediction.keypoints),
        area: region.width * region.height)
    }
    let kept = Dictionary(grouping: found.indices, by: { found[$0].image }).values
      .flatMap { places in
        OKSSuppression.kept(places.map { found[$0] }, sigmas: loaded.schema.sigmas)
          .map { places[$0] }
      }.sorted().map { place in
        // COCO takes the extent of the points for the area.
        COCODetection(
          image: found[place].image, keypoints: found[place].keypoints, score: found[place].score)
      }
    let scoring = try wrapping(TrainingError.dataset) { () throws(DatasetError) in
      try COCOScoring(annotations: boxes.annotations, found: kept)
    }
    var document = scoring.evaluation.json(schema: scoring.schema).object ?? JSONObject()
    let counts = [
      ("persons", scoring.persons), ("matched", scoring.matched), ("detections", kept.count),
    ]
    for (name, count) in counts { document[name] = .integer(Int64(count)) }
    try write(kept.map { (Int64($0.image), $0.keypoints, $0.score) })
    return document
  }

  /// A results file, as `posetop score` and pycocotools read it.
  private func write(
    _ people: [(image: Int64, keypoints: [PredictedKeypoint], score: Double)]
  ) throws(TrainingError) {
    guard let path = request.results else { return }
    let records = people.map { COCOResult.json(image: $0.image, $0.keypoints, score: $0.score) }
    try wrapping(TrainingError.file) { () throws(FileError) in
      try DurableFile.commit(path, bytes: Array(JSONValue.array(records).text.utf8))
    }
  }
}
