import Execution
import Glibc
import Graph

/// A part of the slab of weights, and where its gradients are in theirs.
private struct TrainedPiece {
  let at: Int
  let gradient: Int
  let count: Int
  let isDecayed: Bool
}

/// What is done to whole slabs between two passes: optimiser steps, norms, sums, running means.
///
/// The crew works off pieces of a fixed size, so results do not depend on the number of threads.
final class SlabMath {
  private let slabs: [Slab: MemoryBlock]
  private let kernels: KernelTable
  private let crew: Crew
  private let optimizer: OptimizerKernel
  private let trained: [TrainedPiece]
  /// Made once, so that a step allocates nothing.
  private let applyGradients: Crew.Body
  private let weights: Pieces
  private let statistics: Pieces
  private var pieceSquares: [Double]

  init(
    slabs: [Slab: MemoryBlock], parameters: ParameterTable, kernels: KernelTable, crew: Crew,
    optimizer: OptimizerKernel
  ) {
    self.slabs = slabs
    self.kernels = kernels
    self.crew = crew
    self.optimizer = optimizer
    func pieces(_ total: Int) -> Pieces { Pieces(total: total, largest: 32_768, multiple: 16) }
    let trained = parameters.gradientRanges.flatMap { range in
      let split = pieces(range.count)
      return (0..<split.count).map {
        TrainedPiece(
          at: range.first + split.first($0), gradient: range.gradient + split.first($0),
          count: split.count(of: $0), isDecayed: range.isDecayed)
      }
    }
    self.trained = trained
    let gradients = (slabs[.accumulatedGradients] ?? slabs[.gradients])?.floats
    applyGradients = { _, index, _ in
      guard let gradients else { return }
      let piece = trained[index]
      optimizer.apply(
        gradients + piece.gradient, at: piece.at, count: piece.count, isDecayed: piece.isDecayed)
    }
    weights = pieces(parameters.slabCount)
    statistics = pieces(parameters.statisticSlabCount)
    pieceSquares = [Double](repeating: 0, count: trained.count)
  }

  private func forEachTrained(_ body: @escaping (_ index: Int, _ piece: TrainedPiece) -> Void) {
    let trained = trained
    crew.run(trained.count, batch: 0) { _, index, _ in body(index, trained[index]) }
  }

  private var appliedGradients: UnsafeMutablePointer<Float>? {
    (slabs[.accumulatedGradients] ?? slabs[.gradients])?.floats
  }

  func accumulateGradients(weight: Double, isFirst: Bool) {
    guard let sum = slabs[.accumulatedGradients]?.floats, let new = slabs[.gradients]?.floats
    else { return }
    let kernels = kernels
    forEachTrained { _, piece in
      kernels.blend(
        sum + piece.gradient, new + piece.gradient, piece.count, isFirst ? 0 : 1, Float(weight))
    }
  }

  func gradientNorm() -> Double {
    guard let gradients = appliedGradients else { return 0 }
    let kernels = kernels
    pieceSquares.withUnsafeMutableBufferPointer { buffer in
      guard let squares = buffer.baseAddress else { return }
      forEachTrained { index, piece in
        squares[index] = kernels.sumSquares(gradients + piece.gradient, piece.count)
      }
    }
    return pieceSquares.reduce(0, +).squareRoot()
  }

  func update(_ settings: OptimizerUpdate) {
    optimizer.prepare(settings)
    crew.run(trained.count, batch: 0, applyGradients)
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
