/// One optimiser step over the slabs of weights, gradients and moments.
///
/// As PyTorch's `Adam` (arXiv 1412.6980; decay added to the gradient) and `AdamW` (arXiv 1711.05101;
/// decay applied to the weight), no AMSGrad. Decay acts on the slab's decayed part only.
public struct OptimizerUpdate: Sendable, Hashable {
  /// How the gradient becomes a step.
  public enum Rule: String, Sendable, CaseIterable {
    case adam, adamw
  }
  /// How the gradient becomes a step.
  public var rule: Rule
  /// The learning rate of this step.
  public var learningRate: Double
  /// Decay of the first moment.
  public var beta1: Double
  /// Decay of the second moment.
  public var beta2: Double
  /// Added to the root of the second moment.
  public var epsilon: Double
  /// Weight decay.
  public var weightDecay: Double
  /// This step, counted from 1.
  public var step: Int

  /// A step.
  public init(
    rule: Rule, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double, step: Int
  ) {
    self.rule = rule
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.step = step
  }

  /// Moments that the rule keeps for each parameter.
  public static let momentCount = 2
}
