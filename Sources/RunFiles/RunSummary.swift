public import Support
import TrainingAPI

/// A run in one line: what `posetop runs` shows.
public struct RunSummary: Sendable {
  /// How a run stands.
  public enum Standing: String, Sendable {
    case live, paused, completed, stopped, failed, interrupted, empty
  }

  /// The run.
  public let folder: RunFolder
  /// How it stands.
  public private(set) var standing: Standing = .empty
  /// The model's name.
  public private(set) var model = ""
  /// Epochs done and planned.
  public private(set) var epochs: (done: Int, planned: Int) = (0, 0)
  /// Optimiser steps at the last epoch or at the end.
  public private(set) var step = 0
  /// The deciding metric of the best epoch, by name.
  public private(set) var best: (name: String, value: Double)?
  /// Seconds since 1970 of the first event.
  public private(set) var started: Double?
  /// Seconds since 1970 of the last event that is no step.
  public private(set) var changed: Double?

  /// Reads a run's log.
  public init(_ folder: RunFolder) {
    self.folder = folder
    let reader = EventLogReader(folder.eventsPath)
    var events = reader.read(keepsSteps: false)
    while !events.isEmpty {
      for event in events { take(event) }
      events = reader.read(keepsSteps: false)
    }
    let isLive = RunLock.isHeld(folder)
    switch standing {
    case .completed, .stopped, .failed: break
    case .paused where isLive: break
    default: standing = isLive ? .live : started == nil ? .empty : .interrupted
    }
  }

  private mutating func take(_ logged: LoggedEvent) {
    started = started ?? logged.time
    changed = logged.time
    switch logged.event {
    case .planned(let plan):
      model = plan.model
      epochs.planned = plan.epochs
      if best?.name != plan.bestMetric { best = (plan.bestMetric, .nan) }
    case .state(let state): standing = state == .paused ? .paused : .live
    case .epoch(let report):
      epochs.done = report.epoch
      step = report.step
      if report.isBest, let name = best?.name {
        best = (name, report.metric(name) ?? report.validationLoss)
      }
    case .finished(let report):
      step = report.step
      standing = report.isComplete ? .completed : .stopped
    case .failed: standing = .failed
    case .resumed, .restarted: standing = .live
    default: break
    }
  }

  /// The summary as JSON.
  public var json: JSONValue {
    [
      "run": .string(folder.name), "path": .string(folder.path),
      "state": .string(standing.rawValue), "model": .string(model),
      "epoch": .integer(Int64(epochs.done)), "epochs": .integer(Int64(epochs.planned)),
      "step": .integer(Int64(step)), "best_metric": best.map { .string($0.name) } ?? .null,
      "best": best.map { .finite($0.value) } ?? .null,
      "started": started.map { .finite($0) } ?? .null,
      "changed": changed.map { .finite($0) } ?? .null,
    ]
  }
}
