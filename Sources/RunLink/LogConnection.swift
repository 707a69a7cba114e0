import CPosix
import Glibc
public import RunFiles
public import TrainingAPI

/// A run that has ended: its log and nothing else.
public final class LogConnection: RunConnection {
  private let reader: EventLogReader
  private let wakeup: Int32
  private var isDrained = false

  /// Reads a run's log from the beginning.
  public init(_ folder: RunFolder) {
    reader = EventLogReader(folder.eventsPath)
    wakeup = posetop_wakeup()
    posetop_wakeup_raise(wakeup)
  }

  deinit { close(wakeup) }

  /// Readable until the log was read.
  public var descriptor: Int32 { isDrained ? -1 : wakeup }

  /// Never.
  public var isLive: Bool { false }

  /// The next events of the log; some megabytes at a time.
  public func drain() -> [LoggedEvent] {
    let events = reader.read()
    if events.isEmpty { isDrained = true }
    return events
  }

  /// There is nobody to send it to.
  public func send(_ request: CommandRequest) -> Bool { false }
}
