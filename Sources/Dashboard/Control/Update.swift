public import RunFiles
public import Support
import TerminalUI
import TrainingAPI
import Wording

/// What was read from the run folder for the samples browser.
public struct SampleLoad: Sendable {
  /// The validation crops, if they were asked for and are there.
  public var previews: SamplePreviews?
  /// The newest predictions, if there are any.
  public var predictions: PredictionSet?
  /// The predictions of the evaluation before, to compare with.
  public var earlier: PredictionSet?
  /// The epochs that have predictions, in order.
  public var epochs: [Int]
  /// Why something could not be read.
  public var problem: FileError?

  /// What was read.
  public init(
    previews: SamplePreviews?, predictions: PredictionSet?, epochs: [Int] = [],
    problem: FileError?
  ) {
    self.previews = previews
    self.predictions = predictions
    self.epochs = epochs
    self.problem = problem
  }
}

extension DashboardState {
  static let replySeconds = 6.0

  /// Takes in what happened; returns what must be done about it.
  public mutating func update(_ message: Message) -> [Effect] {
    switch message {
    case .events(let events):
      let effects = take(events)
      if case .rate(var editor) = overlay {
        editor.follow(history.learningRate)
        overlay = .rate(editor)
      }
      return effects
    case .key(let key): return press(key)
    case .resize(let width, let height):
      self.width = max(0, width)
      self.height = max(0, height)
      return needsSamples ? [loadSamples(withPreviews: true)] : []
    case .tick(let now):
      self.now = now
      if let reply, reply.until < now { self.reply = nil }
      let looks = shows(.machine) || history.plan?.gpu != nil && shows(.memory)
      return looks ? [lookAtHost] : []
    case .connection(let isLive): self.isLive = isLive
    case .sent(let id, let command):
      if let id, case .heatmap = command {
        // Asked for at each sample; the picture itself is the answer.
        pending = id
      } else if let id {
        pending = id
        say(.replySent, [Numbers.shortened(command.text)], .faint, seconds: 3600)
      } else {
        say(.replyNobody, [Numbers.shortened(command.text)], .bad)
      }
    case .samples(let load):
      samples.load(load)
    case .runs(let rows):
      runs.rows = rows
      runs.isLoaded = true
    case .overlay(let path, let events):
      guard let index = overlays.firstIndex(where: { $0.path == path }) else { break }
      for event in events { overlays[index].history.apply(event) }
    case .engineOutput(let lines): logView.output = lines
    case .heatmaps(let maps): samples.heatmaps = maps
    case .profile(let profile): self.profile = profile
    case .host(let report): host = report
    case .answer(let sentence, let isGood):
      reply = Reply(
        sentence: sentence, style: isGood ? .good : .bad, until: now + Self.replySeconds)
    case .theme(let name): themeName = name
    }
    return []
  }

  /// Pictures are read only when a pane shows them.
  var needsSamples: Bool { samples.previews == nil && showsPictures }

  var showsPictures: Bool { hasScreens && panes.contains { $0.pane.showsPictures } }

  func loadSamples(withPreviews: Bool) -> Effect {
    .loadSamples(withPreviews: withPreviews, epoch: samples.chosenEpoch)
  }

  private mutating func take(_ events: [LoggedEvent]) -> [Effect] {
    var effects: [Effect] = []
    defer { advise(after: events) }
    for event in events {
      history.apply(event)
      now = max(now, event.time)
      switch event.event {
      case .epoch, .checkpoint:
        // Predictions are written around these; after the second they are surely there.
        if showsPictures { effects = [loadSamples(withPreviews: samples.previews == nil)] }
      case .step:
        // The crops are written before the first step.
        if effects.isEmpty, needsSamples, samples.problem == nil, history.loss.buckets.count == 1 {
          effects = [loadSamples(withPreviews: true)]
        }
      case .command(let record):
        effects += look(at: record)
        if record.id == pending { answer(record) }
      default: break
      }
    }
    return effects
  }

  /// The advisor looks again when something may have changed: not at each step.
  private mutating func advise(after events: [LoggedEvent]) {
    let isDue = events.contains { logged in
      if case .step(let report) = logged.event {
        return report.step % 16 < report.count || !report.loss.isFinite
      }
      return true
    }
    if isDue { advice = Advisor.advice(on: history, host: host) }
  }

  /// What an engine has written for its viewers, whoever asked for it.
  private func look(at record: CommandRecord) -> [Effect] {
    guard case .applied = record.status, isLive else { return [] }
    if record.command.hasPrefix("heatmap "), samples.heatJoint != nil { return [.loadHeatmaps] }
    return record.command == EngineCommand.profile.text ? [.loadProfile] : []
  }

  /// Says what became of the command that was sent from here.
  private mutating func answer(_ record: CommandRecord) {
    if record.command.hasPrefix("heatmap "), case .applied = record.status {
      pending = nil
      return
    }
    let words = Numbers.shortened(UntrustedText.clean(record.command, limit: 60))
    switch record.status {
    case .accepted:
      say(.replyAccepted, [words], .faint, seconds: 3600)
      return
    case .rejected(let reason): say(.replyRejected, [words, reason], .bad)
    case .applied(let step): say(.replyApplied, [words, step], .good)
    }
    pending = nil
  }

  mutating func say(
    _ template: ScreenSentence, _ arguments: [any CustomStringConvertible], _ style: StyleKey,
    seconds: Double = replySeconds
  ) {
    reply = Reply(
      sentence: Sentence(key: template.key, arguments: arguments.map { $0.description }),
      style: style, until: now + seconds)
  }
}
