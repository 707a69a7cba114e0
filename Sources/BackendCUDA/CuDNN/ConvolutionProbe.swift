package import Execution
package import Graph

extension CUDABackend {
  /// Times every way that cuDNN has for a convolution's gradient, for those who tune the choice:
  /// results in `Float` or in maps' kind, with the same bits every time or not. Milliseconds, best first.
  ///
  /// - Parameter shape: the input's; `channels` the output's.
  package func probe(
    _ kind: String, _ attributes: Convolution, _ shape: Shape, channels: Int
  ) throws(ExecutionError) -> [(name: String, milliseconds: [Double], workspaces: [Int])] {
    guard let cudnn else { return [] }
    let small = attributes.outputShape(shape, channels: channels)
    let bytes = self.kind.bytes
    let problemKind: ConvolutionProblem.Kind =
      kind == "forward" ? .forward : kind == "data" ? .dataGradient : .weightGradient
    let base = ConvolutionProblem(
      problemKind, attributes, large: shape, small: small, largeBytes: bytes, smallBytes: bytes,
      self.kind)
    let sizes = [4 * shape.count, 4 * base.filterCount, 4 * small.count].map(aligned)
    let total = sizes.reduce(0, +) + CuDNNLibrary.workspaceLimit
    let memory = try stream.allocate(total)
    defer { stream.free(memory, total) }
    stream.launch(
      KernelCall(
        name: "fillRandom", grid: .init(x: 1_056), block: .init(x: 256),
        arguments: [.address(memory), .long(sizes.reduce(0, +) / bytes), .int(bytes)]))
    let operands = ConvolutionOperands(
      x: memory, filter: memory + DeviceAddress(sizes[0]),
      y: memory + DeviceAddress(sizes[0] + sizes[1]),
      workspace: memory + DeviceAddress(sizes.reduce(0, +)))
    var results: [(name: String, milliseconds: [Double], workspaces: [Int])] = []
    for isStaged in [false, true] {
      for isLoose in [false, true] {
        var problem = base
        problem.allowsNondeterministic = isLoose
        if isStaged {
          guard problemKind == .weightGradient, bytes == 2 else { continue }
          problem.filter = problem.x
        }
        let plans = cudnn.plans(problem)
        var times: [(Double, Int)] = []
        for plan in plans {
          var best = Double.infinity
          for _ in 0..<4 {
            var isDone = true
            let seconds = stream.seconds { isDone = plan.run(operands, cudnn) }
            if isDone { best = min(best, seconds) }
          }
          times.append((best, plan.workspaceBytes))
        }
        times.sort { $0.0 < $1.0 }
        results.append(
          (
            "\(isStaged ? "16-bit" : "as asked") \(isLoose ? "any" : "deterministic")",
            times.map { 1e3 * $0.0 }, times.map(\.1)
          ))
      }
    }
    return results
  }

  /// Times the variants of the giant layer's step. Milliseconds by kernel.
  package func probeUpdate(
    batch: Int, inputs: Int, outputs: Int
  ) throws(ExecutionError) -> [(name: String, milliseconds: Double)] {
    let weights = inputs * outputs
    let sizes = [
      512, 4 * batch * inputs, 4 * batch * outputs, 4 * weights, 4 * weights, 4 * weights,
      2 * weights,
    ].map(aligned)
    let total = sizes.reduce(0, +)
    let memory = try stream.allocate(total)
    defer { stream.free(memory, total) }
    stream.launch(
      KernelCall(
        name: "fillRandom", grid: .init(x: 1_056), block: .init(x: 256),
        arguments: [.address(memory), .long(total / 4), .int(4)]))
    stream.fill(memory, with: 0, bytes: sizes[0])
    var places: [KernelArgument] = []
    var offset = 0
    for size in sizes {
      places.append(.address(memory + DeviceAddress(offset)))
      offset += size
    }
    var results: [(name: String, milliseconds: Double)] = []
    for (name, rows) in [("linearUpdate", 32)] {
      let call = KernelCall(
        name: name, grid: .init(x: parts(of: outputs, by: 128), y: parts(of: inputs, by: rows)),
        block: .init(x: 256),
        arguments: [
          places[0], places[1], places[2], .int(batch), .int(inputs), .int(outputs), places[3],
          places[6], places[4], places[5], .int(1),
        ])
      var best = Double.infinity
      for _ in 0..<6 { best = min(best, stream.seconds { stream.launch(call) }) }
      results.append((name, 1e3 * best))
    }
    return results
  }
}
