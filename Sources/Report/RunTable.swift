public import RunFiles
import Support
import TrainingAPI

/// A run's log as one table: a line for each step and each epoch.
public struct RunTable {
  private static let fixed = [
    "event", "time", "epoch", "step", "lr", "train_loss", "val_loss", "images_per_second",
    "data_wait", "seconds",
  ]

  private var rows: [[String: String]] = []
  /// The metrics in the order in which they came up.
  private var metrics: [String] = []

  /// Reads the log of a run.
  public init(_ run: RunFolder) throws(RunError) {
    let reader = EventLogReader(run.eventsPath)
    var events = reader.read()
    guard !events.isEmpty else {
      throw .file(.cannotOpen(path: run.eventsPath, reason: FileError.reason()))
    }
    while !events.isEmpty {
      for logged in events { add(logged) }
      events = reader.read()
    }
  }

  /// Lines without the head.
  public var count: Int { rows.count }

  private mutating func add(_ logged: LoggedEvent) {
    func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }
    var row = ["time": number(logged.time)]
    switch logged.event {
    case .step(let report):
      row["event"] = "step"
      row["epoch"] = "\(report.epoch)"
      row["step"] = "\(report.step)"
      row["lr"] = number(report.learningRate)
      row["train_loss"] = number(report.loss)
      row["images_per_second"] = number(report.imagesPerSecond)
      row["data_wait"] = number(report.dataWait)
    case .epoch(let report):
      row["event"] = "epoch"
      row["epoch"] = "\(report.epoch)"
      row["step"] = "\(report.step)"
      row["train_loss"] = number(report.trainLoss)
      row["val_loss"] = number(report.validationLoss)
      row["seconds"] = number(report.trainSeconds + report.validationSeconds)
      for (name, value) in report.metrics {
        if !metrics.contains(name) { metrics.append(name) }
        row[name] = number(value)
      }
    default: return
    }
    rows.append(row)
  }

  /// The table as comma-separated values (RFC 4180), a head first.
  public var csv: String {
    let columns = Self.fixed + metrics
    var text = columns.map(Self.cell).joined(separator: ",") + "\n"
    for row in rows {
      text += columns.map { Self.cell(row[$0] ?? "") }.joined(separator: ",") + "\n"
    }
    return text
  }

  private static func cell(_ text: String) -> String {
    guard text.contains(where: { "\",\n\r".contains($0) }) else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
