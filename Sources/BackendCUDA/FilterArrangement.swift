import Graph

/// The filters of convolutions lie on the GPU as cuDNN reads them, `[out, kh, kw, in]`: the transpose of
/// the slab's `[kh · kw · in, out]`. Values are turned where they come in and go out, so that no step
/// turns anything.
struct FilterArrangement: Sendable, Hashable {
  /// First element in the slab or tensor.
  let first: Int
  /// `kh · kw · in`.
  let rows: Int
  /// `out`.
  let columns: Int

  var count: Int { rows * columns }

  /// Values in the slab's order as they lie on the GPU.
  func turned(_ values: UnsafeBufferPointer<Float>) -> [Float] {
    Self.transposed(values, rows: rows, columns: columns)
  }

  /// Values from the GPU in the slab's order.
  func turnedBack(_ values: [Float]) -> [Float] {
    values.withUnsafeBufferPointer { Self.transposed($0, rows: columns, columns: rows) }
  }

  private static func transposed(
    _ values: UnsafeBufferPointer<Float>, rows: Int, columns: Int
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows * columns) { result, count in
      // Blocks, so that neither side jumps through more lines than a cache holds.
      for top in stride(from: 0, to: rows, by: 32) {
        for left in stride(from: 0, to: columns, by: 32) {
          for row in top..<min(top + 32, rows) {
            for column in left..<min(left + 32, columns) {
              result[column * rows + row] = values[row * columns + column]
            }
          }
        }
      }
      count = rows * columns
    }
  }

  /// The filters of a slab whose parameters begin at `offsets`.
  static func filters(_ parameters: [Parameter], at offsets: [Int]) -> [FilterArrangement] {
    zip(parameters, offsets).compactMap { parameter, offset in
      switch parameter.layout {
      case .convolution, .transposedConvolution:
        let columns = parameter.layout.columns
        return FilterArrangement(
          first: offset, rows: parameter.layout.count / columns, columns: columns)
      case .linear, .flattenedLinear, .vector: return nil
      }
    }.sorted { $0.first < $1.first }
  }

  /// The tensors of a graph that are filters or their gradients, by their index.
  static func filters(of graph: Graph) -> [Int: FilterArrangement] {
    var result: [Int: FilterArrangement] = [:]
    func filter(_ tensor: TensorID, columns: Int) {
      result[tensor.index] = FilterArrangement(
        first: 0, rows: graph[tensor].shape.count / columns, columns: columns)
    }
    for node in graph.nodes {
      switch node.op {
      case .convolution: filter(node.inputs[1], columns: graph[node.outputs[0]].shape.c)
      case .convolutionDataGradient: filter(node.inputs[1], columns: graph[node.inputs[0]].shape.c)
      case .convolutionWeightGradient:
        filter(node.outputs[0], columns: graph[node.inputs[1]].shape.c)
      case .transposedConvolution: filter(node.inputs[1], columns: graph[node.inputs[0]].shape.c)
      case .transposedConvolutionDataGradient:
        filter(node.inputs[1], columns: graph[node.outputs[0]].shape.c)
      case .transposedConvolutionWeightGradient:
        filter(node.outputs[0], columns: graph[node.inputs[0]].shape.c)
      default: break
      }
    }
    return result
  }
}
