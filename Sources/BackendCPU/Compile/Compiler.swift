import Graph

/// Chooses for each node how the CPU does it.
enum Compiler {
  static func compiler(for node: Node, in graph: Graph, threads: Int) -> any NodeCompiler {
    func shape(_ id: TensorID) -> Shape { graph[id].shape }
    switch node.op {
    case .convolution(let attributes):
      let (x, y) = (shape(node.inputs[0]), shape(node.outputs[0]))
      if attributes.suitsWinograd(input: x.c, output: y.c) {
        return WinogradConvolution(
          attributes, source: x, channels: y.c, isDataGradient: false, threads: threads)
      }
      return WindowConvolution(
        geometry: WindowGeometry(attributes, x: x, y: y), threads: threads)
    case .convolutionDataGradient(let attributes):
      let (dy, dx) = (shape(node.inputs[0]), shape(node.outputs[0]))
      if attributes.suitsWinograd(input: dx.c, output: dy.c) {
        return WinogradConvolution(
          attributes, source: dy, channels: dx.c, isDataGradient: true, threads: threads)
      }
      return WindowDataGradient(
        geometry: WindowGeometry(attributes, x: dx, y: dy), threads: threads)
    case .convolutionWeightGradient(let attributes):
      let (x, dy) = (shape(node.inputs[0]), shape(node.inputs[1]))
      if attributes.suitsWinograd(input: x.c, output: dy.c) {
        return WinogradWeightGradient(attributes, x: x, dy: dy, threads: threads)
      }
      return WindowWeightGradient(
        geometry: WindowGeometry(attributes, x: x, y: dy), threads: threads)
    case .transposedConvolution(let attributes):
      let (small, large) = (shape(node.inputs[0]), shape(node.outputs[0]))
      if attributes.suitsTransposedWinograd(small: small, large: large, isDataGradient: false) {
        return TransposedWinograd(small: small, large: large, threads: threads)
      }
      return WindowDataGradient(
        geometry: WindowGeometry(
          attributes, x: shape(node.outputs[0]), y: shape(node.inputs[0])), threads: threads)
    case .transposedConvolutionDataGradient(let attributes):
      let (small, large) = (shape(node.outputs[0]), shape(node.inputs[0]))
      if attributes.suitsTransposedWinograd(small: small, large: large, isDataGradient: true) {
        return TransposedWinogradDataGradient(small: small, large: large, threads: threads)
      }
      return WindowConvolution(
        geometry: WindowGeometry(
          attributes, x: shape(node.inputs[0]), y: shape(node.outputs[0])), threads: threads)
    case .transposedConvolutionWeightGradient(let attributes):
      let (small, large) = (shape(node.inputs[0]), shape(node.inputs[1]))
      if attributes.suitsTransposedWinograd(small: small, large: large, isDataGradient: false) {
        return TransposedWinogradWeightGradient(small: small, large: large, threads: threads)
      }
      return WindowWeightGradient(
        geometry: WindowGeometry(
          attributes, x: shape(node.inputs[1]), y: shape(node.inputs[0])), threads: threads,
        isTransposed: true)
    case .batchNorm(let attributes):
      return BatchNormForward(attributes: attributes, shape: shape(node.inputs[0]))
    case .batchNormInference(let attributes):
      return BatchNormInference(attributes: attributes, shape: shape(node.inputs[0]))
    case .batchNormGradient(let attributes):
      return BatchNormGradientNode(attributes: attributes, shape: shape(node.inputs[0]))
    case .batchNormInferenceGradient(let attributes):
      return BatchNormInferenceGradient(attributes: attributes, shape: shape(node.inputs[0]))
    case .reluGradient: return SimpleNode.reluGradient(shape(node.inputs[0]))
    case .add(let attributes): return SimpleNode.add(attributes, shape(node.inputs[0]))
    case .addGradient(let attributes):
      return SimpleNode.addGradient(attributes, shape(node.inputs[0]))
    case .maxPool(let attributes): return SimpleNode.maxPool(attributes, shape(node.inputs[0]))
    case .maxPoolGradient(let attributes):
      return SimpleNode.maxPoolGradient(attributes, shape(node.outputs[0]))
    case .globalAveragePool: return SimpleNode.globalAveragePool(shape(node.inputs[0]))
    case .globalAveragePoolGradient:
      return SimpleNode.globalAveragePoolGradient(shape(node.outputs[0]))
    case .upsample(let attributes):
      return SimpleNode.upsample(attributes, shape(node.inputs[0]))
    case .upsampleGradient(let attributes):
      return SimpleNode.upsampleGradient(attributes, shape(node.outputs[0]))
    case .linear(let attributes):
      return LinearForward(
        attributes: attributes, batch: shape(node.inputs[0]).n,
        inputs: shape(node.inputs[0]).countPerImage, outputs: shape(node.outputs[0]).c)
    case .linearDataGradient:
      return LinearDataGradient(
        inputs: shape(node.outputs[0]).countPerImage, outputs: shape(node.inputs[0]).c)
    case .linearWeightGradient:
      return LinearWeightGradient(
        inputs: shape(node.inputs[0]).countPerImage, outputs: shape(node.inputs[1]).c)
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
