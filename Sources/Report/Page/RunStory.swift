import RunFiles
import Support
import TrainingAPI
import Wording

/// A run's log as a page needs it: long curves thinned out, everything else in full.
struct RunStory {
  /// A point of a curve.
  struct Point {
    let x: Double
    let y: Double
  }

  let folder: RunFolder
  private(set) var plan: PlanReport?
  private(set) var epochs: [EpochReport] = []
  private(set) var finish: FinishReport?
  private(set) var failure: Sentence?
  /// Commands that were applied, and warnings, with their times.
  private(set) var remarks: [(time: Double, step: Int, text: String)] = []
  private(set) var started: Double?
  private(set) var ended: Double?
  private var losses = Thinned()
  private var rates = Thinned()

  init(_ folder: RunFolder) throws(RunError) {
    self.folder = folder
    let reader = EventLogReader(folder.eventsPath)
    var events = reader.read()
    guard !events.isEmpty else {
      throw .file(.cannotOpen(path: folder.eventsPath, reason: "it holds no events"))
    }
    while !events.isEmpty {
      for event in events { take(event) }
      events = reader.read()
    }
  }

  private mutating func take(_ logged: LoggedEvent) {
    started = started ?? logged.time
    ended = logged.time
    switch logged.event {
    case .planned(let report): plan = report
    case .step(let report):
      losses.add(Double(report.step), report.loss)
      rates.add(Double(report.step), report.learningRate)
    case .epoch(let report):
      // A resumed run has an epoch's validation again.
      epochs.removeAll { $0.epoch >= report.epoch }
      epochs.append(report)
    case .command(let record):
      if case .applied(let step) = record.status {
        remarks.append((logged.time, step, record.command))
      }
    case .notice(let notice) where notice.level != .info:
      remarks.append((logged.time, epochs.last?.step ?? 0, notice.sentence.text()))
    case .finished(let report): finish = report
    case .failed(let sentence): failure = sentence
    default: break
    }
  }

  /// The training loss by step, the mean of each part.
  var trainLoss: [Point] { losses.points }
  /// The learning rate by step.
  var rate: [Point] { rates.points }

  /// The best epoch: the last that was the best so far.
  var best: EpochReport? { epochs.last { $0.isBest } ?? epochs.last }

  /// A value of each epoch by step.
  func byEpoch(_ value: (EpochReport) -> Double?) -> [Point] {
    epochs.compactMap { epoch in
      value(epoch).flatMap { $0.isFinite ? Point(x: Double(epoch.step), y: $0) : nil }
    }
  }

  /// How the run stands, in a word.
  var standing: String {
    if failure != nil { return "failed" }
    guard let finish else { return RunLock.isHeld(folder) ? "running" : "interrupted" }
    return finish.reason.rawValue
  }
}

/// A series of any length as at most some hundred means of neighbours.
private struct Thinned {
  private static let most = 600
  private var sums: [(x: Double, y: Double, count: Double)] = []
  private var perPoint = 1.0

  mutating func add(_ x: Double, _ y: Double) {
    guard y.isFinite else { return }
    if let last = sums.last, last.count < perPoint {
      sums[sums.count - 1] = (last.x + x, last.y + y, last.count + 1)
      return
    }
    sums.append((x, y, 1))
    guard sums.count > 2 * Self.most else { return }
    perPoint *= 2
    sums = stride(from: 0, to: sums.count - 1, by: 2).map { at in
      let (a, b) = (sums[at], sums[at + 1])
      return (a.x + b.x, a.y + b.y, a.count + b.count)
    }
  }

  var points: [RunStory.Point] {
    sums.map { RunStory.Point(x: $0.x / $0.count, y: $0.y / $0.count) }
  }
}
