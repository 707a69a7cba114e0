import Glibc
import Graph

/// The gradient that a loss writes, if the graph wants one.
private func gradient(_ context: CompileContext) -> KernelArgument { context.output(1) }

/// Each image's loss from its parts.
private func sumLosses(
  _ parts: DeviceAddress, count: Int, scale: KernelArgument, _ context: CompileContext
) -> DeviceWork {
  .kernel(
    KernelCall(
      name: "sumLosses", grid: KernelCall.Extent(x: context.batch),
      block: KernelCall.Extent(x: 256),
      arguments: [.address(parts), .int(count), scale, context.output(0)]))
}

/// Heatmap losses: the points that have targets are counted, then errors are summed in parts.
struct HeatmapLossNode: NodeCompiler {
  let attributes: HeatmapLoss
  /// The prediction's, for the planned batch.
  let shape: Shape

  /// Parts of each image.
  private var partCount: Int {
    max(1, min(parts(of: shape.countPerImage, by: 2048), 1056 / shape.n))
  }
  private var partBytes: Int { aligned(shape.n * partCount * shape.c * 8) }
  private var sumBytes: Int { aligned(shape.n * shape.c * 8) }
  private var isMining: Bool {
    if case .hardest = attributes.normalization { true } else { false }
  }

  var workspaceBytes: Int { 256 + partBytes + (isMining ? 2 * sumBytes : 0) }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (a, batch, k) = (attributes, context.batch, shape.c)
    let normalizer = KernelArgument.address(context.workspace)
    let parts = context.scratch(256)
    let sums = context.scratch(256 + partBytes)
    let chosen = context.scratch(256 + partBytes + sumBytes)
    let points =
      switch a.normalization {
      case .labelled: 0
      case .all: batch * k
      case .hardest(let count): batch * min(count, k)
      }
    let place: [KernelArgument] = [.float(a.scaleX), .float(a.scaleY), .float(a.sigma)]
    let block = KernelCall.Extent(x: 256)
    var work: [DeviceWork] = [
      .kernel(
        KernelCall(
          name: "heatmapNormalizer", grid: KernelCall.Extent(x: 1), block: block,
          arguments: [
            context.input(1), .int(batch * k), .int(points), .int(shape.h), .int(shape.w),
          ] + place + [normalizer]))
    ]
    func errors(chosen: KernelArgument, gradient: KernelArgument) -> DeviceWork {
      let kind: [KernelArgument] =
        switch a.kind {
        case .squared: [.int(0), .float(0), .float(0), .float(0), .float(0)]
        case .adaptiveWing(let alpha, let omega, let epsilon, let theta):
          [.int(1), .float(alpha), .float(omega), .float(epsilon), .float(theta)]
        }
      let inputs: [KernelArgument] = [
        context.input(0), context.input(1), chosen, .int(shape.h), .int(shape.w), .int(k),
      ]
      return .kernel(
        KernelCall(
          name: "heatmapErrors", grid: KernelCall.Extent(x: partCount, y: batch), block: block,
          arguments: inputs + place + kind + [
            normalizer, .address(context.lossScale), gradient, .address(parts),
          ]))
    }
    if case .hardest(let count) = a.normalization {
      work += [
        errors(chosen: .none, gradient: .none),
        .kernel(
          KernelCall(
            name: "heatmapHardest", grid: KernelCall.Extent(x: batch), block: block,
            arguments: [
              .address(parts), .int(partCount), .int(k), .int(count), .address(sums),
              .address(chosen),
            ])),
      ]
    }
    return work + [
      errors(chosen: isMining ? .address(chosen) : .none, gradient: gradient(context)),
      sumLosses(parts, count: partCount * k, scale: normalizer, context),
    ]
  }
}

/// Coordinate losses.
struct CoordinateLossNode: NodeCompiler {
  let attributes: CoordinateLoss
  let keypointCount: Int

  var workspaceBytes: Int { 256 + aligned(attributes.pointValues.count * 4) }

  /// The kernel's number of a kind, and its constants.
  private var constants: (kind: Int, a: Float, b: Float, c: Float, d: Float) {
    switch attributes.kind {
    case .squared, .objectKeypointSimilarity: return (0, 0, 0, 0, 0)
    case .smoothL1(let beta): return (1, beta, 0, 0, 0)
    case .wing(let omega, let epsilon):
      let offset = Double(omega) - Double(omega) * log1p(Double(omega) / Double(epsilon))
      return (2, omega, epsilon, Float(offset), 0)
    case .softWing(let omega1, let omega2, let epsilon):
      let b = Double(omega1) - Double(omega2) * log1p(Double(omega1) / Double(epsilon))
      return (3, omega1, epsilon, Float(b), omega2)
    }
  }

  /// Whether errors are counted in px.
  private var isInPixels: Bool {
    switch attributes.kind {
    case .wing, .softWing: true
    default: false
    }
  }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (a, k, constants) = (attributes, keypointCount, constants)
    let isSimilarity = a.kind == .objectKeypointSimilarity
    precondition(
      a.pointValues.count == k || a.pointValues.isEmpty && !isSimilarity,
      "one value for each keypoint")
    let counts = KernelArgument.address(context.workspace)
    let values = context.scratch(256)
    let writes = KernelCall.write(a.pointValues, to: values).map { DeviceWork.kernel($0) }
    let count = DeviceWork.kernel(
      KernelCall(
        name: "countLabelled", grid: KernelCall.Extent(x: 1), block: KernelCall.Extent(x: 256),
        arguments: [context.input(1), .int(context.batch), .int(k), counts]))
    let inputs: [KernelArgument] = [
      context.input(0), context.input(1), a.pointValues.isEmpty ? .none : .address(values),
      .int(k), .float(a.width), .float(a.height),
    ]
    let (unitX, unitY) = isInPixels ? (a.width, a.height) : (1, 1)
    let settings: [KernelArgument] =
      isSimilarity
      ? [.float(a.width * a.height / 100)]
      : [
        .float(unitX), .float(unitY), .int(constants.kind), .float(constants.a),
        .float(constants.b), .float(constants.c), .float(constants.d),
      ]
    let loss = DeviceWork.kernel(
      KernelCall(
        name: isSimilarity ? "oksLoss" : "coordinateLoss",
        grid: KernelCall.Extent(x: context.batch), block: KernelCall.Extent(x: 128),
        arguments: inputs + settings + [
          counts, .address(context.lossScale), gradient(context), context.output(0),
        ]))
    return writes + [count, loss]
  }
}

/// SimCC's loss: a block a point.
struct SimCCLossNode: NodeCompiler {
  let attributes: SimCCLoss
  let keypointCount: Int
  /// Images of the planned batch.
  let images: Int

  var workspaceBytes: Int { images * keypointCount * 8 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (a, points) = (attributes, context.batch * keypointCount)
    return [
      .kernel(
        KernelCall(
          name: "simccLoss", grid: KernelCall.Extent(x: points), block: KernelCall.Extent(x: 128),
          arguments: [
            context.input(0), context.input(1), .int(a.binsX), .int(a.binsY), .float(a.scale),
            .float(a.sigma), .float(1 / Float(points)), .address(context.lossScale),
            gradient(context), .address(context.workspace),
          ])),
      sumLosses(context.workspace, count: keypointCount, scale: .none, context),
    ]
  }
}
