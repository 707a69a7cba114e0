/// Where a training's events go: the channel to the keeper, or an array in tests.
public protocol EventSink: Sendable {
  /// Hands over an event; never waits for a viewer.
  func publish(_ event: TrainingEvent)

  /// Waits until everything published so far is on disk; the number of the last event, or nil when
  /// that can no longer be had (the keeper is gone: the engine must write nothing more).
  func flush() -> Int?
}
