import Graph
import Nets
import TrainingAPI

extension LayerReport {
  /// The layers of a program in the order of its forward pass: nodes of one path are one layer.
  static func layers(of program: Program) -> [LayerReport] {
    let graph = program.evaluation.graph
    var layers: [LayerReport] = []
    for node in graph.nodes {
      guard let output = node.outputs.first.map({ graph.tensors[$0.index] }) else { continue }
      let parameters = node.inputs.reduce(0) { sum, input in
        let tensor = graph.tensors[input.index]
        if case .parameter = tensor.storage { return sum + tensor.shape.count }
        return sum
      }
      // What is no product takes about one operation for each value of the output.
      let products = node.op.flops(node, in: graph) / output.shape.n
      let flops = products > 0 ? products : output.shape.countPerImage
      if let last = layers.last, last.name == node.scope {
        layers[layers.count - 1].parameters += parameters
        layers[layers.count - 1].flops += flops
        continue
      }
      layers.append(
        LayerReport(
          name: node.scope, op: layerName(node.op),
          output: [output.shape.n, output.shape.h, output.shape.w, output.shape.c],
          parameters: parameters, flops: flops, bytes: output.bytes))
    }
    return layers
  }

  /// What a layer does, whichever pass its node is from.
  private static func layerName(_ op: Op) -> String {
    if case .batchNormInference(let norm) = op { return Op.batchNorm(norm).name }
    return op.name
  }
}

extension LearningRateSchedule {
  /// The rate at `count` evenly spaced steps from the first to the last.
  func samples(_ count: Int) -> [Double] {
    (0..<count).map { rate(atStep: 1 + $0 * max(0, total - 1) / max(1, count - 1)) }
  }
}
