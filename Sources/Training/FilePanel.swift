import Glibc
import Graph

/// Some columns of a parameter in the order of PyTorch's files: one column after the other, its rows
/// arranged as files have them.
final class FilePanel {
  /// Columns of a panel: a cache line of each row.
  static let width = 16
  /// Rows that are turned at once: what the first-level cache holds of all columns.
  private static let block = 64

  private let layout: ParameterLayout
  private let rows: Int
  /// The row here of each value of a column as files order it, the same for all columns.
  private let order: [Int32]
  private let values: UnsafeMutablePointer<Float>
  private let tile: UnsafeMutablePointer<Float>

  init(_ layout: ParameterLayout) {
    self.layout = layout
    rows = layout.count / layout.columns
    order = (0..<rows).map { Int32(layout.position(ofFileIndex: $0) / layout.columns) }
    values = .allocate(capacity: rows * min(Self.width, layout.columns))
    tile = .allocate(capacity: Self.width * Self.block)
  }

  deinit {
    values.deallocate()
    tile.deallocate()
  }

  /// Bytes of memory that are taken for a parameter.
  static func bytes(_ layout: ParameterLayout) -> Int {
    4 * layout.count / layout.columns * (min(width, layout.columns) + 1) + 4 * width * block
  }

  /// The columns from `first` on, as many as fit and there are.
  ///
  /// - Parameter source: the parameter's values as they lie here.
  /// - Returns: their bytes, until the next call.
  func take(_ source: UnsafeBufferPointer<Float>, from first: Int) -> UnsafeRawBufferPointer {
    precondition(source.count == layout.count && first < layout.columns)
    guard let base = source.baseAddress else { return .init(start: nil, count: 0) }
    let count = min(Self.width, layout.columns - first)
    // Columns lie at distances that share cache sets, so each gets some rows at a time.
    for start in stride(from: 0, to: rows, by: Self.block) {
      let height = min(Self.block, rows - start)
      for row in 0..<height {
        let from = base + Int(order[start + row]) * layout.columns + first
        for column in 0..<count { tile[column * Self.block + row] = from[column] }
      }
      for column in 0..<count {
        memcpy(values + column * rows + start, tile + column * Self.block, 4 * height)
      }
    }
    return UnsafeRawBufferPointer(start: values, count: 4 * rows * count)
  }
}
