public import Graph

/// Runs a graph node by node with the reference kernels; every tensor keeps its own values.
public struct ReferenceExecutor {
  /// The graph.
  public let graph: Graph
  /// Values by tensor; what was never written is empty.
  public var values: [Values]

  /// An executor without values.
  public init(_ graph: Graph) {
    self.graph = graph
    values = Array(repeating: [], count: graph.tensors.count)
  }

  /// The one node of a case, run on the case's own values.
  public init(running opCase: OpCase) {
    self.init(opCase.graph)
    for index in opCase.inputs.indices {
      self[TensorID(index: index)] = opCase.values(ofInput: index).map(Double.init)
    }
    for index in opCase.outputs.indices {
      self[TensorID(index: opCase.inputs.count + index)] =
        opCase.values(ofOutput: index).map(Double.init)
    }
    run()
  }

  /// The values of a tensor.
  public subscript(_ id: TensorID) -> Values {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }

  /// Runs all nodes.
  public mutating func run() {
    for node in graph.nodes { run(node) }
  }

  private mutating func put(_ node: Node, _ index: Int, _ result: Values) {
    let id = node.outputs[index]
    if node.accumulates[index] {
      values[id.index] = zip(values[id.index], result).map { $0 + $1 }
    } else {
      values[id.index] = result
    }
  }

  private func input(_ node: Node, _ index: Int) -> Values { self[node.inputs[index]] }

  private func zeros(_ id: TensorID) -> Values {
    Values(repeating: 0, count: graph[id].shape.count)
  }

  private mutating func run(_ node: Node) {
    switch node.op {
    case .convolution, .convolutionDataGradient, .convolutionWeightGradient: convolution(node)
    case .transposedConvolution(let a):
      var y = zeros(node.outputs[0])
      let (x, weight) = (input(node, 0), input(node, 1))
      ReferenceConvolution.forEachProduct(
        a, x: graph[node.outputs[0]].shape, y: graph[node.inputs[0]].shape
      ) { y[$0] += x[$2] * weight[$1] }
      put(node, 0, y)
    case .transposedConvolutionDataGradient(let a):
      var dx = zeros(node.outputs[0])
      let (dy, weight) = (input(node, 0), input(node, 1))
      ReferenceConvolution.forEachProduct(
        a, x: graph[node.inputs[0]].shape, y: graph[node.outputs[0]].shape
      ) { dx[$2] += dy[$0] * weight[$1] }
      put(node, 0, dx)
    case .transposedConvolutionWeightGradient(let a):
      var dweight = zeros(node.outputs[0])
      let (x, dy) = (input(node, 0), input(node, 1))
      ReferenceConvolution.forEachProduct(
        a, x: graph[node.inputs[1]].shape, y: graph[node.inputs[0]].shape
      ) { dweight[$1] += x[$2] * dy[$0] }
      put(node, 0, dweight)
    case .cast: put(node, 0, input(node, 0))
    case .add(let a):
      let sum = zip(input(node, 0), input(node, 1)).map { $0 + $1 }
      put(node, 0, a.relu ? sum.map { max($0, 0) } : sum)
    case .addGradient(let a):
      let dy = input(node, 0)
      let g = a.relu ? zip(dy, input(node, 1)).map { $1 > 0 ? $0 : 0 } : dy
      put(node, 0, g)
      put(node, 1, g)
    case .simccLinear(let a):
      put(
        node, 0,
        ReferenceSimCC.forward(
          a, graph[node.inputs[0]].shape, x: input(node, 0),
          weights: [input(node, 1), input(node, 3)],
          biases: [input(node, 2), input(node, 4)]))
    case .simccLinearDataGradient(let a):
      put(
        node, 0,
        ReferenceSimCC.dataGradient(
          a, graph[node.outputs[0]].shape, dy: input(node, 0),
          weights: [input(node, 1), input(node, 2)]))
    case .simccLinearWeightGradient(let a):
      let result = ReferenceSimCC.weightGradient(
        a, graph[node.inputs[0]].shape, x: input(node, 0), dy: input(node, 1))
      for (index, values) in result.enumerated() { put(node, index, values) }
    case .batchNorm, .batchNormInference, .batchNormGradient, .batchNormInferenceGradient:
      batchNorm(node)
    case .linear, .linearDataGradient, .linearWeightGradient: linear(node)
    case .linearUpdate: preconditionFailure("the optimiser's step is no op of a pass")
    case .maxPool, .maxPoolGradient, .globalAveragePool, .globalAveragePoolGradient: pool(node)
    case .upsample(let a), .upsampleGradient(let a): upsample(a, node)
    case .reluGradient:
      let y = input(node, 1)
      put(node, 0, input(node, 0).indices.map { y[$0] > 0 ? input(node, 0)[$0] : 0 })
    case .heatmapLoss(let a):
      loss(node) { prediction, keypoints, shape in
        ReferenceLoss.heatmap(a, prediction: prediction, keypoints: keypoints, shape: shape)
      }
    case .coordinateLoss(let a):
      loss(node) { prediction, keypoints, shape in
        ReferenceLoss.coordinates(
          a, prediction: prediction, keypoints: keypoints, images: shape.n)
      }
    case .likelihoodLoss(let a), .likelihoodGradient(let a):
      let result = ReferenceLikelihood.evaluate(
        a, prediction: input(node, 0), keypoints: input(node, 1),
        flow: node.inputs.indices.dropFirst(2).map { input(node, $0) },
        images: graph[node.inputs[0]].shape.n)
      if case .likelihoodGradient = node.op {
        for (index, values) in result.flow.enumerated() { put(node, index, values) }
      } else {
        put(node, 0, result.losses)
        if node.outputs.count > 1 { put(node, 1, result.gradient) }
      }
    case .simccLoss(let a):
      loss(node) { prediction, keypoints, shape in
        ReferenceLoss.simcc(a, prediction: prediction, keypoints: keypoints, images: shape.n)
      }
    }
  }

  private mutating func loss(
    _ node: Node, _ make: (Values, Values, Shape) -> (losses: Values, gradient: Values)
  ) {
    let result = make(input(node, 0), input(node, 1), graph[node.inputs[0]].shape)
    put(node, 0, result.losses)
    if node.outputs.count > 1 { put(node, 1, result.gradient) }
  }

  private mutating func convolution(_ node: Node) {
    let (first, second) = (input(node, 0), input(node, 1))
    switch node.op {
    case .convolution(let a):
      var y = zeros(node.outputs[0])
      let shape = graph[node.outputs[0]].shape
      ReferenceConvolution.forEachProduct(a, x: graph[node.inputs[0]].shape, y: shape) {
        y[$2] += first[$0] * second[$1]
      }
      if a.hasBias {
        let bias = input(node, 2)
        for index in y.indices { y[index] += bias[index % shape.c] }
      }
      put(node, 0, a.relu ? y.map { max($0, 0) } : y)
    case .convolutionDataGradient(let a):
      var dx = zeros(node.outputs[0])
      ReferenceConvolution.forEachProduct(
        a, x: graph[node.outputs[0]].shape, y: graph[node.inputs[0]].shape
      ) {
        dx[$0] += first[$2] * second[$1]
      }
      put(node, 0, dx)
    case .convolutionWeightGradient(let a):
      var dweight = zeros(node.outputs[0])
      let shape = graph[node.inputs[1]].shape
      ReferenceConvolution.forEachProduct(a, x: graph[node.inputs[0]].shape, y: shape) {
        dweight[$1] += first[$0] * second[$2]
      }
      put(node, 0, dweight)
      if a.hasBias { put(node, 1, columnSums(second, shape.c)) }
    default: break
    }
  }

  private func columnSums(_ x: Values, _ c: Int) -> Values {
    var sums = Values(repeating: 0, count: c)
    for (index, value) in x.enumerated() { sums[index % c] += value }
    return sums
  }

  private mutating func batchNorm(_ node: Node) {
    switch node.op {
    case .batchNorm(let a):
      let x = input(node, 0)
      let c = graph[node.inputs[0]].shape.c
      let rows = Double(x.count / c)
      let (mean, variance) = ReferenceBatchNorm.moments(x, c)
      let invStd = variance.map { 1 / ($0 + Double(a.epsilon)).squareRoot() }
      put(
        node, 0,
        ReferenceBatchNorm.apply(
          a, x, gamma: input(node, 1), beta: input(node, 2), mean: mean, invStd: invStd,
          residual: a.hasResidual ? input(node, 5) : nil))
      put(node, 1, mean)
      put(node, 2, invStd)
      let momentum = Double(a.momentum)
      self[node.inputs[3]] = zip(input(node, 3), mean).map { $0 + momentum * ($1 - $0) }
      self[node.inputs[4]] = zip(input(node, 4), variance).map {
        $0 + momentum * ($1 * rows / max(rows - 1, 1) - $0)
      }
    case .batchNormInference(let a):
      put(
        node, 0,
        ReferenceBatchNorm.apply(
          a, input(node, 0), gamma: input(node, 1), beta: input(node, 2), mean: input(node, 3),
          invStd: input(node, 4).map { 1 / ($0 + Double(a.epsilon)).squareRoot() },
          residual: a.hasResidual ? input(node, 5) : nil))
    case .batchNormInferenceGradient(let a):
      let (dy, y, gamma, variance) = (
        input(node, 0), input(node, 1), input(node, 2), input(node, 3)
      )
      let g = dy.indices.map { a.relu && y[$0] <= 0 ? 0 : dy[$0] }
      put(
        node, 0,
        g.indices.map { index in
          let c = index % gamma.count
          return g[index] * gamma[c] / (variance[c] + Double(a.epsilon)).squareRoot()
        })
      if a.hasResidual { put(node, 1, g) }
    case .batchNormGradient(let a):
      let result = ReferenceBatchNorm.gradient(
        a, dy: input(node, 0), x: input(node, 1), gamma: input(node, 2), beta: input(node, 3),
        mean: input(node, 4), invStd: input(node, 5),
        output: a.masksByOutput ? input(node, 6) : nil)
      put(node, 0, result.dx)
      put(node, 1, result.dgamma)
      put(node, 2, result.dbeta)
      if a.hasResidual { put(node, 3, result.masked) }
    default: break
    }
  }

  private mutating func linear(_ node: Node) {
    let (first, second) = (input(node, 0), input(node, 1))
    switch node.op {
    case .linear(let a):
      let (n, outputs) = (graph[node.outputs[0]].shape.n, graph[node.outputs[0]].shape.c)
      let inputs = first.count / n
      let bias = input(node, 2)
      var y = zeros(node.outputs[0])
      for row in 0..<n {
        for o in 0..<outputs {
          var sum = bias[o]
          for i in 0..<inputs { sum += first[row * inputs + i] * second[i * outputs + o] }
          y[row * outputs + o] = a.relu ? max(sum, 0) : sum
        }
      }
      put(node, 0, y)
    case .linearDataGradient:
      let (n, outputs) = (graph[node.inputs[0]].shape.n, graph[node.inputs[0]].shape.c)
      var dx = zeros(node.outputs[0])
      let inputs = dx.count / n
      for row in 0..<n {
        for i in 0..<inputs {
          for o in 0..<outputs {
            dx[row * inputs + i] += first[row * outputs + o] * second[i * outputs + o]
          }
        }
      }
      put(node, 0, dx)
    case .linearWeightGradient:
      let (n, outputs) = (graph[node.inputs[1]].shape.n, graph[node.inputs[1]].shape.c)
      let inputs = first.count / n
      var dweight = zeros(node.outputs[0])
      for row in 0..<n {
        for i in 0..<inputs {
          for o in 0..<outputs {
            dweight[i * outputs + o] += first[row * inputs + i] * second[row * outputs + o]
          }
        }
      }
      put(node, 0, dweight)
      put(node, 1, columnSums(second, outputs))
    default: break
    }
  }

  private mutating func upsample(_ a: Upsample, _ node: Node) {
    let source = input(node, 0)
    var result = zeros(node.outputs[0])
    if case .upsample = node.op {
      ReferenceUpsample.forEachPair(a, graph[node.inputs[0]].shape) {
        result[$1] += source[$0] * $2
      }
    } else {
      ReferenceUpsample.forEachPair(a, graph[node.outputs[0]].shape) {
        result[$0] += source[$1] * $2
      }
    }
    put(node, 0, result)
  }

  private mutating func pool(_ node: Node) {
    let source = input(node, 0)
    var result = zeros(node.outputs[0])
    switch node.op {
    case .maxPool(let a):
      let (x, y) = (graph[node.inputs[0]].shape, graph[node.outputs[0]].shape)
      var positions = result
      forEachWindow(a, x, y) { out, candidates in
        var best = candidates[0]
        for candidate in candidates.dropFirst() where source[candidate.at] > source[best.at] {
          best = candidate
        }
        result[out] = a.relu ? max(source[best.at], 0) : source[best.at]
        positions[out] = Double(best.code)
      }
      put(node, 1, positions)
    case .maxPoolGradient(let a):
      let positions = input(node, 1)
      let (x, y) = (graph[node.outputs[0]].shape, graph[node.inputs[0]].shape)
      forEachWindow(a, x, y) { out, candidates in
        if a.relu, input(node, 2)[out] <= 0 { return }
        for candidate in candidates where candidate.code == Int(positions[out]) {
          result[candidate.at] += source[out]
        }
      }
    case .globalAveragePool:
      let x = graph[node.inputs[0]].shape
      for (index, value) in source.enumerated() {
        result[index / x.countPerImage * x.c + index % x.c] += value / Double(x.h * x.w)
      }
    case .globalAveragePoolGradient:
      let x = graph[node.outputs[0]].shape
      for index in result.indices {
        result[index] =
          source[index / x.countPerImage * x.c + index % x.c] / Double(x.h * x.w)
      }
    default: break
    }
    put(node, 0, result)
  }

  /// Calls `body` with the inputs of each output's window that lie in the picture, and their codes.
  private func forEachWindow(
    _ a: MaxPool, _ x: Shape, _ y: Shape,
    _ body: (_ out: Int, _ candidates: [(at: Int, code: Int)]) -> Void
  ) {
    for n in 0..<y.n {
      for oy in 0..<y.h {
        for ox in 0..<y.w {
          for c in 0..<y.c {
            var candidates: [(at: Int, code: Int)] = []
            for code in 0..<a.kernel * a.kernel {
              let iy = oy * a.stride - a.padding + code / a.kernel
              let ix = ox * a.stride - a.padding + code % a.kernel
              if (0..<x.h).contains(iy), (0..<x.w).contains(ix) {
                candidates.append((((n * x.h + iy) * x.w + ix) * x.c + c, code))
              }
            }
            body(((n * y.h + oy) * y.w + ox) * y.c + c, candidates)
          }
        }
      }
    }
  }
}
