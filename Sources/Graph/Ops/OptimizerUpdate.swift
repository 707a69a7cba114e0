import Glibc

/// One optimiser step over the slabs of weights, gradients and moments.
///
/// As PyTorch's `SGD`, `Adam` (arXiv 1412.6980; decay added to the gradient) and `AdamW` (arXiv
/// 1711.05101; decay applied to the weight), no AMSGrad, no dampening. Decay acts on the slab's
/// decayed part only.
public struct OptimizerUpdate: Sendable, Hashable {
  /// How the gradient becomes a step.
  public enum Rule: String, Sendable, CaseIterable {
    case sgd, adam, adamw

    /// Moments that the rule keeps for each parameter.
    public var momentCount: Int { self == .sgd ? 1 : 2 }
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
  /// SGD's momentum.
  public var momentum: Double
  /// Whether SGD looks ahead (Nesterov).
  public var nesterov: Bool
  /// What the gradient is multiplied with first: clipping, the mean over accumulated batches.
  public var gradientScale: Double
  /// This step, counted from 1.
  public var step: Int

  /// A step.
  public init(
    rule: Rule, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double, momentum: Double = 0, nesterov: Bool = false,
    gradientScale: Double = 1, step: Int
  ) {
    self.rule = rule
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.nesterov = nesterov
    self.gradientScale = gradientScale
    self.step = step
  }

  /// Adam's rate, corrected for a first moment that began at zero: `lr / (1 - beta1^step)`.
  public var correctedRate: Float { Float(learningRate / (1 - pow(beta1, Double(step)))) }

  /// What corrects the root of a second moment that began at zero: `1 / sqrt(1 - beta2^step)`.
  public var secondScale: Float { Float(1 / (1 - pow(beta2, Double(step))).squareRoot()) }
}
