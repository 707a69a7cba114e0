import Glibc
import RunFiles
import Support
import TrainingAPI
import Wording

/// Events as lines for people: the plan, a line of progress now and then, the tutorial's line for
/// each epoch, and where the weights are.
struct HeadlessPrinter {
  private let folder: RunFolder
  /// Seconds between two lines of progress.
  private let interval: Double
  private var plan: PlanReport?
  private var lastProgress = Clock.monotonic()
  private var pace = Pace()
  private var opening = ProgressLine()

  init(folder: RunFolder) {
    self.folder = folder
    interval = isatty(STDOUT_FILENO) == 1 ? 3 : 10
  }

  /// How fast the steps follow one another, from the times in the log.
  private struct Pace {
    var first: (step: Int, time: Double)?
    var last: (step: Int, time: Double)?

    mutating func take(_ step: Int, _ time: Double) {
      if first == nil { first = (step, time) }
      last = (step, time)
      // A new beginning now and then, so that pauses and changes are forgotten.
      if let first, time - first.time > 120 { self.first = (step, time) }
    }

    func secondsLeft(_ steps: Int) -> Double {
      guard let first, let last, last.step > first.step else { return .nan }
      return Double(steps) * (last.time - first.time) / Double(last.step - first.step)
    }
  }

  /// Prints what an event has to say.
  mutating func print(_ logged: LoggedEvent) {
    if case .opening(let done, let total) = logged.event {
      return opening.show(done: done, total: total)
    }
    opening.clear()
    switch logged.event {
    case .planned(let report): show(report)
    case .step(let report):
      pace.take(report.step, logged.time)
      showProgress(report)
    case .epoch(let report): show(report)
    case .command(let record):
      if case .accepted = record.status { break }
      Output.sayError(sentence(of: record))
    case .checkpoint(let report):
      if report.kind == "state" { break }
      Output.say(Sentence(CommandLineSentence.saved, report.file, report.step))
    case .notice(let notice): Output.sayError(notice.sentence)
    case .resumed(let step): Output.say(Sentence(CommandLineSentence.resumedAt, step))
    case .restarted(let reason):
      Output.sayError(Sentence(CommandLineSentence.restarted, reason.text()))
    case .finished(let report): Self.say(report, folder)
    case .failed(let sentence): Output.sayError(sentence)
    case .state(let state):
      if state == .paused { Output.say(Sentence(CommandLineSentence.stateIs, state.rawValue)) }
    case .opening, .unknown: break
    }
  }

  private mutating func show(_ report: PlanReport) {
    plan = report
    Output.say(
      Sentence(
        CommandLineSentence.planModel, report.model, NumberText.grouped(report.parameters),
        NumberText.bytes(report.bytes(of: "total")), report.device))
    Output.say(
      Sentence(
        CommandLineSentence.planData, NumberText.grouped(report.trainSamples),
        NumberText.grouped(report.validationSamples)))
    Output.say(
      Sentence(
        CommandLineSentence.planSteps, report.epochs, report.stepsPerEpoch,
        NumberText.grouped(report.totalSteps)))
    if let reason = report.withoutGPU {
      Output.sayError(Sentence(GraphicsSentence.onCPU, reason))
    }
  }

  private mutating func showProgress(_ report: StepReport) {
    guard Clock.monotonic() - lastProgress >= interval else { return }
    lastProgress = Clock.monotonic()
    let total = plan?.totalSteps ?? 0
    Output.say(
      Sentence(
        CommandLineSentence.progress, report.epoch, plan?.epochs ?? 0, report.step, total,
        NumberText.significant(report.loss, 4), NumberText.significant(report.learningRate, 3),
        NumberText.fixed(report.imagesPerSecond, 0),
        NumberText.duration(pace.secondsLeft(max(0, total - report.step)))))
  }

  private mutating func show(_ report: EpochReport) {
    lastProgress = Clock.monotonic()
    Output.say(
      Sentence(
        CommandLineSentence.epochLine, report.epoch, NumberText.fixed(report.trainLoss, 4),
        NumberText.fixed(report.validationLoss, 4)))
    // A metric without data is negative or no number.
    let known = report.metrics.filter { $0.value >= 0 }
    if known.isEmpty { return }
    let metrics = known.map { "\($0.name) \(NumberText.significant($0.value, 4))" }
    Output.print("  " + UntrustedText.clean(metrics.joined(separator: "  ")))
  }

  /// How the run ended and where its weights are.
  static func say(_ report: FinishReport, _ folder: RunFolder) {
    switch report.reason {
    case .completed, .converged:
      Output.say(
        Sentence(
          CommandLineSentence.finishedCompleted, report.epoch, report.step, report.bestEpoch))
    case .stopped:
      Output.say(
        Sentence(
          CommandLineSentence.finishedStopped, report.epoch, report.step, report.bestEpoch))
    }
    for path in [folder.bestPath, folder.lastPath] where Path.isFile(path) {
      Output.say(Sentence(CommandLineSentence.weightsAt, path))
    }
  }
}
