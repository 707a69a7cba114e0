import Graph

extension LikelihoodLoss {
  fileprivate var tensors: Int { layers * Self.tensorsPerLayer }
  /// Bytes of a table of the flow's tensors.
  fileprivate var tableBytes: Int { aligned(tensors * 8) }
  /// Values of one network's gradients in the kernels' parts: each tensor at a multiple of 16.
  fileprivate static var valuesPerNet: Int {
    extents.reduce(0) { $0 + ($1.0 * $1.1 + 15) / 16 * 16 + ($1.1 + 15) / 16 * 16 }
  }
  /// Most couplings that the kernels keep the activations of.
  fileprivate static let mostLayers = 16
}

private func writeFlow(
  _ attributes: LikelihoodLoss, to table: DeviceAddress, _ context: CompileContext
) -> [DeviceWork] {
  precondition(attributes.layers <= LikelihoodLoss.mostLayers)
  let inputs = (0..<attributes.tensors).map { context.input(2 + $0) }
  return KernelCall.write(addresses: inputs, to: table).map { .kernel($0) }
}

/// Residual log-likelihood: a block a point.
struct LikelihoodLossNode: NodeCompiler {
  let attributes: LikelihoodLoss
  let keypointCount: Int
  /// Images of the planned batch.
  let images: Int

  var workspaceBytes: Int { attributes.tableBytes + images * keypointCount * 8 }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let a = attributes
    let parts = KernelArgument.address(context.scratch(a.tableBytes))
    return writeFlow(a, to: context.workspace, context) + [
      .kernel(
        KernelCall(
          name: "likelihoodLoss", grid: KernelCall.Extent(x: context.batch * keypointCount),
          block: KernelCall.Extent(x: LikelihoodLoss.hidden),
          arguments: [
            context.input(0), context.input(1), .float(a.width), .float(a.height),
            .float(1 / Float(context.batch)), .address(context.workspace), .int(a.layers),
            .address(context.lossScale), context.output(1), parts,
          ])),
      .kernel(
        KernelCall(
          name: "sumLosses", grid: KernelCall.Extent(x: context.batch),
          block: KernelCall.Extent(x: 256),
          arguments: [parts, .int(keypointCount), .none, context.output(0)])),
    ]
  }
}

/// Gradients of the flow's parameters: the batch's points in a fixed number of parts.
struct LikelihoodGradientNode: NodeCompiler {
  let attributes: LikelihoodLoss
  let keypointCount: Int
  /// Images of the planned batch.
  let images: Int

  private func partCount(_ images: Int) -> Int { min(64, images * keypointCount) }

  var workspaceBytes: Int {
    2 * attributes.tableBytes
      + partCount(images) * attributes.layers * 2 * LikelihoodLoss.valuesPerNet * 4
  }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (a, count) = (attributes, partCount(context.batch))
    let outputs = context.scratch(a.tableBytes)
    let sums = KernelArgument.address(context.scratch(2 * a.tableBytes))
    let targets = (0..<a.tensors).map { context.output($0) }
    return writeFlow(a, to: context.workspace, context)
      + KernelCall.write(addresses: targets, to: outputs).map { .kernel($0) } + [
        .kernel(
          KernelCall(
            name: "likelihoodGradient", grid: KernelCall.Extent(x: count),
            block: KernelCall.Extent(x: LikelihoodLoss.hidden),
            arguments: [
              context.input(0), context.input(1), .int(context.batch * keypointCount),
              .float(a.width), .float(a.height), .float(1 / Float(context.batch)),
              .address(context.workspace), .int(a.layers), .address(context.lossScale), sums,
            ])),
        .kernel(
          KernelCall(
            name: "likelihoodGradientFinish",
            grid: KernelCall.Extent(
              x: parts(of: LikelihoodLoss.valuesPerNet, by: 256), y: 2 * a.layers),
            block: KernelCall.Extent(x: 256),
            arguments: [sums, .int(count), .int(a.layers), .address(outputs)])),
      ]
  }
}
