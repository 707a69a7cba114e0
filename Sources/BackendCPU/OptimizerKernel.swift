import Execution
import Graph

/// The optimiser's rule over a part of the slabs: what a step does everywhere, and what a node does
/// that has a gradient nobody else will see.
final class OptimizerKernel {
  private let weights: UnsafeMutablePointer<Float>?
  private let firstMoments: UnsafeMutablePointer<Float>?
  private let secondMoments: UnsafeMutablePointer<Float>?
  private let kernels: KernelTable
  private var settings = OptimizerUpdate(rule: .sgd, learningRate: 0, weightDecay: 0, step: 1)
  private var rate: Float = 0
  private var secondScale: Float = 0

  init(slabs: [Slab: MemoryBlock], kernels: KernelTable) {
    weights = slabs[.weights]?.floats
    firstMoments = slabs[.firstMoments]?.floats
    secondMoments = slabs[.secondMoments]?.floats
    self.kernels = kernels
  }

  /// Settles what the step has in common; the caller's thread only, between two runs of the crew.
  func prepare(_ settings: OptimizerUpdate) {
    self.settings = settings
    if settings.rule == .sgd {
      precondition(settings.momentum == 0 || firstMoments != nil, "no momentum buffer")
      return
    }
    precondition(secondMoments != nil, "the session has no moments")
    rate = settings.correctedRate
    secondScale = settings.secondScale
  }

  /// Where a tensor lies in the slab of weights.
  func place(of tensor: UnsafeMutablePointer<Float>) -> Int { weights.map { tensor - $0 } ?? 0 }

  /// Changes `count` weights from `at` on.
  func apply(_ gradients: UnsafePointer<Float>, at: Int, count: Int, isDecayed: Bool) {
    guard let weights else { return }
    let first = firstMoments ?? weights
    let second = secondMoments ?? weights
    let scale = Float(settings.gradientScale)
    let decay = isDecayed ? settings.weightDecay : 0
    if settings.rule == .sgd {
      kernels.sgdStep(
        weights + at, gradients, first + at, count, scale, Float(decay), Float(settings.momentum),
        settings.nesterov, Float(settings.learningRate))
      return
    }
    let isDecoupled = settings.rule == .adamw
    kernels.adamStep(
      weights + at, gradients, first + at, second + at, count, scale,
      Float(isDecoupled ? 1 - settings.learningRate * decay : 1), Float(isDecoupled ? 0 : decay),
      Float(settings.beta1), Float(settings.beta2), Float(settings.epsilon), rate, secondScale)
  }
}
