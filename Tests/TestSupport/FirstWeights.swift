public import Execution
public import Graph
import Nets

extension BackendSession {
  /// Writes the first weights and statistics of a training with that seed.
  public func writeFirstValues(of table: ParameterTable, seed: Int) {
    func write(_ parameters: [Parameter], _ offsets: [Int], _ slab: Slab) {
      for (parameter, offset) in zip(parameters, offsets) {
        InitialWeights.values(of: parameter, seed: seed).withUnsafeBufferPointer {
          self.write($0, to: slab, from: offset)
        }
      }
    }
    write(table.parameters, table.offsets, .weights)
    write(table.statistics, table.statisticOffsets, .statistics)
  }
}
