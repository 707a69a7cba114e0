extension Op {
  /// Multiplications and additions of the direct method; 0 for ops whose time is that of memory.
  public func flops(_ node: Node, in graph: Graph) -> Int {
    func shape(_ id: TensorID) -> Shape { graph[id].shape }
    switch self {
    case .convolution(let a):
      return a.flops(input: shape(node.inputs[0]), output: shape(node.outputs[0]))
    case .convolutionDataGradient(let a):
      return a.flops(input: shape(node.outputs[0]), output: shape(node.inputs[0]))
    case .convolutionWeightGradient(let a):
      return a.flops(input: shape(node.inputs[0]), output: shape(node.inputs[1]))
    case .transposedConvolution(let a):
      return a.flops(input: shape(node.outputs[0]), output: shape(node.inputs[0]))
    case .transposedConvolutionDataGradient(let a):
      return a.flops(input: shape(node.inputs[0]), output: shape(node.outputs[0]))
    case .transposedConvolutionWeightGradient(let a):
      return a.flops(input: shape(node.inputs[1]), output: shape(node.inputs[0]))
    case .linear:
      return 2 * shape(node.inputs[0]).countPerImage * shape(node.outputs[0]).count
    case .linearDataGradient:
      return 2 * shape(node.outputs[0]).countPerImage * shape(node.inputs[0]).count
    case .linearWeightGradient, .linearUpdate:
      return 2 * shape(node.inputs[0]).countPerImage * shape(node.inputs[1]).count
    case .simccLinear(let a): return 2 * shape(node.inputs[0]).count * a.bins
    case .simccLinearDataGradient(let a): return 2 * shape(node.outputs[0]).count * a.bins
    case .simccLinearWeightGradient(let a): return 2 * shape(node.inputs[0]).count * a.bins
    case .batchNorm, .batchNormInference, .batchNormInferenceGradient, .batchNormGradient,
      .cast, .reluGradient, .add, .addGradient, .maxPool, .maxPoolGradient, .globalAveragePool,
      .globalAveragePoolGradient, .upsample, .upsampleGradient, .heatmapLoss, .coordinateLoss,
      .simccLoss:
      return 0
    case .likelihoodLoss(let a): return a.flops(points: shape(node.inputs[1]))
    case .likelihoodGradient(let a): return 3 * a.flops(points: shape(node.inputs[1]))
    }
  }
}

extension LikelihoodLoss {
  /// Multiplications and additions of the flow forward, for `[N, 1, K, 3]` keypoints.
  fileprivate func flops(points: Shape) -> Int {
    points.n * points.w * layers * 2 * Self.extents.reduce(0) { $0 + 2 * $1.0 * $1.1 }
  }
}

extension Node {
  /// Bytes of the tensors that it reads and writes, once each: what moves at least.
  public func bytes(in graph: Graph) -> Int {
    (inputs + outputs).reduce(0) { $0 + graph[$1].bytes }
  }
}
