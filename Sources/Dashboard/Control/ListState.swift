/// The chosen row of a list, and which rows are in sight.
struct ListState: Sendable, Equatable {
  /// The chosen row.
  private(set) var selected = 0
  /// Rows of the list at the last move.
  private(set) var count = 0

  /// Moves by so many rows and stops at the ends.
  mutating func move(by offset: Int, of count: Int) {
    self.count = count
    let (sum, overflow) = selected.addingReportingOverflow(offset)
    select(overflow ? (offset < 0 ? 0 : count - 1) : sum, of: count)
  }

  mutating func select(_ row: Int, of count: Int) {
    self.count = count
    selected = max(0, min(row, count - 1))
  }

  /// The first row in sight when `height` rows are shown: the chosen one stays in the middle.
  func first(of count: Int, height: Int) -> Int {
    max(0, min(selected - height / 2, count - height))
  }
}
