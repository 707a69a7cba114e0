import BackendCPU
import RunLink
import Support
import Training
import TrainingAPI
import Wording

/// Answers the one request of a task.
///
/// - Returns: whether there was a request.
func runTask(_ name: String, _ channel: TaskChannel) -> Bool {
  guard let request = channel.request() else { return false }
  do throws(TaskFailure) {
    channel.answer(.success(try answer(name, request)))
  } catch {
    channel.answer(.failure(error))
  }
  return true
}

private func answer(_ name: String, _ request: JSONValue) throws(TaskFailure) -> JSONValue {
  var recipe = RunRecipe()
  do throws(RecipeError) {
    try recipe.merge(request["recipe"] ?? .object(JSONObject()))
  } catch {
    throw TaskFailure(error.sentence)
  }
  do throws(TrainingError) {
    switch name {
    case "plan":
      return try planDocument(recipe) { CPUBackend(threads: $0.threads ?? 1) }
    case "bench":
      return try benchDocument(
        recipe, steps: request["steps"]?.int ?? 5, perOp: request["ops"]?.bool ?? false
      ) { CPUBackend(threads: $0.threads ?? 1) }
    default: throw .datasetNotGiven
    }
  } catch {
    throw TaskFailure(error.sentence)
  }
}
