import Graph

extension LikelihoodLoss {
  fileprivate var tensors: Int { layers * Self.tensorsPerLayer }
  /// Floats of the kernel's scratch memory.
  fileprivate var scratchFloats: Int { (layers + 1) * 4 * Self.hidden + 4 * layers + 16 }
  /// Values of all the flow's parameters, each tensor at a multiple of 16.
  fileprivate var parameterPlaces: (offsets: [Int], count: Int) {
    var offsets: [Int] = []
    var count = 0
    for _ in 0..<(2 * layers) {
      for (inputs, outputs) in Self.extents {
        for values in [inputs * outputs, outputs] {
          offsets.append(count)
          count += (values + 15) / 16 * 16
        }
      }
    }
    return (offsets, count)
  }

  fileprivate func values(ofTensor index: Int) -> Int {
    let (inputs, outputs) = Self.extents[index % 6 / 2]
    return index % 2 == 0 ? inputs * outputs : outputs
  }
}

/// Residual log-likelihood; each image is one piece.
struct LikelihoodLossNode: NodeCompiler {
  let attributes: LikelihoodLoss
  let keypointCount: Int
  let threads: Int

  var workspaceFloats: Int { 2 * attributes.tensors + 16 + threads * attributes.scratchFloats }

  func phases(_ context: CompileContext) -> [Phase] {
    let (prediction, keypoints, losses) = (
      context.input(0), context.input(1), context.output(0)
    )
    let gradient = context.node.outputs.count > 1 ? context.output(1) : nil
    let (kernels, a, k) = (context.kernels, attributes, keypointCount)
    let flow = UnsafeMutableRawPointer(context.workspace)
      .assumingMemoryBound(to: UnsafePointer<Float>.self)
    let workers = context.workspace + 2 * a.tensors + 16
    let scratch = a.scratchFloats
    let addresses = (0..<a.tensors).map { context.input(2 + $0) }
    return [
      // The arena is shared, so the table is written anew each time.
      Phase(pieces: { _ in 1 }) { _, _, _ in
        for (index, address) in addresses.enumerated() { flow[index] = UnsafePointer(address) }
      },
      Phase(pieces: { $0 }) { batch, image, worker in
        losses[image] = kernels.likelihoodLoss(
          prediction + image * 4 * k, keypoints + image * 3 * k, k, a.width, a.height,
          1 / Float(batch), flow, a.layers, gradient.map { $0 + image * 4 * k }, nil,
          workers + worker * scratch)
      },
    ]
  }
}

/// Gradients of the flow's parameters: the batch in at most 8 fixed parts, whose sums are added in order.
struct LikelihoodGradientNode: NodeCompiler {
  let attributes: LikelihoodLoss
  let keypointCount: Int
  let threads: Int

  private static let parts = 8
  private var places: Int { 2 * attributes.tensors + 16 }

  var workspaceFloats: Int {
    // One table of the tensors, and one of the sums for each part.
    (1 + Self.parts) * places + Self.parts * attributes.parameterPlaces.count
      + threads * attributes.scratchFloats
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (prediction, keypoints) = (context.input(0), context.input(1))
    let (kernels, a, k, places) = (context.kernels, attributes, keypointCount, places)
    let inputs = (0..<a.tensors).map { context.input(2 + $0) }
    let outputs = (0..<a.tensors).map { context.output($0) }
    let (offsets, count) = a.parameterPlaces
    let tables = context.workspace
    let sums = tables + (1 + Self.parts) * places
    let workers = sums + Self.parts * count
    let scratch = a.scratchFloats
    func split(_ batch: Int) -> Pieces {
      Pieces(total: batch, largest: (batch + Self.parts - 1) / Self.parts)
    }
    func sumTable(_ part: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<Float>> {
      UnsafeMutableRawPointer(tables + (1 + part) * places)
        .assumingMemoryBound(to: UnsafeMutablePointer<Float>.self)
    }
    let values = (0..<a.tensors).map { a.values(ofTensor: $0) }
    return [
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        let flow = UnsafeMutableRawPointer(tables)
          .assumingMemoryBound(to: UnsafePointer<Float>.self)
        for (index, address) in inputs.enumerated() { flow[index] = UnsafePointer(address) }
        for part in 0..<split(batch).count {
          let table = sumTable(part)
          for (index, offset) in offsets.enumerated() {
            table[index] = sums + part * count + offset
          }
        }
      },
      Phase(pieces: { split($0).count }) { batch, part, worker in
        let images = split(batch)
        (sums + part * count).update(repeating: 0, count: count)
        let flow = UnsafeMutableRawPointer(tables)
          .assumingMemoryBound(to: UnsafePointer<Float>.self)
        for image in images.first(part)..<images.first(part) + images.count(of: part) {
          _ = kernels.likelihoodLoss(
            prediction + image * 4 * k, keypoints + image * 3 * k, k, a.width, a.height,
            1 / Float(batch), flow, a.layers, nil, sumTable(part), workers + worker * scratch)
        }
      },
      Phase(pieces: { _ in 1 }) { batch, _, _ in
        kernels.sumParts(sums, split(batch).count, count, 0, count, sums)
        for (index, output) in outputs.enumerated() {
          output.update(from: sums + offsets[index], count: values[index])
        }
      },
    ]
  }
}
