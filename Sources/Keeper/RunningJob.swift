import CPosix
import Glibc
public import RunLink
import Support
import TrainingAPI
import Wording

/// A question to an engine that was started for it, while the answer is on its way.
///
/// Whoever waits for it polls `descriptor` and calls `receive`; nothing here ever waits, so a screen
/// can be drawn meanwhile. Used by one thread.
public final class RunningJob {
  /// What was asked.
  public let request: JobRequest
  /// Whether the last word was said: a result, or why there is none.
  public private(set) var isOver = false

  private let channel: FrameChannel
  private var process: pid_t
  /// What the engine did last, to name it when the process dies.
  private var last = ""

  /// Starts an engine and asks.
  ///
  /// - Parameter engine: another engine than the one beside this program.
  public init(_ request: JobRequest, engine: String? = nil) throws(KeeperError) {
    guard let path = engine ?? Program.enginePath else {
      throw .engineMissing(folder: Path.parent(of: Program.ownPath))
    }
    var ends: [Int32] = [-1, -1]
    guard posetop_socket_pair(&ends) == 0 else {
      throw .cannotStart(path: path, reason: String(cString: strerror(errno)))
    }
    let theirs = posetop_move_up(ends[1], 10)
    defer { close(theirs) }
    self.request = request
    channel = FrameChannel(ends[0])
    process = try Program.start(
      path, ["--job", "3"],
      environment: ["OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no"],
      log: "/dev/null", inherited: [theirs], isLeader: false)
    channel.send(request.json)
  }

  deinit { cancel() }

  /// The channel, to wait for with `poll`; -1 when the job is over.
  public var descriptor: Int32 { isOver ? -1 : channel.descriptor }

  /// Whether the engine has not yet taken the whole question.
  var wantsToSend: Bool { channel.waitingBytes > 0 }

  /// What has come since the last call; the last message is a result or a failure.
  public func receive() -> [JobMessage] {
    guard !isOver else { return [] }
    channel.flush()
    var messages: [JobMessage] = []
    for json in channel.receive() {
      guard let message = JobMessage(json: json) else { continue }
      messages.append(message)
      switch message {
      case .progress(_, _, let label): last = label
      case .result, .failed:
        // The last word was said: what the engine would still do is give its memory back.
        cancel()
        return messages
      case .item, .notice: break
      }
    }
    if !channel.isOpen {
      isOver = true
      let error = KeeperError.engineCrashed(job: request.name, ending: ending(), last: last)
      messages.append(.failed(error.sentence))
    }
    return messages
  }

  /// Ends the job: nothing more is wanted of it.
  public func cancel() {
    guard process > 0 else { return }
    isOver = true
    kill(process, SIGKILL)
    _ = ending()
  }

  /// Waits for the process to end, and says how it did; a stubborn one is killed.
  private func ending() -> String {
    let limit = Clock.monotonic() + 5
    var (code, signal): (Int32, Int32) = (0, 0)
    while posetop_wait(process, &code, &signal) == 0 {
      if Clock.monotonic() > limit { kill(process, SIGKILL) }
      usleep(2000)
    }
    process = -1
    return signal != 0 ? String(cString: strsignal(signal)) : "exit \(code)"
  }
}
