import Glibc
import Support
import Wording

/// What follows when an engine has ended: the one place that decides it.
enum RestartPolicy {
  /// What to do.
  enum Decision: Hashable {
    /// The run is over; a sentence when it ended without saying why.
    case over(failure: Sentence?)
    /// A new engine goes on from the last durable state after some seconds.
    case restart(reason: Sentence, after: Double, halvesBatch: Bool)
  }

  /// Engines that may die one after the other without a newer durable state in between.
  static let limit = 3

  /// Decides from how the process ended and whether it had said `finished` or `failed`.
  ///
  /// - Parameter restarts: restarts since the last newer durable state.
  static func decide(
    after ending: EngineProcess.Ending?, hasFinished: Bool, restarts: Int, lastLine: String?
  ) -> Decision {
    if hasFinished { return .over(failure: nil) }
    let line = lastLine ?? "-"
    let isOutOfMemory = ending == .exit(code: Int(EngineExit.outOfMemory))
    let reason =
      switch ending {
      case .exit where isOutOfMemory: Sentence(RunSentence.engineOutOfMemory, line)
      case .signal(let number): Sentence(RunSentence.engineKilled, name(of: number), line)
      case .exit(let code): Sentence(RunSentence.engineEnded, code, line)
      case nil: Sentence(RunSentence.engineEnded, "?", line)
      }
    guard restarts < limit else {
      return .over(failure: Sentence(RunSentence.engineGivenUp, restarts + 1, reason))
    }
    // The first restart is at once; what killed the engine (no memory, say) may need a moment.
    return .restart(
      reason: reason, after: [0, 1, 3][restarts], halvesBatch: isOutOfMemory)
  }

  /// A signal's name, such as `SIGKILL`.
  static func name(of signal: Int) -> String {
    let names: [Int32: String] = [
      SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGHUP: "SIGHUP", SIGILL: "SIGILL",
      SIGINT: "SIGINT", SIGKILL: "SIGKILL", SIGPIPE: "SIGPIPE", SIGQUIT: "SIGQUIT",
      SIGSEGV: "SIGSEGV", SIGTERM: "SIGTERM", SIGTRAP: "SIGTRAP", SIGXCPU: "SIGXCPU",
      SIGXFSZ: "SIGXFSZ",
    ]
    return names[Int32(truncatingIfNeeded: signal)] ?? "signal \(signal)"
  }
}
