import Graph

extension CUDABackend {
  /// Chooses for a node how the GPU does it.
  func compiler(for node: Node, in graph: Graph) -> any NodeCompiler {
    func shape(_ id: TensorID) -> Shape { graph[id].shape }
    func bytes(_ id: TensorID) -> Int { graph[id].elementBytes }
    /// Over the large and the small map of a convolution.
    func convolution(
      _ kind: ConvolutionProblem.Kind, _ attributes: Convolution, large: TensorID, small: TensorID,
      places: (x: ConvolutionNode.Place, filter: ConvolutionNode.Place, y: ConvolutionNode.Place)
    ) -> ConvolutionNode {
      var problem = ConvolutionProblem(
        kind, attributes, large: shape(large), small: shape(small), largeBytes: bytes(large),
        smallBytes: bytes(small), self.kind)
      problem.accumulates = node.accumulates[0]
      let isForward = kind == .forward
      return ConvolutionNode(
        problem, bias: attributes.hasBias && kind != .dataGradient,
        relu: attributes.relu && isForward, places: places,
        filterIsParameter: node.inputs.count > 1 && graph[node.inputs[1]].isParameter,
        cudnn: cudnn, multipliesSixteen: cublas != nil)
    }
    let (inputs, outputs) = (node.inputs, node.outputs)
    switch node.op {
    case .convolution(let attributes):
      return convolution(
        .forward, attributes, large: inputs[0], small: outputs[0],
        places: (.input(0), .input(1), .output(0)))
    case .convolutionDataGradient(let attributes):
      return convolution(
        .dataGradient, attributes, large: outputs[0], small: inputs[0],
        places: (.output(0), .input(1), .input(0)))
    case .convolutionWeightGradient(let attributes):
      return convolution(
        .weightGradient, attributes, large: inputs[0], small: inputs[1],
        places: (.input(0), .output(0), .input(1)))
    // A transposed convolution is the data gradient of the convolution that it turns round.
    case .transposedConvolution(let attributes):
      return convolution(
        .dataGradient, attributes, large: outputs[0], small: inputs[0],
        places: (.output(0), .input(1), .input(0)))
    case .transposedConvolutionDataGradient(let attributes):
      return convolution(
        .forward, attributes, large: inputs[0], small: outputs[0],
        places: (.input(0), .input(1), .output(0)))
    case .transposedConvolutionWeightGradient(let attributes):
      return convolution(
        .weightGradient, attributes, large: inputs[1], small: inputs[0],
        places: (.input(1), .output(0), .input(0)))
    case .linear(let attributes):
      let x = shape(inputs[0])
      return LinearNode(
        attributes: attributes, batch: x.n, inputs: x.countPerImage,
        outputs: shape(outputs[0]).c, isSixteen: self.kind.isSixteen)
    case .linearDataGradient:
      let dx = shape(outputs[0])
      return LinearDataGradientNode(
        batch: dx.n, inputs: dx.countPerImage, outputs: shape(inputs[0]).c,
        isSixteen: self.kind.isSixteen)
    case .linearWeightGradient:
      let x = shape(inputs[0])
      return LinearWeightGradientNode(
        batch: x.n, inputs: x.countPerImage, outputs: shape(inputs[1]).c)
    case .linearUpdate:
      return LinearUpdateNode(
        inputs: shape(inputs[0]).countPerImage, outputs: shape(inputs[1]).c)
    case .simccLinear(let attributes):
      return SimCCNode(kind: .forward, attributes: attributes, x: shape(inputs[0]))
    case .simccLinearDataGradient(let attributes):
      return SimCCNode(kind: .dataGradient, attributes: attributes, x: shape(outputs[0]))
    case .simccLinearWeightGradient(let attributes):
      return SimCCNode(kind: .weightGradient, attributes: attributes, x: shape(inputs[0]))
    case .batchNorm(let attributes):
      return BatchNormForward(
        attributes: attributes, shape: shape(inputs[0]), bytes: bytes(inputs[0]))
    case .batchNormInference(let attributes):
      return BatchNormInference(attributes: attributes, bytes: bytes(inputs[0]))
    case .batchNormGradient(let attributes):
      return BatchNormGradientNode(
        attributes: attributes, shape: shape(inputs[0]), bytes: bytes(inputs[0]))
    case .batchNormInferenceGradient(let attributes):
      return BatchNormInferenceGradient(attributes: attributes, bytes: bytes(inputs[0]))
    case .cast: return CastNode()
    case .reluGradient: return ReluGradientNode()
    case .add(let attributes): return AddNode(attributes: attributes)
    case .addGradient(let attributes): return AddGradientNode(attributes: attributes)
    case .maxPool(let attributes): return MaxPoolNode(attributes: attributes)
    case .maxPoolGradient(let attributes): return MaxPoolGradientNode(attributes: attributes)
    case .globalAveragePool: return GlobalAveragePoolNode()
    case .globalAveragePoolGradient: return GlobalAveragePoolGradientNode()
    case .upsample(let attributes): return UpsampleNode(attributes: attributes)
    case .upsampleGradient(let attributes): return UpsampleGradientNode(attributes: attributes)
    case .heatmapLoss(let attributes):
      return HeatmapLossNode(attributes: attributes, shape: shape(inputs[0]))
    case .coordinateLoss(let attributes):
      return CoordinateLossNode(attributes: attributes, keypointCount: shape(inputs[1]).w)
    case .simccLoss(let attributes):
      return SimCCLossNode(
        attributes: attributes, keypointCount: shape(inputs[1]).w, images: shape(inputs[0]).n)
    case .likelihoodLoss(let attributes):
      return LikelihoodLossNode(
        attributes: attributes, keypointCount: shape(inputs[1]).w, images: shape(inputs[0]).n)
    case .likelihoodGradient(let attributes):
      return LikelihoodGradientNode(
        attributes: attributes, keypointCount: shape(inputs[1]).w, images: shape(inputs[0]).n)
    }
  }
}

extension TensorInfo {
  /// Whether it lies in the slab of weights.
  var isParameter: Bool {
    if case .parameter = storage { true } else { false }
  }
}
