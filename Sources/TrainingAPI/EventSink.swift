/// Where a training's events go: the channel to the keeper, or an array in tests.
public protocol EventSink: Sendable {
  /// Hands over an event; never waits for a viewer.
  func publish(_ event: TrainingEvent)

  /// Asks that everything published so far be made durable; the ticket to wait with.
  func requestFlush() -> Int

  /// Waits until what was published before the ticket was drawn is on disk.
  ///
  /// - Returns: the number of the last event before the ticket, or nil when the disk refuses it or
  ///   the keeper is gone. Nothing that points at the log may be committed then.
  func awaitFlush(_ ticket: Int) -> Int?

  /// Cuts the log back to an event: the training goes on from a state that was taken there.
  ///
  /// - Parameter number: the last event that stays; 0 for none.
  /// - Returns: the commands in the part that was cut off, or nil when the log cannot be cut.
  func cut(to number: Int) -> [CommandRecord]?
}

extension EventSink {
  /// Waits until everything published so far is on disk; the number of the last event, or nil as with
  /// `awaitFlush`.
  public func flush() -> Int? { awaitFlush(requestFlush()) }
}
