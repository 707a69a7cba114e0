public import Datasets
public import Execution
public import Imaging
public import Pose
public import Support
public import TrainingAPI
import Nets
import RunFiles
import Wording

/// A person that a model has found.
public struct PredictedPerson: Sendable {
  /// Where it was looked for, px: a detector's box, or the whole picture.
  public let box: Box
  /// In pixels of the picture.
  public let keypoints: [PredictedKeypoint]
  /// The box's score times the mean of its certain points'.
  public let score: Double

  /// As `posetop predict --json` prints it.
  public var json: JSONValue {
    [
      "bbox": .array([box.x, box.y, box.width, box.height].map { .finite($0) }),
      "keypoints": .array(
        keypoints.map { .array([.finite($0.x), .finite($0.y), .finite($0.score)]) }),
      "score": .finite(score),
    ]
  }
}

/// A picture with the people that were found in it.
public struct PredictedPicture: Sendable {
  /// The picture.
  public let source: PictureSource
  /// The people in the order of their boxes.
  public let people: [PredictedPerson]
  /// Why the picture cannot be read; nil when it was.
  public let error: ImageError?
}

/// What is known of a model that predicts.
public struct PredictionModel: Sendable {
  /// Name, head, input and device for the user.
  public let document: JSONValue
  /// Its keypoints.
  public let schema: KeypointSchema
  /// Points with a smaller score are not worth drawing.
  public let leastScore: Double
}

/// Looks at pictures with a trained model: `posetop predict`.
///
/// - Parameters:
///   - onPicture: takes each picture when it is done, in the order of the list.
///   - onProgress: is told how many people of all are done.
public func predictPictures(
  _ request: PredictionRequest, sources: [PictureSource],
  makeBackend: BackendMaker, onModel: (PredictionModel) throws(TrainingError) -> Void,
  onProgress: (_ done: Int, _ total: Int) -> Void,
  onPicture: (PredictedPicture) throws(TrainingError) -> Void
) throws(TrainingError) {
  var settings = request.settings
  let people = sources.reduce(0) { $0 + ($1.boxes?.count ?? 1) }
  settings.batch = settings.batch ?? max(1, min(16, people))
  let loaded = try LoadedModel(
    weights: request.weights, asked: settings, makeBackend: makeBackend)
  let isHeatmap = loaded.model.variant.output.head == .heatmap
  let leastScore = request.leastScore ?? (isHeatmap ? 0.1 : 0.02)
  try onModel(
    PredictionModel(
      document: [
        "model": .string(loaded.model.definition.name),
        "head": .string(loaded.model.variant.output.head.rawValue),
        "input": .string("\(loaded.input.width)x\(loaded.input.height)"),
        "device": .string(loaded.deviceName), "schema": loaded.schema.json,
        "least_score": .number(leastScore),
      ], schema: loaded.schema, leastScore: leastScore))
  let pictures = PictureSamples(sources, schema: loaded.schema)
  var options = SamplePredictor.Options()
  options.flipTest = request.flipTest
  options.refinement = .named(request.decode)
  options.loaders = settings.loaders ?? min(4, HostProcessors.usable)
  // A closure that throws its own kind of error cannot be handed through one that throws none.
  var failure: TrainingError?
  var next = 0
  var pending: [PredictedPerson] = []
  var isBroken = false
  func finish(through picture: Int) {
    while next < picture, failure == nil {
      let source = sources[next]
      let result = PredictedPicture(
        source: source,
        people: isBroken ? [] : pictures.certain(pending, source: source, loaded.schema.sigmas),
        error: isBroken ? pictures.error(source) : nil)
      next += 1
      (pending, isBroken) = ([], false)
      do throws(TrainingError) { try onPicture(result) } catch { failure = error }
    }
  }
  SamplePredictor(loaded: loaded, options: options).forEach(
    pictures.dataset, samples: Array(pictures.dataset.samples.indices), onNotice: { _ in }
  ) { batch, done in
    for (sample, prediction) in batch {
      finish(through: pictures.dataset.samples[sample].image)
      guard let prediction else {
        isBroken = true
        continue
      }
      pending.append(
        pictures.person(sample, prediction.keypoints, prediction.toImage, input: loaded.input))
    }
    if failure == nil { onProgress(done, people) }
  }
  finish(through: sources.count)
  if let failure { throw failure }
}

/// Pictures as samples without labels.
private struct PictureSamples {
  let dataset: Dataset
  /// For each sample the score of its box; 1 for a whole picture.
  private let scores: [Double]

  init(_ sources: [PictureSource], schema: KeypointSchema) {
    let points = schema.keypoints.map { _ in Keypoint(x: 0, y: 0, visibility: .unlabelled) }
    var samples: [Sample] = []
    var scores: [Double] = []
    for (index, source) in sources.enumerated() {
      let boxes: [(box: Box?, score: Double)] =
        source.boxes.map { $0.map { ($0.box, $0.score) } } ?? [(nil, 1)]
      for (box, score) in boxes {
        samples.append(
          Sample(
            imagePath: source.path, name: source.name, image: index, imageID: source.id,
            keypoints: points, box: box))
        scores.append(score)
      }
    }
    dataset = Dataset(
      name: "pictures", path: "", format: "pictures", schema: schema, samples: samples)
    self.scores = scores
  }

  /// What was found in a sample's box.
  func person(
    _ sample: Int, _ keypoints: [PredictedKeypoint], _ map: AffineMap, input: InputSpec
  ) -> PredictedPerson {
    let box = dataset.samples[sample].box ?? Self.whole(map, input)
    return PredictedPerson(
      box: box, keypoints: keypoints,
      score: scores[sample] * EvaluatedPerson.score(of: keypoints))
  }

  /// The whole picture, from how the input was scaled to it.
  private static func whole(_ map: AffineMap, _ input: InputSpec) -> Box {
    let pixel = input.convention == .unbiased ? 1.0 : 0
    func side(_ scale: Double, _ count: Int) -> Double {
      (scale * input.convention.span(count) + pixel).rounded()
    }
    return Box(x: 0, y: 0, width: side(map.a, input.width), height: side(map.e, input.height))
  }

  /// The people without those that are another one found twice.
  func certain(
    _ people: [PredictedPerson], source: PictureSource, _ sigmas: [Double]
  ) -> [PredictedPerson] {
    guard people.count > 1 else { return people }
    let found = people.map { person in
      COCODetection(
        image: 0, keypoints: person.keypoints, score: person.score,
        area: person.box.width * person.box.height)
    }
    return OKSSuppression.kept(found, sigmas: sigmas).sorted().map { people[$0] }
  }

  /// Why a picture cannot be read.
  func error(_ source: PictureSource) -> ImageError {
    do throws(ImageError) {
      _ = try ImageDecoder.decode(source.path)
      return .broken(path: source.name, format: "picture", reason: "its box is too small")
    } catch {
      return error
    }
  }
}
