public import Graph
import Support

/// One node with shapes: what every backend is tested with.
public struct OpCase: Sendable, CustomStringConvertible {
  /// The name that a failure prints.
  public let name: String
  /// The op.
  public let op: Op
  /// Shapes of the inputs in the op's order.
  public let inputs: [Shape]
  /// Shapes of the outputs in the op's order.
  public let outputs: [Shape]
  /// Which outputs are added to what is there.
  public var accumulates: [Bool]
  /// Largest allowed error, as a share of the largest reference value.
  public let tolerance: Double
  /// Index of an output with one byte an element, such as positions.
  public var byteOutput: Int?
  /// Index of an input with one byte an element.
  public var byteInput: Int?
  /// Whether its maps are bfloat16.
  public var isHalf = false

  public var description: String { name }

  /// A case.
  public init(
    name: String, op: Op, inputs: [Shape], outputs: [Shape], accumulates: [Bool],
    tolerance: Double, byteOutput: Int? = nil, byteInput: Int? = nil
  ) {
    self.name = name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.accumulates = accumulates
    self.tolerance = tolerance
    self.byteOutput = byteOutput
    self.byteInput = byteInput
  }

  /// Same case with the first output accumulated.
  func accumulating(_ index: Int = 0) -> OpCase {
    var copy = OpCase(
      name: "\(name), accumulating \(index)", op: op, inputs: inputs, outputs: outputs,
      accumulates: accumulates, tolerance: tolerance, byteOutput: byteOutput,
      byteInput: byteInput)
    copy.accumulates[index] = true
    return copy
  }

  /// The node as a graph of its own: every input is written from outside.
  public var graph: Graph {
    var tensors: [TensorInfo] = []
    for (index, shape) in inputs.enumerated() {
      tensors.append(
        TensorInfo(
          name: "input \(index)", shape: shape, storage: .input,
          elementBytes: index == byteInput ? 1 : halfInputs.contains(index) ? 2 : 4))
    }
    for (index, shape) in outputs.enumerated() {
      tensors.append(
        TensorInfo(
          name: "output \(index)", shape: shape, storage: .arena,
          elementBytes: index == byteOutput ? 1 : halfOutputs.contains(index) ? 2 : 4))
    }
    let node = Node(
      op: op, inputs: inputs.indices.map { TensorID(index: $0) },
      outputs: outputs.indices.map { TensorID(index: inputs.count + $0) },
      accumulates: accumulates, scope: name)
    return Graph(tensors: tensors, nodes: [node])
  }

  /// Random values for an input, such as the op can stand: variances above zero, weights 0 or 1.
  public func values(ofInput index: Int) -> [Float] {
    let random = CounterRandom(seed: 7, name: "\(name) \(index)")
    let count = inputs[index].count
    switch (op, index) {
    case (.batchNorm, 4), (.batchNormInference, 4), (.batchNormGradient, 5),
      (.batchNormInferenceGradient, 3):
      return (0..<count).map { Float(0.5 + random.uniform($0)) }
    case (.likelihoodLoss, 2...), (.likelihoodGradient, 2...):
      return (0..<count).map { Float(0.3 * random.normal($0)) }
    case (.heatmapLoss, 1), (.coordinateLoss, 1), (.simccLoss, 1), (.likelihoodLoss, 1),
      (.likelihoodGradient, 1):
      // Points within and a little outside the input; every fifth is not labelled.
      return (0..<count).map { at in
        at % 3 == 2
          ? (at / 3 % 5 == 4 ? 0 : 1) : Float(random.uniform(at, in: -20...70))
      }
    case (.maxPoolGradient(let a), 1):
      let codes = UInt64(a.kernel * a.kernel)
      return (0..<count).map { Float(random.bits($0) % codes) }
    default:
      let values = (0..<count).map { Float(random.normal($0)) }
      return halfInputs.contains(index) ? values.map(\.asBFloat16) : values
    }
  }

  /// What lies in an output before the node runs: poison, or values to add to.
  public func values(ofOutput index: Int) -> [Float] {
    guard accumulates[index] else {
      return [Float](repeating: .nan, count: outputs[index].count)
    }
    let random = CounterRandom(seed: 8, name: "\(name) \(index)")
    let values = (0..<outputs[index].count).map { Float(random.normal($0)) }
    return halfOutputs.contains(index) ? values.map(\.asBFloat16) : values
  }
}

extension OpCase {
  /// Every case; one list for all backends.
  public static let all: [OpCase] =
    convolutions + transposedConvolutions + batchNorms + linears + poolings + sums + upsamples
    + simccLayers + losses + likelihoods

  static func channels(_ c: Int) -> Shape { Shape(n: 1, c: c) }

  private static var convolutions: [OpCase] {
    let sizes: [(x: Shape, channels: Int, kernel: Int, stride: Int, padding: Int)] = [
      (Shape(n: 2, h: 8, w: 12, c: 16), 32, 3, 1, 1),  // Winograd, whole tiles
      (Shape(n: 3, h: 7, w: 5, c: 32), 16, 3, 1, 1),  // Winograd, cut tiles
      (Shape(n: 1, h: 2, w: 3, c: 16), 16, 3, 1, 1),  // Winograd, smaller than a tile
      (Shape(n: 5, h: 6, w: 8, c: 48), 64, 3, 1, 1),
      (Shape(n: 2, h: 5, w: 6, c: 176), 208, 3, 1, 1),  // more filters than are kept as a whole
      (Shape(n: 17, h: 5, w: 5, c: 512), 80, 3, 1, 1),  // more tiles than go through at once
      (Shape(n: 3, h: 7, w: 9, c: 32), 48, 3, 1, 1),
      (Shape(n: 2, h: 9, w: 7, c: 3), 8, 3, 1, 1),  // too few channels for Winograd
      (Shape(n: 2, h: 9, w: 8, c: 3), 16, 3, 2, 1),
      (Shape(n: 2, h: 8, w: 6, c: 20), 17, 1, 1, 0),
      (Shape(n: 3, h: 7, w: 5, c: 48), 80, 1, 1, 0),  // channels in sixteens
      (Shape(n: 2, h: 3, w: 3, c: 1024), 528, 1, 1, 0),  // a weight that is summed block by block
      (Shape(n: 2, h: 7, w: 9, c: 16), 24, 1, 2, 0),
      (Shape(n: 3, h: 9, w: 8, c: 32), 48, 3, 2, 1),  // channels in sixteens
      (Shape(n: 2, h: 16, w: 24, c: 16), 80, 3, 2, 1),  // strided Winograd, whole tiles
      (Shape(n: 3, h: 15, w: 16, c: 80), 64, 3, 2, 1),  // its weight gradient too
      (Shape(n: 3, h: 15, w: 14, c: 48), 32, 3, 2, 1),  // cut tiles, odd pictures
      (Shape(n: 40, h: 16, w: 15, c: 512), 16, 3, 2, 1),  // more tiles than go through at once
      (Shape(n: 5, h: 7, w: 6, c: 48), 80, 1, 2, 0),
      (Shape(n: 2, h: 15, w: 13, c: 3), 16, 7, 2, 3),
      (Shape(n: 9, h: 5, w: 4, c: 16), 32, 5, 1, 2),
      (Shape(n: 9, h: 5, w: 4, c: 6), 5, 5, 1, 2),
    ]
    var cases: [OpCase] = []
    for (x, channels, kernel, stride, padding) in sizes {
      for (bias, relu) in [(false, false), (true, true)] {
        let a = Convolution(
          kernel: kernel, stride: stride, padding: padding, hasBias: bias, relu: relu)
        let y = a.outputShape(x, channels: channels)
        let weight = Shape(n: 1, c: kernel * kernel * x.c * channels)
        let name = "\(kernel)x\(kernel)/\(stride) \(x) to \(channels)\(bias ? " bias relu" : "")"
        cases.append(
          OpCase(
            name: "convolution \(name)", op: .convolution(a),
            inputs: [x, weight] + (bias ? [Self.channels(channels)] : []), outputs: [y],
            accumulates: [false], tolerance: 2e-5))
        cases.append(
          OpCase(
            name: "weight gradient \(name)", op: .convolutionWeightGradient(a), inputs: [x, y],
            outputs: [weight] + (bias ? [Self.channels(channels)] : []),
            accumulates: bias ? [false, false] : [false], tolerance: 5e-5))
        if bias { continue }
        let data = OpCase(
          name: "data gradient \(name)", op: .convolutionDataGradient(a), inputs: [y, weight],
          outputs: [x], accumulates: [false], tolerance: 2e-5)
        cases += [data, data.accumulating()]
      }
    }
    return cases
  }

  private static var batchNorms: [OpCase] {
    var cases: [OpCase] = []
    for x in [Shape(n: 3, h: 5, w: 4, c: 20), Shape(n: 2, h: 40, w: 30, c: 32)] {
      let c = channels(x.c)
      for (relu, residual) in [(false, false), (true, false), (true, true)] {
        let a = BatchNorm(relu: relu, hasResidual: residual)
        let name = "\(x)\(relu ? " relu" : "")\(residual ? " residual" : "")"
        let inputs = [x, c, c, c, c] + (residual ? [x] : [])
        cases.append(
          OpCase(
            name: "batch norm \(name)", op: .batchNorm(a), inputs: inputs, outputs: [x, c, c],
            accumulates: [false, false, false], tolerance: 1e-5))
        cases.append(
          OpCase(
            name: "batch norm inference \(name)", op: .batchNormInference(a), inputs: inputs,
            outputs: [x], accumulates: [false], tolerance: 1e-5))
        let gradient = OpCase(
          name: "batch norm gradient \(name)", op: .batchNormGradient(a),
          inputs: [x, x, c, c, c, c] + (a.masksByOutput ? [x] : []),
          outputs: [x, c, c] + (residual ? [x] : []),
          accumulates: [false, false, false] + (residual ? [false] : []), tolerance: 2e-5)
        cases += [gradient, gradient.accumulating()]
        if residual { cases.append(gradient.accumulating(3)) }
        let fixed = OpCase(
          name: "batch norm inference gradient \(name)", op: .batchNormInferenceGradient(a),
          inputs: [x, x, c, c], outputs: [x] + (residual ? [x] : []),
          accumulates: [false] + (residual ? [false] : []), tolerance: 1e-5)
        cases += [fixed, fixed.accumulating()]
        if residual { cases.append(fixed.accumulating(1)) }
      }
    }
    return cases
  }

  private static var linears: [OpCase] {
    [
      (Shape(n: 5, h: 2, w: 3, c: 50), 34), (Shape(n: 3, c: 700), 130),
      (Shape(n: 2, h: 9, w: 8, c: 130), 33),  // so many inputs that they come in parts
      (Shape(n: 32, h: 9, w: 8, c: 130), 48),  // and all in sixteens
      (Shape(n: 16, h: 9, w: 8, c: 130), 80),
    ].flatMap { x, outputs in
      [false, true].flatMap { relu -> [OpCase] in
        let a = Linear(relu: relu)
        let y = Shape(n: x.n, c: outputs)
        let weight = Shape(n: 1, c: x.countPerImage * outputs)
        let name = "\(x) to \(outputs)\(relu ? " relu" : "")"
        let data = OpCase(
          name: "linear data gradient \(name)", op: .linearDataGradient(a), inputs: [y, weight],
          outputs: [x], accumulates: [false], tolerance: 1e-5)
        return [
          OpCase(
            name: "linear \(name)", op: .linear(a), inputs: [x, weight, channels(outputs)],
            outputs: [y], accumulates: [false], tolerance: 1e-5),
          data, data.accumulating(),
          OpCase(
            name: "linear weight gradient \(name)", op: .linearWeightGradient(a),
            inputs: [x, y], outputs: [weight, channels(outputs)], accumulates: [false, false],
            tolerance: 1e-5),
        ]
      }
    }
  }

  private static var poolings: [OpCase] {
    var cases: [OpCase] = []
    for x in [Shape(n: 2, h: 6, w: 8, c: 16), Shape(n: 4, h: 7, w: 5, c: 19)] {
      let mean = Shape(n: x.n, c: x.c)
      for a in [
        MaxPool(), MaxPool(relu: true), MaxPool(kernel: 3, stride: 2, padding: 1),
        MaxPool(kernel: 3, stride: 2, padding: 1, relu: true),
      ] {
        let y = a.outputShape(x)
        let name = "\(a.kernel)x\(a.kernel) \(x)\(a.relu ? " relu" : "")"
        cases.append(
          OpCase(
            name: "max pool \(name)", op: .maxPool(a), inputs: [x], outputs: [y, y],
            accumulates: [false, false], tolerance: 0, byteOutput: 1))
        let gradient = OpCase(
          name: "max pool gradient \(name)", op: .maxPoolGradient(a),
          inputs: [y, y] + (a.relu ? [y] : []), outputs: [x], accumulates: [false],
          tolerance: 1e-6, byteInput: 1)
        cases += [gradient, gradient.accumulating()]
      }
      let spread = OpCase(
        name: "average pool gradient \(x)", op: .globalAveragePoolGradient, inputs: [mean],
        outputs: [x], accumulates: [false], tolerance: 1e-6)
      cases += [spread, spread.accumulating()]
      cases.append(
        OpCase(
          name: "average pool \(x)", op: .globalAveragePool, inputs: [x], outputs: [mean],
          accumulates: [false], tolerance: 1e-5))
      let relu = OpCase(
        name: "relu gradient \(x)", op: .reluGradient, inputs: [x, x], outputs: [x],
        accumulates: [false], tolerance: 0)
      cases.append(relu)
    }
    return cases
  }

  private static var transposedConvolutions: [OpCase] {
    [
      (Shape(n: 2, h: 3, w: 4, c: 16), 32),
      (Shape(n: 3, h: 5, w: 2, c: 7), 5),  // too few channels for Winograd
      (Shape(n: 3, h: 7, w: 7, c: 32), 16),  // Winograd, cut tiles
      (Shape(n: 2, h: 12, w: 9, c: 48), 80),
      (Shape(n: 2, h: 1, w: 3, c: 16), 16),  // Winograd does not pay
      (Shape(n: 66, h: 4, w: 4, c: 512), 16),  // more tiles than go through at once
      (Shape(n: 66, h: 4, w: 4, c: 16), 256),
      (Shape(n: 5, h: 14, w: 17, c: 48), 80),  // Winograd over 16-bit maps too
      (Shape(n: 3, h: 11, w: 11, c: 16), 2064),  // weight gradients that are too large for parts
    ].flatMap { (x: Shape, channels: Int) -> [OpCase] in
      let a = Convolution(kernel: 4, stride: 2, padding: 1, hasBias: false, relu: false)
      let y = Shape(n: x.n, h: 2 * x.h, w: 2 * x.w, c: channels)
      let weight = Shape(n: 1, c: 16 * x.c * channels)
      let data = OpCase(
        name: "transposed data gradient \(x) to \(channels)",
        op: .transposedConvolutionDataGradient(a), inputs: [y, weight], outputs: [x],
        accumulates: [false], tolerance: 2e-5)
      return [
        OpCase(
          name: "transposed convolution \(x) to \(channels)", op: .transposedConvolution(a),
          inputs: [x, weight], outputs: [y], accumulates: [false], tolerance: 2e-5),
        data, data.accumulating(),
        OpCase(
          name: "transposed weight gradient \(x) to \(channels)",
          op: .transposedConvolutionWeightGradient(a), inputs: [x, y], outputs: [weight],
          accumulates: [false], tolerance: 5e-5),
      ]
    }
  }

  private static var sums: [OpCase] {
    [false, true].flatMap { relu -> [OpCase] in
      let x = Shape(n: 3, h: 5, w: 7, c: 11)
      let a = Add(relu: relu)
      let gradient = OpCase(
        name: "add gradient\(relu ? " relu" : "")", op: .addGradient(a),
        inputs: relu ? [x, x] : [x], outputs: [x, x], accumulates: [false, false], tolerance: 1e-6)
      return [
        OpCase(
          name: "add\(relu ? " relu" : "")", op: .add(a), inputs: [x, x], outputs: [x],
          accumulates: [false], tolerance: 1e-6), gradient, gradient.accumulating(),
        gradient.accumulating(1),
      ]
    }
  }

  private static var simccLayers: [OpCase] {
    let x = Shape(n: 3, h: 5, w: 4, c: 17)
    let a = SimCCLinear(binsX: 12, binsY: 18)
    let y = Shape(n: 3, h: 1, w: 17, c: 30)
    let (weightX, weightY) = (channels(20 * 12), channels(20 * 18))
    let (biasX, biasY) = (channels(12), channels(18))
    let data = OpCase(
      name: "SimCC linear data gradient", op: .simccLinearDataGradient(a),
      inputs: [y, weightX, weightY], outputs: [x], accumulates: [false], tolerance: 1e-5)
    return [
      OpCase(
        name: "SimCC linear", op: .simccLinear(a), inputs: [x, weightX, biasX, weightY, biasY],
        outputs: [y], accumulates: [false], tolerance: 1e-5), data, data.accumulating(),
      OpCase(
        name: "SimCC linear weight gradient", op: .simccLinearWeightGradient(a), inputs: [x, y],
        outputs: [weightX, biasX, weightY, biasY],
        accumulates: [false, false, false, false], tolerance: 1e-5),
    ]
  }

  private static var upsamples: [OpCase] {
    [Upsample(kind: .nearest), Upsample(kind: .nearest, factor: 4), Upsample(kind: .bilinear)]
      .flatMap { a in
        [Shape(n: 2, h: 3, w: 4, c: 16), Shape(n: 1, h: 1, w: 5, c: 3)].flatMap { x -> [OpCase] in
          let y = Shape(n: x.n, h: a.factor * x.h, w: a.factor * x.w, c: x.c)
          let gradient = OpCase(
            name: "upsample gradient \(a.kind) by \(a.factor) \(x)", op: .upsampleGradient(a),
            inputs: [y], outputs: [x], accumulates: [false], tolerance: 1e-5)
          return [
            OpCase(
              name: "upsample \(a.kind) by \(a.factor) \(x)", op: .upsample(a), inputs: [x],
              outputs: [y], accumulates: [false], tolerance: 1e-5),
            gradient, gradient.accumulating(),
          ]
        }
      }
  }

  private static var losses: [OpCase] {
    [1, 17].flatMap { k -> [OpCase] in
      let maps = Shape(n: 3, h: 12, w: 10, c: k)
      let points = Shape(n: 3, h: 1, w: k, c: 3)
      let flat = Shape(n: 3, c: 2 * k)
      let bins = Shape(n: 3, h: 1, w: k, c: 96 + 128)
      func make(_ name: String, _ op: Op, _ prediction: Shape) -> OpCase {
        OpCase(
          name: "\(name) K=\(k)", op: op, inputs: [prediction, points],
          outputs: [Shape(n: 3, c: 1), prediction], accumulates: [false, false], tolerance: 2e-5)
      }
      let heatmapKinds: [(String, HeatmapLoss.Kind, HeatmapLoss.Normalization)] = [
        ("heatmap loss", .squared, .labelled), ("heatmap loss over all", .squared, .all),
        ("OHKM", .squared, .hardest(count: 8)),
        (
          "adaptive wing", .adaptiveWing(alpha: 2.1, omega: 14, epsilon: 1, theta: 0.5), .labelled
        ),
      ]
      let values = (0..<k).map { Float(1 + $0 % 3) / 20 }
      let coordinateKinds: [(String, CoordinateLoss.Kind, [Float])] = [
        ("coordinate loss", .squared, []), ("weighted coordinate loss", .squared, values),
        ("smooth L1", .smoothL1(beta: 1), []), ("wing", .wing(omega: 10, epsilon: 2), []),
        ("soft wing", .softWing(omega1: 2, omega2: 20, epsilon: 0.5), []),
        ("OKS loss", .objectKeypointSimilarity, values.map { $0 * 20 }),
      ]
      return heatmapKinds.map { name, kind, normalization in
        make(
          name,
          .heatmapLoss(
            HeatmapLoss(
              sigma: 1.5, scaleX: 9.0 / 47, scaleY: 11.0 / 47, kind: kind,
              normalization: normalization)), maps)
      }
        + coordinateKinds.map { name, kind, values in
          make(
            name,
            .coordinateLoss(
              CoordinateLoss(width: 48, height: 64, kind: kind, pointValues: values)), flat)
        } + [
          make("SimCC loss", .simccLoss(SimCCLoss(binsX: 96, binsY: 128, scale: 2, sigma: 6)), bins)
        ]
    }
  }

  /// Residual log-likelihood and the gradients of its flow.
  static var likelihoods: [OpCase] {
    let a = LikelihoodLoss(width: 48, height: 64, layers: 4)
    let (prediction, points) = (Shape(n: 3, c: 4 * 5), Shape(n: 3, h: 1, w: 5, c: 3))
    let flow = (0..<2 * a.layers).flatMap { _ in
      LikelihoodLoss.extents.flatMap { [Shape(n: 1, c: $0.0 * $0.1), Shape(n: 1, c: $0.1)] }
    }
    return [
      OpCase(
        name: "likelihood loss", op: .likelihoodLoss(a), inputs: [prediction, points] + flow,
        outputs: [Shape(n: 3, c: 1), prediction], accumulates: [false, false], tolerance: 2e-5),
      OpCase(
        name: "likelihood gradient", op: .likelihoodGradient(a),
        inputs: [prediction, points] + flow, outputs: flow,
        accumulates: flow.map { _ in false }, tolerance: 5e-5),
    ]
  }
}
