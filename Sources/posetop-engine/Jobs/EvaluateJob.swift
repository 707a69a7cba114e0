import RunLink
import Support
import Training
import TrainingAPI

/// `posetop evaluate`: a model's metrics on a data set.
let evaluateJob = EngineJobDefinition(name: "evaluate") { (arguments, channel) throws(JobError) in
  let request: EvaluationRequest
  do throws(RecipeError) {
    request = try EvaluationRequest(json: arguments)
  } catch {
    throw JobError(sentence: error.sentence)
  }
  do throws(TrainingError) {
    return try evaluateDocument(
      request, makeBackend: backend(for:),
      onProgress: { done, total in
        channel.send(.progress(done: done, total: total, label: request.weights))
      },
      onNotice: { channel.send(.notice($0)) })
  } catch {
    throw JobError(sentence: error.sentence)
  }
}
