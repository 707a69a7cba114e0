/// What the shell is told.
enum ExitCode: Int32 {
  /// Done.
  case done = 0
  /// The work failed; the message says what, where, and what to do.
  case failed = 1
  /// Wrong usage.
  case usage = 2
  /// Ended early by the user, everything saved.
  case endedEarly = 3
}
