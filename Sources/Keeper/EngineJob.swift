import CPosix
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
    guard let path = engine ?? Program.enginePath else {
      throw .engineMissing(folder: Path.parent(of: Program.ownPath))
    }
    var ends: [Int32] = [-1, -1]
    guard posetop_socket_pair(&ends) == 0 else {
      throw .cannotStart(path: path, reason: String(cString: strerror(errno)))
    }
    let theirs = posetop_move_up(ends[1], 10)
    let channel = FrameChannel(ends[0])
    let process: pid_t
    do throws(KeeperError) {
      process = try Program.start(
        path, ["--job", "3"],
        environment: ["OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no"],
        log: "/dev/null", inherited: [theirs], isLeader: false)
    } catch {
      close(theirs)
      throw error
    }
    close(theirs)
    channel.send(request.json)
    var last = ""
    while channel.isOpen {
      for message in channel.receive() {
        switch JobMessage(json: message) {
        case .result(let value):
          _ = ending(of: process)
          return value
        case .failed(let sentence):
          _ = ending(of: process)
          throw .refused(sentence)
        case .progress(let done, let total, let label):
          last = label
          onMessage(.progress(done: done, total: total, label: label))
        case let message?: onMessage(message)
        case nil: break
        }
      }
      let events = POLLIN | (channel.waitingBytes > 0 ? POLLOUT : 0)
      var item = pollfd(fd: channel.descriptor, events: Int16(events), revents: 0)
      if channel.isOpen { poll(&item, 1, 1000) }
      channel.flush()
    }
    throw .engineCrashed(job: request.name, ending: ending(of: process), last: last)
  }

  /// Waits for the process, which has said its last word; a stubborn one is ended.
  private static func ending(of process: pid_t) -> String {
    let limit = Clock.monotonic() + 5
    var (code, signal): (Int32, Int32) = (0, 0)
    while posetop_wait(process, &code, &signal) == 0 {
      if Clock.monotonic() > limit { kill(process, SIGKILL) }
      usleep(2000)
    }
    return signal != 0 ? String(cString: strsignal(signal)) : "exit \(code)"
  }
}
