import CPosix
import Glibc
import RunLink
public import Support
import TrainingAPI
import Wording

/// A question that the engine answers in a process of its own: a trap or a decoder's crash there is
/// one sentence here.
public enum EngineTask {
  /// Starts the engine, hands over the request and waits for the answer.
  ///
  /// - Parameters:
  ///   - name: the task, such as `plan`.
  ///   - engine: another engine than the one beside this program, for tests.
  /// - Returns: the answer, or why there is none.
  public static func run(
    _ name: String, _ request: JSONValue, engine: String? = nil
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
    do throws(KeeperError) {
      _ = try Program.start(
        path, ["--task", name, "--channel", "3"],
        environment: ["OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no"],
        log: "/dev/null", inherited: [theirs], isLeader: false)
    } catch {
      close(theirs)
      throw error
    }
    close(theirs)
    channel.send(request)
    while true {
      if let answer = channel.receive().first {
        if let value = answer["answer"] { return value }
        throw .refused(Sentence(json: answer["failed"]) ?? Sentence(RunSentence.taskDied, name))
      }
      guard channel.isOpen else { throw .refused(Sentence(RunSentence.taskDied, name)) }
      var events = Int16(POLLIN)
      if channel.waitingBytes > 0 { events |= Int16(POLLOUT) }
      var item = pollfd(fd: channel.descriptor, events: events, revents: 0)
      poll(&item, 1, 1000)
      channel.flush()
    }
  }
}
