import BackendCPU
import Support
import Training
import TrainingAPI

/// `posetop export`: a model for other programs.
let exportJob = EngineJobDefinition(name: "export") { (arguments, _) throws(JobError) in
  let request: ExportRequest
  do throws(RecipeError) {
    request = try ExportRequest(json: arguments)
  } catch {
    throw JobError(sentence: error.sentence)
  }
  do throws(TrainingError) {
    return try exportDocument(request, version: posetopVersion) {
      CPUBackend(threads: $0.threads ?? HostProcessors.usable)
    }
  } catch {
    throw JobError(sentence: error.sentence)
  }
}
