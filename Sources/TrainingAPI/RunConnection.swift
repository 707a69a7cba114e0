/// A viewer's connection to a run: the history first, then what happens, and commands back.
public protocol RunConnection: AnyObject {
  /// A descriptor to poll for reading; -1 when the run is over and everything was drained.
  var descriptor: Int32 { get }

  /// The events that have arrived since the last call, in order, each once; never blocks.
  func drain() -> [LoggedEvent]

  /// Whether the keeper still serves the run.
  var isLive: Bool { get }

  /// Sends a command; false when there is nobody to send it to.
  func send(_ request: CommandRequest) -> Bool
}
