import CNVIDIA
import Execution
import Graph

/// What is done to whole slabs between two passes: optimiser steps, norms, sums, running means, and the
/// scale that keeps 16-bit gradients from vanishing.
final class SlabWork {
  private let parameters: ParameterTable
  private let options: SessionOptions
  private let memory: DeviceMemory
  private let stream: DeviceStream
  private let kind: MapKind
  /// Whether a step was made at the scale of now.
  private var scaleIsDue = false
  private let ranges: [(first: Int, gradient: Int, count: Int, isDecayed: Bool)]

  /// Doubled after so many steps without an overflow, halved at each, which leaves its step out (PyTorch's
  /// `GradScaler`). The first steps of a training are left out more often than others: at the first scale
  /// every gradient above 1 is infinite that a library writes as a half.
  private static let firstScale: Float = 65_536
  var growthInterval = 2_000

  init(
    _ parameters: ParameterTable, _ options: SessionOptions, _ memory: DeviceMemory,
    _ stream: DeviceStream, kind: MapKind
  ) {
    self.parameters = parameters
    self.options = options
    self.memory = memory
    self.stream = stream
    self.kind = kind
    ranges = parameters.gradientRanges
    writeScaling(nil)
  }

  /// `ScaleBlock` in `Optimizer.cu`.
  private struct ScaleBlock {
    /// What losses multiply their gradients with.
    var scale: Float = 1
    /// Steps since the last overflow or growth.
    var goodSteps: Int32 = 0
    /// Whether this step's gradients are not finite, so that nothing changes.
    var skips: Int32 = 0
    /// Steps that were left out since the optimiser's first.
    var skipped: Int32 = 0

    /// What `moveScale` in `Slabs.cu` does.
    mutating func move(interval: Int) {
      if skips != 0 {
        scale *= 0.5
        goodSteps = 0
      } else {
        goodSteps += 1
        if goodSteps >= interval { (scale, goodSteps) = (scale * 2, 0) }
      }
      skips = 0
    }
  }

  /// `StepCount` in `Slabs.cu`: what Adam's bias corrections are made of where steps may be left out.
  private struct StepCount {
    var learningRate: Double
    var beta1: Double
    var beta2: Double
    var step: Int32
    var padding: Int32 = 0
  }

  private func upload(_ bytes: UnsafeRawBufferPointer, to place: DeviceAddress) {
    if let base = bytes.baseAddress {
      stream.upload(base, to: memory.control + place, bytes: bytes.count)
    }
  }

  private func slab(_ slab: Slab) -> DeviceAddress { memory.slabs[slab] ?? 0 }

  private var gradients: DeviceAddress {
    memory.slabs[.accumulatedGradients] ?? slab(.gradients)
  }

  // MARK: The scale

  private func writeScaling(_ scaling: LossScaling?) {
    var block = ScaleBlock()
    if kind == .half {
      block.scale = scaling?.scale ?? Self.firstScale
      block.goodSteps = Int32(clamping: scaling?.goodSteps ?? 0)
      block.skipped = Int32(clamping: scaling?.skippedSteps ?? 0)
    }
    withUnsafeBytes(of: &block) { upload($0, to: ControlBlock.scale) }
    scaleIsDue = false
  }

  /// The scale as it will be in the next step, with its counters; nil where there is none to be found out.
  var scaling: LossScaling? {
    get {
      guard kind == .half else { return nil }
      var block = ScaleBlock()
      withUnsafeMutableBytes(of: &block) {
        if let place = $0.baseAddress {
          stream.download(memory.control + ControlBlock.scale, to: place, bytes: $0.count)
        }
      }
      // The gradients still carry the scale of the step behind, so it moves here alone.
      if scaleIsDue { block.move(interval: growthInterval) }
      return LossScaling(
        scale: block.scale, goodSteps: Int(block.goodSteps), skippedSteps: Int(block.skipped))
    }
    set { writeScaling(newValue) }
  }

  // MARK: The optimiser

  /// Settles what the step has in common, on the device.
  func begin(_ settings: OptimizerUpdate) {
    settleScale()
    var block = OptimizerBlock(settings)
    withUnsafeBytes(of: &block) { upload($0, to: ControlBlock.optimizer) }
    guard kind == .half else { return }
    var count = StepCount(
      learningRate: settings.learningRate, beta1: settings.beta1, beta2: settings.beta2,
      step: Int32(clamping: settings.step))
    withUnsafeBytes(of: &count) { upload($0, to: ControlBlock.stepCount) }
    stream.launch(
      KernelCall(
        name: "findNotFinite", grid: .init(x: 264), block: .init(x: 256),
        arguments: [
          .address(gradients), .long(parameters.gradientSlabCount),
          .address(memory.control + ControlBlock.scale + 8),
        ]))
    stream.launch(
      KernelCall(
        name: "prepareStep", grid: .init(x: 1), block: .init(x: 1),
        arguments: [
          .address(memory.control + ControlBlock.scale),
          .address(memory.control + ControlBlock.optimizer),
          .address(memory.control + ControlBlock.stepCount),
        ]))
    scaleIsDue = true
  }

  /// Changes all weights whose gradients lie in a slab.
  func update() {
    for range in ranges where range.count > 0 {
      let moment = DeviceAddress(4 * range.first)
      func moments(_ slab: Slab) -> KernelArgument {
        .address(memory.slabs[slab].map { $0 + moment } ?? 0)
      }
      stream.launch(
        KernelCall(
          name: "optimizerStep", grid: KernelCall.blocks(range.count / 4), block: .init(x: 256),
          arguments: [
            .address(memory.control + ControlBlock.optimizer),
            .address(slab(.weights) + moment),
            .address(memory.shadow == 0 ? 0 : memory.shadow + DeviceAddress(2 * range.first)),
            .address(gradients + DeviceAddress(4 * range.gradient)), moments(.firstMoments),
            moments(.secondMoments), .long(range.count), .int(range.isDecayed ? 1 : 0),
          ]))
    }
  }

  /// Moves the scale of 16-bit gradients after a step: not before the next pass, because until then the
  /// gradients carry the scale that they were made with.
  func settleScale() {
    guard scaleIsDue else { return }
    scaleIsDue = false
    stream.launch(
      KernelCall(
        name: "moveScale", grid: .init(x: 1), block: .init(x: 1),
        arguments: [
          .address(memory.control + ControlBlock.scale), .int(growthInterval),
        ]))
  }

  /// Makes the 16-bit copies of the weights anew.
  func renewShadow() {
    guard memory.shadow != 0 else { return }
    stream.launch(.converted(slab(.weights), to: memory.shadow, parameters.slabCount))
  }

  // MARK: Sums

  private func scaleAdd(
    _ target: DeviceAddress, keep: Double, _ source: DeviceAddress, weight: Double, count: Int
  ) {
    if count == 0 || target == 0 || source == 0 { return }
    stream.launch(
      KernelCall(
        name: "scaleAdd", grid: .init(x: 1_056), block: .init(x: 256),
        arguments: [
          .address(target), .address(source), .long(count), .float(Float(keep)),
          .float(Float(weight)),
        ]))
  }

  func accumulateGradients(weight: Double, isFirst: Bool) {
    scaleAdd(
      slab(.accumulatedGradients), keep: isFirst ? 0 : 1, slab(.gradients), weight: weight,
      count: parameters.gradientSlabCount)
  }

  func updateAverages(keep: Double) {
    scaleAdd(
      slab(.averagedWeights), keep: keep, slab(.weights), weight: 1 - keep,
      count: parameters.slabCount)
    scaleAdd(
      slab(.averagedStatistics), keep: keep, slab(.statistics), weight: 1 - keep,
      count: parameters.statisticSlabCount)
  }

  func exchangeAverages() {
    exchange(slab(.weights), slab(.averagedWeights), parameters.slabCount)
    exchange(slab(.statistics), slab(.averagedStatistics), parameters.statisticSlabCount)
    renewShadow()
  }

  private func exchange(_ a: DeviceAddress, _ b: DeviceAddress, _ count: Int) {
    if count == 0 || b == 0 { return }
    stream.launch(
      KernelCall(
        name: "exchange", grid: .init(x: 1_056), block: .init(x: 256),
        arguments: [.address(a), .address(b), .long(count)]))
  }

  func gradientNorm() -> Double {
    let count = parameters.gradientSlabCount
    if count == 0 { return 0 }
    let sum = memory.control + ControlBlock.sum
    for (name, blocks) in [("sumOfSquares", 528), ("sumOfSquaresFinish", 1)] {
      stream.launch(
        KernelCall(
          name: name, grid: .init(x: blocks), block: .init(x: 256),
          arguments: name == "sumOfSquaresFinish"
            ? [.address(memory.partials), .int(528), .address(sum)]
            : [.address(gradients), .long(count), .address(memory.partials)]))
    }
    var total = 0.0
    withUnsafeMutableBytes(of: &total) {
      if let place = $0.baseAddress { stream.download(sum, to: place, bytes: 8) }
    }
    let norm = total.squareRoot() / Double(scale())
    // What overflowed at this scale is no breakdown: the step is left out and the scale halved.
    return kind == .half && !norm.isFinite ? 0 : norm
  }

  /// The scale that gradients carry now.
  func scale() -> Float {
    guard kind == .half else { return 1 }
    var value: Float = 1
    withUnsafeMutableBytes(of: &value) {
      if let place = $0.baseAddress {
        stream.download(memory.control + ControlBlock.scale, to: place, bytes: 4)
      }
    }
    return value
  }

  /// Takes the scale out of gradients.
  func unscale(_ values: UnsafeMutableBufferPointer<Float>) {
    let factor = 1 / scale()
    if factor != 1 { for index in values.indices { values[index] *= factor } }
  }

  /// Gives gradients from outside the scale.
  func scaled(_ values: UnsafeBufferPointer<Float>) -> [Float] {
    settleScale()
    let factor = scale()
    return values.map { $0 * factor }
  }

  /// Whether a tensor holds what is infinite or no number.
  func hasNotFinite(_ address: DeviceAddress, _ count: Int, elementBytes: Int) -> Bool {
    let flag = memory.control + ControlBlock.flag
    stream.fill(flag, with: 0, bytes: 4)
    stream.launch(
      KernelCall(
        name: elementBytes == 2 ? "findNotFiniteMap" : "findNotFinite", grid: .init(x: 264),
        block: .init(x: 256), arguments: [.address(address), .long(count), .address(flag)]))
    var found: Int32 = 0
    withUnsafeMutableBytes(of: &found) {
      if let place = $0.baseAddress { stream.download(flag, to: place, bytes: 4) }
    }
    return found != 0
  }
}

/// `OptimizerBlock` in `Optimizer.cu`, field by field.
struct OptimizerBlock {
  var rate: Float = 0
  var secondScale: Float = 0
  var gradientScale: Float
  var decoupledFactor: Float
  var decay: Float
  var beta1: Float
  var beta2: Float
  var epsilon: Float
  var momentum: Float
  var learningRate: Float
  var nesterov: Int32
  var isSGD: Int32
  var skip: Int32 = 0
  var reserved: (Int32, Int32, Int32) = (0, 0, 0)

  init(_ settings: OptimizerUpdate) {
    let isDecoupled = settings.rule == .adamw
    gradientScale = Float(settings.gradientScale)
    decoupledFactor = Float(
      isDecoupled ? 1 - settings.learningRate * settings.weightDecay : 1)
    decay = Float(isDecoupled ? 0 : settings.weightDecay)
    beta1 = Float(settings.beta1)
    beta2 = Float(settings.beta2)
    epsilon = Float(settings.epsilon)
    momentum = Float(settings.momentum)
    learningRate = Float(settings.learningRate)
    nesterov = settings.nesterov ? 1 : 0
    isSGD = settings.rule == .sgd ? 1 : 0
    if settings.rule != .sgd {
      rate = settings.correctedRate
      secondScale = settings.secondScale
    }
  }
}
