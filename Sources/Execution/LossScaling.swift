/// How far a training has found out the scale that keeps 16-bit gradients from vanishing: part of its
/// state, as in PyTorch's `GradScaler.state_dict`.
public struct LossScaling: Sendable, Hashable {
  /// What losses multiply their gradients with in the next step; above 0.
  public var scale: Float
  /// Steps since the scale last changed.
  public var goodSteps: Int
  /// Steps that were left out since the optimiser's first, which its bias corrections do not count.
  public var skippedSteps: Int

  /// A scale with its counters.
  public init(scale: Float, goodSteps: Int = 0, skippedSteps: Int = 0) {
    self.scale = scale
    self.goodSteps = goodSteps
    self.skippedSteps = skippedSteps
  }
}
