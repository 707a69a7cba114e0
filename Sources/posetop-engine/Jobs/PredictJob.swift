import Datasets
import Figures
import Imaging
import Pose
import RunLink
import Support
import Training
import TrainingAPI
import Wording

/// `posetop predict`: each picture with its people is a part of the answer; the pictures with their
/// skeletons are written here, since only engines decode what users bring.
let predictJob = EngineJobDefinition(name: "predict") { (arguments, channel) throws(JobError) in
  let request: PredictionRequest
  do throws(RecipeError) {
    request = try PredictionRequest(json: arguments)
  } catch {
    throw JobError(sentence: error.sentence)
  }
  let answer = try PredictionAnswer(request, channel)
  do throws(TrainingError) {
    try predictPictures(
      request, sources: answer.sources,
      makeBackend: backend(for:),
      onModel: { (model) throws(TrainingError) in try answer.begin(model) },
      onProgress: { channel.send(.progress(done: $0, total: $1, label: request.weights)) },
      onPicture: { (picture) throws(TrainingError) in try answer.add(picture) })
    return try answer.finish()
  } catch {
    throw JobError(sentence: error.sentence)
  }
}

/// What becomes of the pictures that are done.
private final class PredictionAnswer {
  let sources: [PictureSource]
  private let request: PredictionRequest
  private let channel: JobChannel
  private var model: PredictionModel?
  private var results: [JSONValue] = []
  /// Pictures that are still to be drawn, and previews that are to be sent in order.
  private var pending: [PredictedPicture] = []

  init(_ request: PredictionRequest, _ channel: JobChannel) throws(JobError) {
    self.request = request
    self.channel = channel
    do throws(FileError) {
      let list = try FileReading.json(of: request.pictures, limit: 1 << 30)
      sources = (list.array ?? []).compactMap(PictureSource.init(json:))
    } catch {
      throw JobError(sentence: error.sentence)
    }
  }

  func begin(_ model: PredictionModel) throws(TrainingError) {
    self.model = model
  }

  func add(_ picture: PredictedPicture) throws(TrainingError) {
    pending.append(picture)
    if request.results != nil, let id = picture.source.id {
      results += picture.people.map { COCOResult.json(image: id, $0.keypoints, score: $0.score) }
    }
    if pending.count >= 2 * Parallel.width { try drawPending() }
  }

  func finish() throws(TrainingError) -> JSONValue {
    try drawPending()
    if let path = request.results {
      do throws(FileError) {
        try DurableFile.commit(path, bytes: Array(JSONValue.array(results).text.utf8))
      } catch {
        throw .file(error)
      }
    }
    return model?.document ?? [:]
  }

  /// Draws what is pending on all processors, and sends it in order.
  private func drawPending() throws(TrainingError) {
    guard let model else { return }
    let (pictures, preview) = (pending, request.preview)
    pending = []
    let wanted = pictures.indices.filter { place in
      pictures[place].error == nil && (preview != nil || pictures[place].source.drawing != nil)
    }
    let ranges = wanted.isEmpty ? [] : Parallel.ranges(of: wanted.count)
    let drawn = Parallel.map(ranges.count) { number in
      ranges[number].map { Drawing.make(pictures[wanted[$0]], model, preview: preview) }
    }.flatMap { $0 }
    for (place, picture) in pictures.enumerated() {
      let drawing = wanted.firstIndex(of: place).map { drawn[$0] }
      var item = JSONObject([
        ("image", .string(picture.source.name)),
        ("people", .array(picture.people.map(\.json))),
      ])
      item["error"] = picture.error?.sentence.json
      if case .failure(let error)? = drawing { throw error }
      if case .success(let preview?)? = drawing {
        item["preview"] = [
          "width": .integer(Int64(preview.width)), "height": .integer(Int64(preview.height)),
          "pixels": .string(Base64.encode(preview.pixels)),
        ]
      }
      channel.send(.item(.object(item)))
    }
  }
}

/// A picture with its skeletons.
private enum Drawing {
  /// Writes the drawing where the source wants it; gives the preview when one is wanted.
  static func make(
    _ result: PredictedPicture, _ model: PredictionModel, preview: (width: Int, height: Int)?
  ) -> Result<ImageBuffer?, TrainingError> {
    do throws(ImageError) {
      let picture = try ImageDecoder.decode(result.source.path)
      let people = result.people.map {
        PredictionDrawing.Person($0.keypoints, box: $0.box, leastScore: model.leastScore)
      }
      if let path = result.source.drawing {
        let bytes = try ImageEncoder.png(
          PredictionDrawing.draw(picture, people: people, schema: model.schema))
        do throws(FileError) {
          try DurableFile.commit(path, bytes: bytes)
        } catch {
          throw .file(error)
        }
      }
      guard let preview else { return .success(nil) }
      return .success(
        PredictionDrawing.preview(
          picture, people: people, schema: model.schema, width: preview.width,
          height: preview.height))
    } catch {
      return .failure(.dataset(.image(error)))
    }
  }
}
