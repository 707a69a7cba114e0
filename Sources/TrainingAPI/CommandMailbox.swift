import Glibc
import Support

/// Commands on their way to the engine's worker thread, which takes them between two steps.
public final class CommandMailbox: Sendable {
  private let requests = Monitor<[CommandRequest]>([])
  private let signal = ConditionSignal()

  /// An empty mailbox.
  public init() {}

  /// Adds a command and wakes the worker if it is paused.
  public func post(_ request: CommandRequest) {
    requests.update { $0.append(request) }
    signal.raise()
  }

  /// Takes all commands that have arrived.
  public func drain() -> [CommandRequest] {
    requests.update { list in
      defer { list = [] }
      return list
    }
  }

  /// Whether somebody asks to stop: long work between two steps looks for it.
  public var asksToStop: Bool { requests.update { $0.contains { $0.command == .stop } } }

  /// Waits until a command has arrived or the time is over.
  public func wait(seconds: Double) {
    if requests.update({ !$0.isEmpty }) { return }
    signal.wait(seconds: seconds)
  }
}
