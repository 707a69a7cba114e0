import Glibc
public import RunLink
public import Support
import TrainingAPI
import Wording

/// One question to an engine that is started for it: `check`, `evaluate`, `plan`, ...
///
/// The engine is a process of its own, so that a decoder's crash is one sentence here.
public enum EngineJob {
  /// Asks and waits for the end of the answer, which it returns.
  ///
  /// - Parameters:
  ///   - request: what is asked.
  ///   - engine: another engine than the one beside this program.
  ///   - onMessage: takes progress, notices and the parts of the answer as they come.
  public static func run(
    _ request: JobRequest, engine: String? = nil, onMessage: (JobMessage) -> Void
  ) throws(KeeperError) -> JSONValue {
    let job = try RunningJob(request, engine: engine)
    while true {
      for message in job.receive() {
        switch message {
        case .result(let value): return value
        case .failed(let sentence): throw .refused(sentence)
        default: onMessage(message)
        }
      }
      let events = POLLIN | (job.wantsToSend ? POLLOUT : 0)
      var item = pollfd(fd: job.descriptor, events: Int16(events), revents: 0)
      poll(&item, 1, 1000)
    }
  }
}
