import CPosix
import Glibc
import RunFiles
import RunLink
import Support

/// The engine as a child of the keeper, with the channel to it.
final class EngineProcess {
  /// How a process ended.
  enum Ending: Hashable {
    case exit(code: Int)
    case signal(number: Int)
  }

  let channel: FrameChannel
  let process: pid_t
  private(set) var ending: Ending?

  /// Starts an engine on a run. It gets the channel as descriptor 3 and the run's lock as 4.
  ///
  /// - Parameter halvesBatch: whether the engine before had no memory for the batch.
  init(
    _ path: String, _ folder: RunFolder, lock: Int32, halvesBatch: Bool
  ) throws(KeeperError) {
    var ends: [Int32] = [-1, -1]
    guard posetop_socket_pair(&ends) == 0 else {
      throw .cannotStart(path: path, reason: String(cString: strerror(errno)))
    }
    let theirs = posetop_move_up(ends[1], 10)
    channel = FrameChannel(ends[0])
    defer { close(theirs) }
    process = try Program.start(
      path,
      EngineArguments.words(run: folder.path, channel: 3, halvesBatch: halvesBatch),
      environment: ["OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "interactive=no,color=no"],
      log: folder.engineLogPath, inherited: [theirs, lock], isLeader: true)
  }

  /// Looks whether the process has ended.
  func check() {
    guard ending == nil else { return }
    var (code, signal): (Int32, Int32) = (0, 0)
    guard posetop_wait(process, &code, &signal) != 0 else { return }
    ending = signal != 0 ? .signal(number: Int(signal)) : .exit(code: Int(code))
  }

  /// Ends the process at once.
  func kill() { if ending == nil { Glibc.kill(process, SIGKILL) } }
}
