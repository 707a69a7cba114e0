/// What must be written so that a screen shows another surface.
public enum SurfaceDiff {
  /// A run of cells of one row that have changed.
  public struct Run: Sendable, Equatable {
    /// First column.
    public var x: Int
    /// Row.
    public var y: Int
    /// The new cells.
    public var cells: ArraySlice<Cell>
  }

  /// The changed runs; everything when the size differs or there is nothing to compare with.
  public static func runs(from old: Surface?, to new: Surface) -> [Run] {
    var runs: [Run] = []
    let comparable = old.map { $0.width == new.width && $0.height == new.height } ?? false
    for y in 0..<new.height {
      let row = y * new.width..<(y + 1) * new.width
      guard comparable, let old else {
        runs.append(Run(x: 0, y: y, cells: new.cells[row]))
        continue
      }
      var x = row.lowerBound
      while x < row.upperBound {
        guard old.cells[x] != new.cells[x] else {
          x += 1
          continue
        }
        var start = x
        // A wide character is written as a whole.
        if new.cells[start].isContinuation, start > row.lowerBound { start -= 1 }
        var end = x + 1
        while end < row.upperBound,
          old.cells[end] != new.cells[end] || new.cells[end].isContinuation
        {
          end += 1
        }
        runs.append(Run(x: start - row.lowerBound, y: y, cells: new.cells[start..<end]))
        x = end
      }
    }
    return runs
  }
}
