import Support
import Wording

/// Prints the numbers of `score` and `evaluate` as a table, from the JSON that `--json` prints.
enum MetricsPrinter {
  /// The names of a person's numbers in the order of printing.
  private static let columns = ["NME", "EPE", "PCK@0.05", "PCK@0.1", "PCK@0.2", "AUC"]

  /// One line for each metric, beside that of the mean training pose where the document has one, and
  /// one for each keypoint.
  static func print(_ document: JSONValue) {
    let metrics = (document.object?.members ?? []).filter {
      $0.value.double != nil && !isCount($0.key)
    }
    let baseline = document["mean_pose"]
    let width = (metrics.map(\.key.count).max() ?? 0) + 2
    for (name, value) in metrics {
      var line = name.padded(to: width) + number(value, of: name)
      if let other = baseline?[name] {
        line += "   " + Sentence(CommandLineSentence.meanPoseHas, number(other, of: name)).text()
      }
      Output.print(UntrustedText.clean(line))
    }
    printKeypoints(document["per_keypoint"])
  }

  private static func isCount(_ name: String) -> Bool {
    ["persons", "matched", "detections", "images", "skipped"].contains(name)
  }

  private static func printKeypoints(_ value: JSONValue?) {
    guard let rows = value?.object?.members, !rows.isEmpty else { return }
    let kinds = (rows[0].value["errors"]?.object?.members ?? []).map(\.key)
    let width = (rows.map(\.key.count).max() ?? 0) + 2
    let heads = (columns + kinds).map { $0.leftPadded(to: 10) }.joined()
    Output.print("\n" + String(repeating: " ", count: width) + heads)
    for (name, row) in rows {
      let numbers = columns.map { number(row[$0], of: $0).leftPadded(to: 10) }.joined()
      let total = kinds.reduce(0) { $0 + (row["errors"]?[$1]?.int ?? 0) }
      let shares = kinds.map { kind -> String in
        let count = row["errors"]?[kind]?.int ?? 0
        guard total > 0 else { return "-".leftPadded(to: 10) }
        let share = 100 * Double(count) / Double(total)
        return "\(NumberText.fixed(share, 0)) %".leftPadded(to: 10)
      }
      Output.print(UntrustedText.clean(name.padded(to: width)) + numbers + shares.joined())
    }
  }

  private static func number(_ value: JSONValue?, of name: String) -> String {
    guard let value = value?.double else { return "-" }
    return NumberText.fixed(value, name == "EPE" ? 2 : 4)
  }
}

extension String {
  /// The text behind blanks up to a width.
  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
