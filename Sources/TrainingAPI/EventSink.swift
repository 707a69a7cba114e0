/// Where a training's events go: the channel to the keeper, or an array in tests.
public protocol EventSink: Sendable {
  /// Hands over an event; never waits for a viewer.
  func publish(_ event: TrainingEvent)

  /// Asks that everything published so far be made durable; the ticket to wait with.
  func requestFlush() -> Int

  /// Waits until what was published before the ticket was drawn is on disk, or cannot be.
  func awaitFlush(_ ticket: Int) -> LogFlush

  /// Cuts the log back to an event: the training goes on from a state that was taken there.
  ///
  /// - Parameter number: the last event that stays; 0 for none.
  /// - Returns: the commands in the part that was cut off, or nil when the log cannot be cut.
  func cut(to number: Int) -> [CommandRecord]?
}

extension EventSink {
  /// Waits until everything published so far is on disk; the number of the last event, or nil when it
  /// is not.
  public func flush() -> Int? {
    guard case .durable(let number) = awaitFlush(requestFlush()) else { return nil }
    return number
  }
}

/// What became of a request to make the log durable. Nothing that points at an event may be committed
/// unless the log is on disk up to that event.
public enum LogFlush: Sendable, Hashable {
  /// On disk up to the event of that number, the last before the request.
  case durable(number: Int)
  /// The disk refuses; the last event before the request has that number all the same.
  case refused(number: Int)
  case keeperGone
}
