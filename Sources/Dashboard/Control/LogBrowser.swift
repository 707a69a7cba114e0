import TerminalUI
import Wording

/// The screen of the log: events, or what the engine and the libraries under it wrote.
struct LogBrowser: Sendable, Equatable {
  var showsOutput = false
  /// The last lines of `engine.log`, harmless already.
  var output: [String] = []
  /// Lines between the end and the last line in sight.
  var offset = 0
  /// What is looked for; empty for nothing.
  var search = ""
}

extension DashboardState {
  /// How many lines the log has that is shown.
  var logCount: Int { logView.showsOutput ? logView.output.count : history.log.count }

  /// A line of the log that is shown, as it is searched.
  func logText(_ index: Int) -> String {
    logView.showsOutput ? logView.output[index] : history.log[index].sentence.text(in: language)
  }

  mutating func scrollLog(_ lines: Int) {
    let (sum, overflow) = logView.offset.addingReportingOverflow(-lines)
    logView.offset = max(0, min(overflow ? logCount : sum, max(0, logCount - 1)))
  }

  /// Moves to the next line that holds the words looked for, upwards or downwards.
  mutating func findInLog(up: Bool) {
    let wanted = logView.search.lowercased()
    guard !wanted.isEmpty, logCount > 0 else { return }
    let start = logCount - 1 - logView.offset
    let order =
      up ? Array((0..<max(0, start)).reversed()) : Array(min(start + 1, logCount)..<logCount)
    guard let found = order.first(where: { logText($0).lowercased().contains(wanted) }) else {
      say(.replyNotFound, [logView.search], .warning)
      return
    }
    logView.offset = logCount - 1 - found
  }
}
