import Support
import TrainingAPI
import Wording

/// What is known of a run: a reducer over its events, the same for a live run and an old log.
public struct RunHistory: Sendable {
  /// An edit of the learning rate that took effect.
  struct RateEdit: Sendable, Equatable {
    var step: Int
    var from: Double
    var to: Double
    var mode = RateMode.scale
  }

  /// A durable state on disk.
  struct Durable: Sendable, Equatable {
    var step: Int
    var time: Double
  }

  private(set) var plan: PlanReport?
  /// MB of a large annotation file that have been read, of all; before the plan.
  private(set) var opening: (done: Int, total: Int)?
  private(set) var state: RunState = .planning
  private(set) var loss = SeriesStore()
  private(set) var rate = SeriesStore()
  /// Resident bytes of the engine.
  private(set) var memory = SeriesStore()
  /// Training images per second.
  private(set) var speed = SeriesStore()
  /// Share of the time in which the engine waited for data.
  private(set) var dataWait = SeriesStore()
  /// Norm of the gradient, where the engine says it.
  private(set) var gradientNorm = SeriesStore()
  /// The last loss that was no number, and what the engine said of it.
  private(set) var breakdown: (step: Int, sentence: Sentence)?
  private(set) var lastStep: StepReport?
  private(set) var epochs: [EpochReport] = []
  private(set) var rateEdits: [RateEdit] = []
  /// Those of them that were not taken back.
  private(set) var standingEdits: [RateEdit] = []
  private(set) var log: [LogLine] = []
  /// The newest record of each command, in the order in which they were asked for.
  private(set) var commands: [CommandRecord] = []
  private(set) var durable: Durable?
  /// Whether the disk refused the newest state.
  private(set) var isSavingRefused = false
  /// Complete states and weights that became durable, at most one a step.
  private(set) var checkpoints: [Durable] = []
  private(set) var finish: FinishReport?
  private(set) var failure: Sentence?
  private(set) var pace = Pace()
  private(set) var firstTime: Double?
  /// How long the run had its machine.
  private(set) var rent = RentClock()
  private(set) var lastTime = 0.0

  static let logLimit = 1000
  static let commandLimit = 64

  /// Nothing is known yet.
  public init() {}

  /// Whether the run is over.
  var hasEnded: Bool { finish != nil || failure != nil }

  /// Optimiser steps done.
  var step: Int { max(lastStep?.step ?? 0, epochs.last?.step ?? 0) }

  /// The epoch that is being trained, counted from 1.
  var epoch: Int { lastStep?.epoch ?? epochs.last?.epoch ?? 1 }

  /// The best epoch so far.
  var best: EpochReport? { epochs.last { $0.isBest } }

  /// The rate of the last step.
  var learningRate: Double? { (lastStep?.learningRate).flatMap { $0.isFinite ? $0 : nil } }

  /// The last edit of the rate that can be undone.
  var lastEdit: RateEdit? { rateEdits.last }

  /// Takes in the next event.
  mutating func apply(_ logged: LoggedEvent) {
    if case .opening(let done, let total) = logged.event {
      opening = (done, total)
      return
    }
    let time = logged.time
    if firstTime == nil { firstTime = time }
    let previousTime = lastTime
    rent.take(logged)
    lastTime = max(lastTime, time)
    switch logged.event {
    case .planned(let report): plan = report
    case .state(let next):
      state = next
      pace.interrupt()
    case .step(let report): apply(report, time)
    case .epoch(let report):
      cutEpochs(from: report.epoch)
      epochs.append(report)
      pace.interrupt()
    case .command(let record): apply(record)
    case .checkpoint(let report):
      let saved = Durable(step: report.step, time: time)
      // `last` and `best` are weights: no training goes on from them.
      if report.kind == "state" {
        durable = saved
        isSavingRefused = false
      }
      if checkpoints.last?.step != saved.step { checkpoints.append(saved) }
      if checkpoints.count > 1024 { checkpoints.removeFirst(512) }
    case .resumed(let step):
      // The state's own event is behind the place at which the log was cut, so it is gone from there;
      // what stands last before it is about as old as the state.
      durable = checkpoints.last { $0.step == step } ?? Durable(step: step, time: previousTime)
      isSavingRefused = false
      // A viewer may have read the end that the log no longer has.
      finish = nil
      failure = nil
      cut(after: step)
    case .finished(let report):
      finish = report
      state = .finished
    case .failed(let sentence):
      failure = sentence
      state = .failed
    case .notice(let notice):
      if notice.sentence.key == EngineSentence.lossBroken.key {
        breakdown = (step, notice.sentence)
      }
      if notice.sentence.key == EngineSentence.stateNotSaved.key { isSavingRefused = true }
    case .opening, .restarted, .unknown: break
    }
    if let line = LogLine(logged) {
      log.append(line)
      if log.count > 2 * Self.logLimit { log.removeFirst(Self.logLimit) }
    }
  }

  private mutating func apply(_ report: StepReport, _ time: Double) {
    lastStep = report
    loss.append(
      step: report.step, value: report.loss, range: report.range, count: report.count, time: time)
    func add(_ store: inout SeriesStore, _ value: Double) {
      store.append(step: report.step, value: value, count: report.count, time: time)
    }
    add(&rate, report.learningRate)
    add(&speed, report.imagesPerSecond)
    add(&dataWait, report.dataWait)
    if let bytes = report.residentBytes { add(&memory, Double(bytes)) }
    if let norm = report.gradientNorm { add(&gradientNorm, norm) }
    pace.add(step: report.step, time: time)
    if state == .planning { state = .running }
  }

  private mutating func apply(_ record: CommandRecord) {
    if let index = commands.lastIndex(where: { $0.id == record.id }) {
      commands[index] = record
    } else {
      commands.append(record)
      if commands.count > 2 * Self.commandLimit { commands.removeFirst(Self.commandLimit) }
    }
    if case .applied(let step) = record.status, let change = record.change {
      let edit = RateEdit(
        step: step, from: change.from, to: change.to, mode: RateMode(command: record.command))
      rateEdits.append(edit)
      if record.command == EngineCommand.undoLearningRate.text {
        _ = standingEdits.popLast()
      } else {
        standingEdits.append(edit)
        if standingEdits.count > 512 { standingEdits.removeFirst(256) }
      }
      if rateEdits.count > 512 { rateEdits.removeFirst(256) }
    }
  }

  private mutating func cutEpochs(from epoch: Int) {
    while let last = epochs.last, last.epoch >= epoch { epochs.removeLast() }
  }

  private mutating func cut(after step: Int) {
    loss.cut(after: step)
    rate.cut(after: step)
    memory.cut(after: step)
    gradientNorm.cut(after: step)
    speed.cut(after: step)
    dataWait.cut(after: step)
    checkpoints.removeAll { $0.step > step }
    epochs.removeAll { $0.step > step }
    rateEdits.removeAll { $0.step > step }
    standingEdits.removeAll { $0.step > step }
    if let last = lastStep, last.step > step { lastStep = nil }
    pace.interrupt()
  }

  /// Seconds since the first event at which a step was done.
  func seconds(atStep step: Int) -> Double {
    guard let entry = loss.entry(at: step), let firstTime, entry.time > 0 else { return 0 }
    return max(0, entry.time - firstTime)
  }

  /// The newest record of a command.
  func command(id: String) -> CommandRecord? { commands.last { $0.id == id } }
}
