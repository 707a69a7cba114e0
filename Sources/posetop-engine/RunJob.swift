import RunLink
import Support
import Wording

/// A question that this engine answers.
struct EngineJobDefinition {
  /// The name in the request.
  let name: String
  /// Answers; what it throws is said to the user.
  let run: @Sendable (JSONValue, JobChannel) throws(JobError) -> JSONValue
}

/// Why a job has no answer.
struct JobError: Error {
  /// What to tell the user.
  let sentence: Sentence
}

/// All jobs; a new one is one file in `Jobs/` and one line here.
let jobs = [
  checkJob, samplesJob, planJob, benchJob, evaluateJob, predictJob, exportJob, choicesJob,
  ceilingsJob, graphicsJob,
]

/// Does one job; whether it had an answer.
func runJob(_ request: JobRequest, _ channel: JobChannel) -> Bool {
  guard let job = jobs.first(where: { $0.name == request.name }) else {
    channel.send(.failed(Sentence(RunSentence.unknownJob, UntrustedText.clean(request.name))))
    return false
  }
  do throws(JobError) {
    channel.send(.result(try job.run(request.arguments, channel)))
    return true
  } catch {
    channel.send(.failed(error.sentence))
    return false
  }
}
