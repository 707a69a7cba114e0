import Graph

/// The two fully connected layers of SimCC over each keypoint's map: maps are turned to `[N · K, H · W]`
/// and multiplied.
struct SimCCNode: NodeCompiler {
  enum Kind {
    case forward, dataGradient, weightGradient
  }

  let kind: Kind
  let attributes: SimCCLinear
  /// `[N, H, W, K]`.
  let x: Shape

  private var turnedBytes: Int { aligned(4 * x.count) }

  var workspaceBytes: Int {
    kind == .weightGradient
      ? turnedBytes + 4 * attributes.bins + 256
        + ColumnSums.workspaceBytes(
          rows: x.n * x.c, columns: attributes.bins, isSixteen: false)
      : turnedBytes
  }

  func work(_ context: CompileContext) -> [DeviceWork] {
    let (pixels, keypoints) = (x.h * x.w, x.c)
    let rows = context.batch * keypoints
    let turned = context.workspace
    func input(_ index: Int) -> DeviceAddress {
      context.addresses[context.node.inputs[index].index]
    }
    func output(_ index: Int) -> DeviceAddress {
      context.addresses[context.node.outputs[index].index]
    }
    func turn(_ from: DeviceAddress, _ to: DeviceAddress, rows: Int, columns: Int, adds: Bool)
      -> DeviceWork
    {
      .kernel(
        KernelCall(
          name: "turnImages",
          grid: .init(
            x: (columns + 31) / 32, y: (rows + 31) / 32, z: context.batch),
          block: .init(x: 32, y: 8),
          arguments: [
            .address(from), .address(to), .int(rows), .int(columns), .int(adds ? 1 : 0),
          ]))
    }
    let parts: [(bins: Int, at: Int)] = [
      (attributes.binsX, 0), (attributes.binsY, attributes.binsX),
    ]
    let products = context.services.products
    let all = attributes.bins
    switch kind {
    case .forward:
      var work = [turn(input(0), turned, rows: pixels, columns: keypoints, adds: false)]
      for (index, part) in parts.enumerated() {
        work.append(
          products.work(
            MatrixProduct(
              rows: rows, columns: part.bins, depth: pixels, a: turned, aStride: pixels,
              b: input(1 + 2 * index), bStride: part.bins,
              c: output(0) + DeviceAddress(4 * part.at), cStride: all)))
        work.append(
          .kernel(
            KernelCall(
              name: "addBiasStrided", grid: KernelCall.blocks(rows * part.bins),
              block: .init(x: 256),
              arguments: [
                .address(output(0) + DeviceAddress(4 * part.at)), .address(input(2 + 2 * index)),
                .long(rows), .int(part.bins), .int(all),
              ])))
      }
      return work
    case .dataGradient:
      var work: [DeviceWork] = []
      for (index, part) in parts.enumerated() {
        work.append(
          products.work(
            MatrixProduct(
              rows: rows, columns: pixels, depth: part.bins,
              a: input(0) + DeviceAddress(4 * part.at), aStride: all, b: input(1 + index),
              bStride: part.bins, bIsTransposed: true, c: turned, cStride: pixels,
              accumulates: index > 0)))
      }
      work.append(
        turn(
          turned, output(0), rows: keypoints, columns: pixels, adds: context.node.accumulates[0]))
      return work
    case .weightGradient:
      let sums = turned + DeviceAddress(turnedBytes)
      let scratch = sums + DeviceAddress(aligned(4 * all))
      var work = [turn(input(0), turned, rows: pixels, columns: keypoints, adds: false)]
      work += ColumnSums.work(
        input(1), rows: rows, columns: all, isSixteen: false, into: sums, workspace: scratch)
      for (index, part) in parts.enumerated() {
        work.append(
          products.work(
            MatrixProduct(
              rows: pixels, columns: part.bins, depth: rows, a: turned, aStride: pixels,
              aIsTransposed: true, b: input(1) + DeviceAddress(4 * part.at), bStride: all,
              c: output(2 * index), cStride: part.bins)))
        let (from, to) = (sums + DeviceAddress(4 * part.at), output(2 * index + 1))
        work.append(.library("copy") { $0.copy(from, to: to, bytes: 4 * part.bins) })
      }
      return work
    }
  }
}
