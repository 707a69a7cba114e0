/// Prints rows in columns: text to the left, numbers to the right.
enum TextTable {
  /// - Parameter textColumns: how many of the first columns are text.
  static func print(_ heads: [String], _ rows: [[String]], textColumns: Int) {
    let all = [heads] + rows
    let widths = heads.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    for row in all {
      let cells = row.enumerated().map { column, text in
        column < textColumns
          ? text.padded(to: widths[column]) : text.leftPadded(to: widths[column])
      }
      Output.print(cells.joined(separator: "  ").trimmedRight)
    }
  }
}
