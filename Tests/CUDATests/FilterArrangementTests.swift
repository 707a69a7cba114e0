import BackendCPU
import Graph
import Nets
import TestSupport
import Testing

@testable import BackendCUDA

@Suite struct FilterArrangementTests {
  @Test(arguments: [(1, 1), (27, 16), (9, 1), (1, 9), (64, 32), (33, 65), (147, 64), (4608, 40)])
  func `a filter is turned and turned back`(_ rows: Int, _ columns: Int) {
    let filter = FilterArrangement(first: 5, rows: rows, columns: columns)
    let values = (0..<rows * columns).map(Float.init)
    let turned = values.withUnsafeBufferPointer { filter.turned($0) }
    for row in [0, rows / 2, rows - 1] {
      for column in [0, columns / 2, columns - 1] {
        #expect(turned[column * rows + row] == values[row * columns + column])
      }
    }
    #expect(filter.turnedBack(turned) == values)
  }

  /// What a session turns in a slab and what it turns in a tensor.
  @Test(arguments: [("resnet50", Head.heatmap), ("resnet18", .simcc), ("cnn", .regression)])
  func `slab and graph agree on which tensors are filters`(_ name: String, _ head: Head) throws {
    let definition = try Catalog.model(name)
    let model = try ModelProgram(
      definition: definition, head: head,
      loss: Catalog.loss(definition.variant(head).defaults.loss), batch: 2, width: 64, height: 64,
      keypoints: .plain(5), isUnbiased: true, workspace: CPUBackend(threads: 1).workspaceBytes)
    let table = model.program.parameters
    let inSlab = Dictionary(
      uniqueKeysWithValues: FilterArrangement.filters(table.parameters, at: table.offsets).map {
        ($0.first, $0)
      })
    let graph = model.program.training.graph
    let inGraph = FilterArrangement.filters(of: graph)
    var seen: Set<Int> = []
    for (index, tensor) in graph.tensors.enumerated() {
      let parameter: Int
      switch tensor.storage {
      case .parameter(let place), .parameterGradient(let place): parameter = place
      default:
        #expect(inGraph[index] == nil, "\(tensor.name)")
        continue
      }
      let (wanted, found) = (inSlab[table.offsets[parameter]], inGraph[index])
      #expect(wanted?.rows == found?.rows && wanted?.columns == found?.columns, "\(tensor.name)")
      if found != nil { seen.insert(parameter) }
    }
    #expect(seen.count == inSlab.count)
  }
}
