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
    let isFloat = MemoryLayout<Value>.size == 4
    let prefersWinograd = Value.prefersWinograd(kernels)
    func shape(_ id: TensorID) -> Shape { graph[id].shape }
    switch node.op {
    case .convolution(let attributes):
      let (x, y) = (shape(node.inputs[0]), shape(node.outputs[0]))
      let isMap = graph[node.outputs[0]].elementBytes == MemoryLayout<Value>.size
      if prefersWinograd, isMap, attributes.suitsWinograd(input: x.c, output: y.c) {
        if isFloat {
          return WinogradFours(
            attributes, source: x, channels: y.c, isDataGradient: false, threads: threads)
        }
        return WinogradConvolution<Value>(
          attributes, source: x, channels: y.c, isDataGradient: false, threads: threads)
      }
      return Value.convolution(
        attributes, x: x, y: y, resultBytes: graph[node.outputs[0]].elementBytes,
        threads: threads)
    case .convolutionDataGradient(let attributes):
      let (dy, dx) = (shape(node.inputs[0]), shape(node.outputs[0]))
      if prefersWinograd, attributes.suitsWinograd(input: dx.c, output: dy.c) {
        if isFloat {
          return WinogradFours(
            attributes, source: dy, channels: dx.c, isDataGradient: true, threads: threads)
        }
        return WinogradConvolution<Value>(
          attributes, source: dy, channels: dx.c, isDataGradient: true, threads: threads)
      }
      return Value.dataGradient(attributes, x: dx, y: dy, threads: threads)
    case .convolutionWeightGradient(let attributes):
      let (x, dy) = (shape(node.inputs[0]), shape(node.inputs[1]))
      if prefersWinograd, attributes.suitsWinograd(input: x.c, output: dy.c) {
        if isFloat {
          return WinogradFoursWeightGradient(attributes, x: x, dy: dy, threads: threads)
        }
        return WinogradWeightGradient<Value>(attributes, x: x, dy: dy, threads: threads)
      }
      return Value.weightGradient(attributes, x: x, y: dy, threads: threads)
    case .transposedConvolution(let attributes):
      let (small, large) = (shape(node.inputs[0]), shape(node.outputs[0]))
      return Value.transposed(
        attributes, small: small, large: large, threads: threads)
    case .transposedConvolutionDataGradient(let attributes):
      return Value.dataGradientOfTransposed(
        attributes, small: shape(node.outputs[0]), large: shape(node.inputs[0]),
        resultBytes: graph[node.outputs[0]].elementBytes, threads: threads)
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
