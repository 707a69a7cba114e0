import Graph

/// Convolutions by kernels of ours, for what no engine of cuDNN computes and for machines without it.
enum OwnConvolution {
  /// Chunks of pixels whose weight gradients are summed afterwards.
  private static func chunks(_ problem: ConvolutionProblem) -> Int {
    max(1, min(32, problem.n * problem.p * problem.q / 256))
  }

  static func workspaceBytes(_ problem: ConvolutionProblem) -> Int {
    4 * chunks(problem) * problem.filterCount
  }

  static func work(
    _ problem: ConvolutionProblem, _ operands: ConvolutionOperands, bias: DeviceAddress, relu: Bool,
    workspace: DeviceAddress
  ) -> [DeviceWork] {
    func grid(rows: Int, columns: Int, chunks: Int = 1) -> KernelCall.Extent {
      .init(x: (rows + 63) / 64, y: (columns + 63) / 64, z: chunks)
    }
    let window = problem.kernel * problem.kernel * problem.c
    let filterSizes: [KernelArgument] = [
      .int(problem.kernel), .int(problem.kernel), .int(problem.stride), .int(problem.padding),
      .int(problem.p), .int(problem.q),
    ]
    let sizes: [KernelArgument] =
      [problem.n, problem.h, problem.w, problem.c, problem.k].map { .int($0) } + filterSizes
    func operand(
      _ address: DeviceAddress, _ values: ConvolutionProblem.Values
    ) -> [KernelArgument] {
      [.address(address), .flag(values == .float)]
    }
    let x = operand(operands.x, problem.x)
    let y = operand(operands.y, problem.y)
    let filter = operand(operands.filter, problem.filter)
    switch problem.kind {
    case .forward:
      return [
        .kernel(
          KernelCall(
            name: "convolutionForward",
            grid: grid(rows: problem.n * problem.p * problem.q, columns: problem.k),
            block: .init(x: 256),
            arguments: x + filter + [.address(bias)] + sizes
              + [.flag(relu), .flag(problem.accumulates)] + y))
      ]
    case .dataGradient:
      return [
        .kernel(
          KernelCall(
            name: "convolutionDataGradient",
            grid: grid(rows: problem.n * problem.h * problem.w, columns: problem.c),
            block: .init(x: 256),
            arguments: y + filter + sizes + [.flag(problem.accumulates)] + x))
      ]
    case .weightGradient:
      let pixels = problem.n * problem.p * problem.q
      let perBlock = parts(of: pixels, by: chunks(problem))
      let count = parts(of: pixels, by: perBlock)
      return [
        .kernel(
          KernelCall(
            name: "convolutionWeightGradient",
            grid: grid(rows: problem.k, columns: window, chunks: count), block: .init(x: 256),
            arguments: x + y + sizes + [.long(perBlock), .address(workspace)])),
        .kernel(
          .partsSummed(
            workspace, parts: count, count: problem.filterCount, into: operands.filter)),
      ]
    }
  }
}
