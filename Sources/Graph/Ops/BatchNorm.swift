/// Batch normalisation over N, H, W for each channel (arXiv 1502.03167), optionally followed by the
/// addition of a residual and ReLU, in one pass.
///
/// `y = [relu](gamma · (x - mean) · invStd + beta [+ residual])`, `invStd = 1 / sqrt(variance + eps)`
/// with the biased variance; the running variance takes the unbiased one, as PyTorch does.
/// - training: inputs `x [N, H, W, C]`, `gamma [C]`, `beta [C]`, `runningMean [C]`,
///   `runningVariance [C]`, and `residual` when `hasResidual`; outputs `y`, `mean [C]`, `invStd [C]`.
/// - inference: the same inputs; output `y`, normalised by the running statistics.
/// - inference gradient (frozen layers): inputs `dy`, `y`, `gamma`, `runningVariance`; outputs `dx`,
///   and `dresidual` when `hasResidual`.
/// - gradient: inputs `dy`, `x`, `gamma`, `beta`, `mean`, `invStd`, and `y` when `masksByOutput`;
///   outputs `dx`, `dgamma`, `dbeta`, and `dresidual` when `hasResidual`.
public struct BatchNorm: Sendable, Hashable {
  /// Added to the variance.
  public var epsilon: Float
  /// Weight of the new statistics in the running ones.
  public var momentum: Float
  /// Whether negative results become zero.
  public var relu: Bool
  /// Whether a residual is added before ReLU.
  public var hasResidual: Bool

  /// Whether the gradient needs the output to know where ReLU cut; without a residual the input tells.
  public var masksByOutput: Bool { relu && hasResidual }

  /// A batch normalisation with PyTorch's defaults.
  public init(
    epsilon: Float = 1e-5, momentum: Float = 0.1, relu: Bool, hasResidual: Bool
  ) {
    self.epsilon = epsilon
    self.momentum = momentum
    self.relu = relu
    self.hasResidual = hasResidual
  }
}

extension GraphBuilder {
  /// Adds a batch norm with parameters `<scope>.weight`, `.bias`, `.running_mean`, `.running_var`.
  public func batchNorm(
    _ x: TensorID, residual: TensorID? = nil, relu: Bool, gamma: Double = 1
  ) -> TensorID {
    let shape = self[x].shape
    let attributes = BatchNorm(relu: relu, hasResidual: residual != nil)
    var inputs = [
      x, parameter("weight", .vector(shape.c), .constant(gamma), decayed: false),
      parameter("bias", .vector(shape.c), .constant(0), decayed: false),
      statistic("running_mean", shape.c, 0), statistic("running_var", shape.c, 1),
    ]
    if let residual {
      precondition(self[residual].shape == shape, "a residual has the shape of what it is added to")
      inputs.append(residual)
    }
    let y = map(shape)
    switch mode {
    case .training where isTrained(inputs[1]):
      let channel = Shape(n: 1, c: shape.c)
      add(
        .batchNorm(attributes), inputs,
        [y, tensor(channel, suffix: "mean"), tensor(channel, suffix: "inv_std")])
    case .training, .evaluation: add(.batchNormInference(attributes), inputs, [y])
    }
    return y
  }
}

extension GradientContext {
  mutating func batchNorm(_ attributes: BatchNorm, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    let (x, gamma, beta) = (node.inputs[0], node.inputs[1], node.inputs[2])
    let inputs =
      [dy, x, gamma, beta, node.outputs[1], node.outputs[2]]
      + (attributes.masksByOutput ? [node.outputs[0]] : [])
    precondition(
      needsGradient(gamma) && needsGradient(beta), "scale and shift are trained together")
    let parameters = [parameterGradient(gamma), parameterGradient(beta)]
    var targets = [x]
    if attributes.hasResidual { targets.append(node.inputs[5]) }
    emitGradient(
      .batchNormGradient(attributes), inputs, of: targets, inserting: parameters, node.scope)
  }
  mutating func batchNormInference(_ attributes: BatchNorm, _ node: Node) {
    guard let dy = gradient(of: node.outputs[0]) else { return }
    var targets = [node.inputs[0]]
    if attributes.hasResidual { targets.append(node.inputs[5]) }
    emitGradient(
      .batchNormInferenceGradient(attributes),
      [dy, node.outputs[0], node.inputs[1], node.inputs[4]], of: targets, node.scope)
  }
}
