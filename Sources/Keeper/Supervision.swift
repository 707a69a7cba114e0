import Support
import TrainingAPI
import Wording

/// What the keeper remembers between two engines of a run.
struct Supervision {
  /// Restarts since the last newer durable state.
  private(set) var restarts = 0
  /// Requests that an engine has not answered yet, or that came while there was none: the next one
  /// gets them.
  private var requests: [CommandRequest] = []
  private var durableStep = 0
  private var reason: Sentence?
  private var setAside: Sentence?
  private var startAt: Double?
  /// Whether the new engine is to go on with half the batch.
  private(set) var halvesBatch = false

  /// Whether a new engine is to be started.
  var isWaiting: Bool { startAt != nil }

  /// Whether its time has come.
  var isDue: Bool { startAt.map { $0 <= Clock.monotonic() } ?? false }

  /// Remembers that a state became durable; a newer one than before is progress.
  mutating func noteDurable(step: Int) {
    if step > durableStep { restarts = 0 }
    durableStep = step
  }

  /// Decides on a new engine in some seconds.
  mutating func plan(_ reason: Sentence, after seconds: Double, halvesBatch: Bool) {
    self.halvesBatch = halvesBatch
    restarts += 1
    self.reason = reason
    startAt = Clock.monotonic() + seconds
  }

  /// Remembers a request until it is answered.
  mutating func note(_ request: CommandRequest) { requests.append(request) }

  /// A request was carried out or refused. A request to stop is carried out when the run has ended, not
  /// before: an engine that dies while it saves has not stopped.
  mutating func noteAnswer(_ id: String, isApplied: Bool) {
    requests.removeAll { $0.id == id && !(isApplied && $0.command == .stop) }
  }

  /// The run has ended as it was asked to.
  mutating func noteEnd() { requests.removeAll { $0.command == .stop } }

  /// A new engine runs (or none will): the requests that wait for it.
  mutating func begin() -> [CommandRequest] {
    startAt = nil
    defer { requests = [] }
    return requests
  }

  /// Remembers that a picture was set aside: what killed the engine cannot do it again.
  mutating func noteSetAside(_ sentence: Sentence) {
    restarts = 0
    setAside = sentence
  }

  /// Why there was a restart that no event has told of yet, and what was set aside for it.
  mutating func takeReason() -> (reason: Sentence, setAside: Sentence?)? {
    guard let reason else { return nil }
    defer { (self.reason, setAside) = (nil, nil) }
    return (reason, setAside)
  }
}
