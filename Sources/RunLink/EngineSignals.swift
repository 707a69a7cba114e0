import CPosix
import Glibc
import Support
public import TrainingAPI

/// The engine's signals: SIGTERM asks it to stop and save, and nothing else ends it early.
///
/// SIGINT and SIGHUP belong to the terminal, which the engine has nothing to do with; a full file
/// system or a closed pipe is an error of the call, not the end.
public enum EngineSignals {
  /// Installs the handlers; the commands go to the mailbox.
  public static func install(commands: CommandMailbox) {
    let descriptor = posetop_signal_pipe()
    for signal in [SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ] { posetop_signal_ignore(signal) }
    posetop_signal_watch(SIGTERM)
    _ = WorkerThread(name: "signals", stackBytes: 1 << 18) {
      var count = 0
      while true {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&item, 1, -1)
        var buffer = [UInt8](repeating: 0, count: 16)
        guard read(descriptor, &buffer, buffer.count) > 0 else { continue }
        count += 1
        commands.post(
          CommandRequest(
            id: "engine-\(getpid())-\(count)", by: "engine (SIGTERM)", command: .stop))
      }
    }
  }
}
