import Graph

/// Sums over all rows of a batch: the gradient of a bias.
enum ColumnSums {
  /// Rows are split into so many parts at most, whose sums are added in order.
  private static let parts = 8

  static func workspaceFloats(columns: Int) -> Int { parts * columns }

  static func phases<Value: MapValue>(
    _ x: UnsafeMutablePointer<Value>, rowsPerImage: Int, columns: Int,
    into sums: UnsafeMutablePointer<Float>, workspace: UnsafeMutablePointer<Float>,
    _ kernels: KernelTable
  ) -> [Phase] {
    func split(_ batch: Int) -> Pieces {
      let rows = batch * rowsPerImage
      return Pieces(total: rows, largest: (rows + parts - 1) / parts)
    }
    return [
      Phase(pieces: { split($0).count }) { batch, piece, _ in
        let range = split(batch)
        Value.kernels(kernels).sumRows(
          x + range.first(piece) * columns, range.count(of: piece), columns,
          workspace + piece * columns)
      },
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        kernels.sumParts(workspace, split(batch).count, columns, 0, columns, sums)
      },
    ]
  }
}
