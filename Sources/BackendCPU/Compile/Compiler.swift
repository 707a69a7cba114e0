import Graph

/// Chooses for each node how the CPU does it.
enum Compiler {
  static func compiler(
    for node: Node, in graph: Graph, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler {
    // A node's maps are all of one kind; what is `Float` in any case is no map.
    let tensors = node.inputs.prefix(1) + node.outputs.prefix(1)
    return tensors.contains { graph[$0].elementBytes == 2 }
      ? gathering(for: node, in: graph, threads: threads, kernels, UInt16.self)
      : gathering(for: node, in: graph, threads: threads, kernels, Float.self)
  }

  /// A convolution before a batch norm takes its moments too.
  private static func gathering<Value: MapValue>(
    for node: Node, in graph: Graph, threads: Int, _ kernels: KernelTable, _ maps: Value.Type
  ) -> any NodeCompiler {
    let plain = compiler(for: node, in: graph, threads: threads, kernels, maps)
    guard let position = graph.position(of: node) else { return plain }
    if case .batchNorm(let attributes) = node.op, graph.gathersStatistics(before: position) {
      let before = graph.nodes[position - 1]
      let shape = graph[node.inputs[0]].shape
      let isGathered =
        GatheredMoments<Value>(
          compiler(for: before, in: graph, threads: threads, kernels, maps), batchNorm: node,
          attributes: attributes, shape: shape) != nil
      return BatchNormForward<Value>(
        attributes: attributes, shape: shape, isGathered: isGathered)
    }
    guard position + 1 < graph.nodes.count, graph.gathersStatistics(before: position + 1),
      case .batchNorm(let attributes) = graph.nodes[position + 1].op
    else { return plain }
    return GatheredMoments<Value>(
      plain, batchNorm: graph.nodes[position + 1], attributes: attributes,
      shape: graph[node.outputs[0]].shape) ?? plain
  }

  private static func compiler<Value: MapValue>(
    for node: Node, in graph: Graph, threads: Int, _ kernels: KernelTable, _ maps: Value.Type
  ) -> any NodeCompiler {
    func shape(_ id: TensorID) -> Shape { graph[id].shape }
    func bytes(_ id: TensorID) -> Int { graph[id].elementBytes }
    switch node.op {
    case .convolution(let attributes):
      return Value.convolution(
        attributes, x: shape(node.inputs[0]), y: shape(node.outputs[0]),
        resultBytes: bytes(node.outputs[0]), threads: threads, kernels)
    case .convolutionDataGradient(let attributes):
      return Value.dataGradient(
        attributes, x: shape(node.outputs[0]), y: shape(node.inputs[0]), threads: threads, kernels)
    case .convolutionWeightGradient(let attributes):
      return Value.weightGradient(
        attributes, x: shape(node.inputs[0]), y: shape(node.inputs[1]), threads: threads, kernels)
    case .transposedConvolution(let attributes):
      return Value.transposed(
        attributes, small: shape(node.inputs[0]), large: shape(node.outputs[0]), threads: threads,
        kernels)
    case .transposedConvolutionDataGradient(let attributes):
      return Value.dataGradientOfTransposed(
        attributes, small: shape(node.outputs[0]), large: shape(node.inputs[0]),
        resultBytes: bytes(node.outputs[0]), threads: threads, kernels)
    case .transposedConvolutionWeightGradient(let attributes):
      return Value.weightGradientOfTransposed(
        attributes, small: shape(node.inputs[0]), large: shape(node.inputs[1]), threads: threads)
    case .batchNorm(let attributes):
      return BatchNormForward<Value>(
        attributes: attributes, shape: shape(node.inputs[0]), isGathered: false)
    case .batchNormInference(let attributes):
      return BatchNormInference<Value>(attributes: attributes, shape: shape(node.inputs[0]))
    case .batchNormGradient(let attributes):
      return BatchNormGradientNode<Value>(attributes: attributes, shape: shape(node.inputs[0]))
    case .batchNormInferenceGradient(let attributes):
      return BatchNormInferenceGradient<Value>(attributes: attributes, shape: shape(node.inputs[0]))
    case .cast:
      return SimpleNode.cast(
        shape(node.inputs[0]), fromBytes: graph[node.inputs[0]].elementBytes,
        toBytes: graph[node.outputs[0]].elementBytes)
    case .reluGradient: return SimpleNode.reluGradient(shape(node.inputs[0]), maps)
    case .add(let attributes): return SimpleNode.add(attributes, shape(node.inputs[0]), maps)
    case .addGradient(let attributes):
      return SimpleNode.addGradient(attributes, shape(node.inputs[0]), maps)
    case .maxPool(let attributes):
      return SimpleNode.maxPool(attributes, shape(node.inputs[0]), maps)
    case .maxPoolGradient(let attributes):
      return SimpleNode.maxPoolGradient(attributes, shape(node.outputs[0]), maps)
    case .globalAveragePool: return SimpleNode.globalAveragePool(shape(node.inputs[0]), maps)
    case .globalAveragePoolGradient:
      return SimpleNode.globalAveragePoolGradient(shape(node.outputs[0]), maps)
    case .upsample(let attributes):
      return SimpleNode.upsample(attributes, shape(node.inputs[0]), maps)
    case .upsampleGradient(let attributes):
      return SimpleNode.upsampleGradient(attributes, shape(node.outputs[0]), maps)
    case .linear(let attributes):
      let (x, y) = (shape(node.inputs[0]), shape(node.outputs[0]))
      if let layer = GiantLinear(batch: x.n, inputs: x.countPerImage, outputs: y.c) {
        return GiantLinearForward(layer: layer, attributes: attributes, threads: threads)
      }
      return LinearForward(
        attributes: attributes, batch: x.n, inputs: x.countPerImage, outputs: y.c)
    case .linearDataGradient:
      let (dy, dx) = (shape(node.inputs[0]), shape(node.outputs[0]))
      if !node.accumulates[0],
        let layer = GiantLinear(batch: dx.n, inputs: dx.countPerImage, outputs: dy.c)
      {
        return GiantLinearDataGradient(layer: layer, threads: threads)
      }
      return LinearDataGradient(inputs: dx.countPerImage, outputs: dy.c)
    case .linearWeightGradient:
      let (x, dy) = (shape(node.inputs[0]), shape(node.inputs[1]))
      return LinearWeightGradient(batch: x.n, inputs: x.countPerImage, outputs: dy.c)
    case .linearUpdate:
      let (x, dy) = (shape(node.inputs[0]), shape(node.inputs[1]))
      return LinearUpdate(
        batch: x.n, inputs: x.countPerImage, outputs: dy.c, threads: threads)
    case .heatmapLoss(let attributes):
      return HeatmapLossNode(
        attributes: attributes, shape: shape(node.inputs[0]), threads: threads)
    case .simccLinear(let attributes):
      return SimCCLinearForward(attributes: attributes, x: shape(node.inputs[0]))
    case .simccLinearDataGradient(let attributes):
      return SimCCLinearDataGradient(attributes: attributes, x: shape(node.outputs[0]))
    case .simccLinearWeightGradient(let attributes):
      return SimCCLinearWeightGradient(attributes: attributes, x: shape(node.inputs[0]))
    case .simccLoss(let attributes):
      return SimCCLossNode(attributes: attributes, keypointCount: shape(node.inputs[1]).w)
    case .likelihoodLoss(let attributes):
      return LikelihoodLossNode(
        attributes: attributes, keypointCount: shape(node.inputs[1]).w, threads: threads)
    case .likelihoodGradient(let attributes):
      return LikelihoodGradientNode(
        attributes: attributes, keypointCount: shape(node.inputs[1]).w, threads: threads)
    case .coordinateLoss(let attributes):
      return CoordinateLossNode(
        attributes: attributes, keypointCount: shape(node.inputs[1]).w)
    }
  }
}
