import Execution
import Glibc
import Graph

/// What is done to whole slabs between two passes: optimiser steps, norms, sums, running means.
///
/// The crew works off pieces of a fixed size, so results do not depend on the number of threads.
final class SlabMath {
  private let slabs: [Slab: MemoryBlock]
  private let kernels: KernelTable
  private let crew: Crew
  private let decayed: Pieces
  private let undecayed: Pieces
  private let weights: Pieces
  private let statistics: Pieces
  private var pieceSquares: [Double]

  init(
    slabs: [Slab: MemoryBlock], parameters: ParameterTable, kernels: KernelTable, crew: Crew
  ) {
    self.slabs = slabs
    self.kernels = kernels
    self.crew = crew
    func pieces(_ total: Int) -> Pieces { Pieces(total: total, largest: 32_768, multiple: 16) }
    // Pieces end where the decayed part ends.
    decayed = pieces(parameters.decayedCount)
    undecayed = pieces(parameters.trainedSlabCount - parameters.decayedCount)
    weights = pieces(parameters.slabCount)
    statistics = pieces(parameters.statisticSlabCount)
    pieceSquares = [Double](repeating: 0, count: decayed.count + undecayed.count)
  }

  /// Calls `body` with each piece of the trained part: its number, place, and whether it decays.
  private func forEachTrained(
    _ body: @escaping (_ piece: Int, _ at: Int, _ count: Int, _ isDecayed: Bool) -> Void
  ) {
    let (decayed, undecayed) = (decayed, undecayed)
    crew.run(decayed.count + undecayed.count, batch: 0) { _, piece, _ in
      if piece < decayed.count {
        body(piece, decayed.first(piece), decayed.count(of: piece), true)
      } else {
        let index = piece - decayed.count
        body(piece, decayed.total + undecayed.first(index), undecayed.count(of: index), false)
      }
    }
  }

  private var appliedGradients: UnsafeMutablePointer<Float>? {
    (slabs[.accumulatedGradients] ?? slabs[.gradients])?.floats
  }

  func accumulateGradients(weight: Double, isFirst: Bool) {
    guard let sum = slabs[.accumulatedGradients]?.floats, let new = slabs[.gradients]?.floats
    else { return }
    let kernels = kernels
    forEachTrained { _, at, count, _ in
      kernels.blend(sum + at, new + at, count, isFirst ? 0 : 1, Float(weight))
    }
  }

  func gradientNorm() -> Double {
    guard let gradients = appliedGradients else { return 0 }
    let kernels = kernels
    pieceSquares.withUnsafeMutableBufferPointer { buffer in
      guard let squares = buffer.baseAddress else { return }
      forEachTrained { piece, at, count, _ in
        squares[piece] = kernels.sumSquares(gradients + at, count)
      }
    }
    return pieceSquares.reduce(0, +).squareRoot()
  }

  func update(_ settings: OptimizerUpdate) {
    guard let weights = slabs[.weights]?.floats, let gradients = appliedGradients else { return }
    let first = slabs[.firstMoments]?.floats ?? weights
    let second = slabs[.secondMoments]?.floats ?? weights
    let kernels = kernels
    let scale = Float(settings.gradientScale)
    if settings.rule == .sgd {
      precondition(settings.momentum == 0 || slabs[.firstMoments] != nil, "no momentum buffer")
      forEachTrained { _, at, count, isDecayed in
        kernels.sgdStep(
          weights + at, gradients + at, first + at, count, scale,
          Float(isDecayed ? settings.weightDecay : 0), Float(settings.momentum),
          settings.nesterov, Float(settings.learningRate))
      }
      return
    }
    precondition(slabs[.secondMoments] != nil, "the session has no moments")
    let correction1 = 1 - pow(settings.beta1, Double(settings.step))
    let correction2 = 1 - pow(settings.beta2, Double(settings.step))
    let decoupled = settings.rule == .adamw
    forEachTrained { _, at, count, isDecayed in
      let decay = isDecayed ? settings.weightDecay : 0
      kernels.adamStep(
        weights + at, gradients + at, first + at, second + at, count, scale,
        Float(decoupled ? 1 - settings.learningRate * decay : 1), Float(decoupled ? 0 : decay),
        Float(settings.beta1), Float(settings.beta2), Float(settings.epsilon),
        Float(settings.learningRate / correction1), Float(1 / correction2.squareRoot()))
    }
  }

  func updateAverages(keep: Double) {
    for (mean, value, pieces) in [
      (Slab.averagedWeights, Slab.weights, weights),
      (.averagedStatistics, .statistics, statistics),
    ] {
      guard let mean = slabs[mean]?.floats, let value = slabs[value]?.floats else { continue }
      let kernels = kernels
      crew.run(pieces.count, batch: 0) { _, piece, _ in
        let at = pieces.first(piece)
        kernels.blend(mean + at, value + at, pieces.count(of: piece), Float(keep), Float(1 - keep))
      }
    }
  }

  func exchangeAverages() {
    for (mean, value, pieces) in [
      (Slab.averagedWeights, Slab.weights, weights),
      (.averagedStatistics, .statistics, statistics),
    ] {
      guard let mean = slabs[mean]?.floats, let value = slabs[value]?.floats else { continue }
      crew.run(pieces.count, batch: 0) { _, piece, _ in
        let range = pieces.first(piece)..<pieces.first(piece) + pieces.count(of: piece)
        for index in range { (mean[index], value[index]) = (value[index], mean[index]) }
      }
    }
  }
}
