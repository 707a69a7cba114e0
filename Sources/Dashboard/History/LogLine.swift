import Support
import TerminalUI
import TrainingAPI
import Wording

/// One line of the run's log, as people read it.
struct LogLine: Sendable, Equatable {
  /// Seconds since 1970.
  var time: Double
  /// A short word for the kind.
  var tag: ScreenSentence
  /// How the tag looks.
  var style: StyleKey
  /// What happened.
  var sentence: Sentence

  /// The line of an event; nil for events that are no news.
  init?(_ logged: LoggedEvent) {
    time = logged.time
    style = .faint
    switch logged.event {
    case .notice(let notice):
      sentence = notice.sentence
      switch notice.level {
      case .info: tag = .tagInfo
      case .warning: (tag, style) = (.tagWarning, .warning)
      case .error: (tag, style) = (.tagError, .bad)
      }
    case .epoch(let report):
      (tag, style) = report.isBest ? (.tagBest, .good) : (.tagEpoch, .faint)
      sentence = Sentence(
        ScreenSentence.logEpoch, report.epoch, Numbers.loss(report.trainLoss),
        Numbers.loss(report.validationLoss), Self.metrics(of: report))
    case .command(let record):
      // Asked for at each sample that is looked at: no news.
      if record.command.hasPrefix("heatmap ") { return nil }
      let words = Numbers.shortened(UntrustedText.clean(record.command, limit: 60))
      switch record.status {
      case .accepted: return nil
      case .rejected(let reason):
        (tag, style) = (.tagRefused, .warning)
        sentence = Sentence(ScreenSentence.logRefused, words, reason)
      case .applied(let step):
        (tag, style) = (.tagCommand, .marker)
        if let change = record.change {
          sentence = Sentence(
            ScreenSentence.logRate, Numbers.rate(change.from), Numbers.rate(change.to), step)
        } else {
          sentence = Sentence(ScreenSentence.logApplied, words, step)
        }
      }
    case .checkpoint(let report):
      // The weight files follow each epoch, whose line says enough.
      guard report.kind != "last", report.kind != "best" else { return nil }
      tag = .tagSaved
      sentence =
        report.kind == "state"
        ? Sentence(ScreenSentence.logSaved, report.step)
        : Sentence(
          ScreenSentence.logApplied, UntrustedText.clean(report.kind, limit: 20), report.step)
    case .resumed(let step):
      tag = .tagInfo
      sentence = Sentence(ScreenSentence.logResumed, step)
    case .restarted(let reason):
      (tag, style) = (.tagWarning, .warning)
      sentence = Sentence(ScreenSentence.logRestarted, reason)
    case .finished(let report):
      (tag, style) = (.stateDone, .good)
      let words: ScreenSentence =
        switch report.reason {
        case .completed: .logCompleted
        case .converged: .logConverged
        case .stopped: .logStopped
        }
      sentence = Sentence(words, report.step)
    case .failed(let reason):
      (tag, style) = (.tagError, .bad)
      sentence = reason
    case .opening, .planned, .state, .step, .unknown: return nil
    }
  }

  /// The two metrics that say most.
  private static func metrics(of report: EpochReport) -> String {
    report.metrics.filter { $0.value.isFinite && ["AP", "PCK@0.1"].contains($0.name) }
      .map { "\($0.name) \(NumberText.fixed($0.value, 3))" }.joined(separator: "  ")
  }
}
