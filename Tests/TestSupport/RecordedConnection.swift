public import TrainingAPI

/// A connection without a run: events that are at hand, and a record of what was asked for.
public final class RecordedConnection: RunConnection {
  private var events: [LoggedEvent]
  /// The commands that were sent, in order.
  public private(set) var requests: [CommandRequest] = []
  /// Whether a keeper still serves the run.
  public let isLive: Bool

  /// A connection that gives these events at the first look.
  public init(_ events: [LoggedEvent], isLive: Bool) {
    self.events = events
    self.isLive = isLive
  }

  /// Nothing more will come.
  public var descriptor: Int32 { -1 }

  /// Adds events that are read at the next look.
  public func add(_ more: [LoggedEvent]) { events += more }

  /// What has arrived since the last look.
  public func drain() -> [LoggedEvent] {
    defer { events = [] }
    return events
  }

  /// Notes the command; false when nobody serves the run.
  public func send(_ request: CommandRequest) -> Bool {
    if isLive { requests.append(request) }
    return isLive
  }
}
