import Glibc
import Wording

/// What follows when an engine has ended: the one place that decides it.
enum RestartPolicy {
  /// What to do.
  enum Decision: Hashable {
    /// The run is over; a sentence when it ended without saying why.
    case over(failure: Sentence?)
  }

  /// Decides from how the process ended and whether it had said `finished` or `failed`.
  static func decide(
    after ending: EngineProcess.Ending?, hasFinished: Bool, lastLine: String?
  ) -> Decision {
    if hasFinished { return .over(failure: nil) }
    let line = lastLine ?? "-"
    switch ending {
    case .signal(let number):
      return .over(failure: Sentence(RunSentence.engineKilled, name(of: number), line))
    case .exit(let code): return .over(failure: Sentence(RunSentence.engineEnded, code, line))
    case nil: return .over(failure: Sentence(RunSentence.engineEnded, "?", line))
    }
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
