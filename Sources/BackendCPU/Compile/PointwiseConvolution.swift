import Graph

extension Convolution {
  /// Whether it is a product of the whole batch's pixels and the weight: 1×1, stride 1, channels in
  /// sixteens.
  func suitsPointwise(input: Int, output: Int) -> Bool {
    kernel == 1 && stride == 1 && padding == 0 && input % 16 == 0 && output % 16 == 0
  }
}

/// 1×1 convolution: forward, or the data gradient (the same with the weight transposed).
///
/// The weight is put into sixteens once; pixels are read and written where they are, in pieces of the
/// whole batch that stay in the cache while all blocks of output channels go over them.
struct PointwiseConvolution: RowWriter {
  private let batch: Int
  private let pixels: Int
  private let input: Int
  private let output: Int
  private let isDataGradient: Bool
  private let relu: Bool
  private let hasBias: Bool

  /// Shapes of what is read and written.
  init(_ attributes: Convolution, x: Shape, y: Shape, isDataGradient: Bool) {
    batch = x.n
    pixels = x.h * x.w
    input = x.c
    output = y.c
    self.isDataGradient = isDataGradient
    relu = attributes.relu && !isDataGradient
    hasBias = attributes.hasBias && !isDataGradient
  }

  var workspaceFloats: Int { (isDataGradient ? 2 : 1) * input * output }

  private func split(_ batch: Int) -> Pieces {
    Pieces(total: batch * pixels, largest: max(128, 131_072 / input), fewest: 4, multiple: 8)
  }
  var writesRows: Bool { true }
  func rows(_ batch: Int, _ piece: Int) -> Range<Int> { split(batch).range(piece) }
  var mostPieces: Int { Pieces.most(batch) { split($0).count } }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, weight, y) = (context.input(0), context.input(1), context.output(0))
    let bias = hasBias ? context.input(2) : nil
    let (kernels, accumulate) = (context.kernels, context.node.accumulates[0])
    let (input, output, relu) = (input, output, relu)
    let packed = context.workspace
    var (source, phases): (UnsafeMutablePointer<Float>, [Phase]) = (weight, [])
    if isDataGradient {
      // The weight is [output of this][input of this].
      source = packed + input * output
      phases = [
        turningPhase(kernels, weight, taps: 1, input: input, output: output, into: source)
      ]
    }
    let plain = source
    let groups = Pieces(total: output / 16, largest: 4)
    return phases + [
      Phase(pieces: { _ in groups.count }) { _, piece, _ in
        kernels.packSixteens(
          plain, input, output, groups.first(piece), groups.count(of: piece), packed)
      },
      Phase(pieces: { [self] in split($0).count }) { [self] batch, piece, _ in
        let range = split(batch)
        let (first, count) = (range.first(piece), range.count(of: piece))
        let out = y + first * output
        kernels.multiplyRows(
          count, output / 16, input, x + first * input, input, packed, input * 16, accumulate, out,
          output)
        if bias != nil || relu { kernels.addBias(out, bias, count, output, relu) }
      },
    ]
  }
}

/// Weight gradient of a 1×1 convolution: the pixels in at most 8 fixed parts, whose sums are added in
/// order, and the weight in blocks.
struct PointwiseWeightGradient: NodeCompiler {
  private let pixels: Int
  private let input: Int
  private let output: Int
  private let hasBias: Bool
  private let parts: Int

  init(_ attributes: Convolution, x: Shape, dy: Shape) {
    pixels = x.h * x.w
    input = x.c
    output = dy.c
    hasBias = attributes.hasBias
    // Small weights have no blocks to share out; large ones would make large sums.
    parts = max(1, min(8, 524_288 / (input * output)))
  }

  private var weightCount: Int { input * output }
  private var sumFloats: Int { parts > 1 ? parts * weightCount : 0 }

  var workspaceFloats: Int {
    sumFloats + (hasBias ? ColumnSums.workspaceFloats(columns: output) : 0)
  }

  func phases(_ context: CompileContext) -> [Phase] {
    let (x, dy, dweight) = (context.input(0), context.input(1), context.output(0))
    let (input, output, pixels, parts) = (input, output, pixels, parts)
    let (kernels, weightCount) = (context.kernels, weightCount)
    let sums = parts > 1 ? context.workspace : dweight
    let blocks = Pieces(total: input, largest: 256, fewest: parts > 1 ? 1 : 8, multiple: 16)
    func split(_ batch: Int) -> Pieces {
      Pieces(total: batch * pixels, largest: (batch * pixels + parts - 1) / parts)
    }
    var phases = [
      Phase(pieces: { split($0).count * blocks.count }) { batch, piece, _ in
        let (part, block) = (piece / blocks.count, piece % blocks.count)
        let (range, row) = (split(batch), blocks.first(block))
        // The products' depth: what OpenBLAS packs at once.
        let depths = Pieces(total: range.count(of: part), largest: 1024)
        for depth in 0..<depths.count {
          let first = range.first(part) + depths.first(depth)
          BLAS.multiply(
            blocks.count(of: block), output, depths.count(of: depth), x + first * input + row,
            input,
            transposeA: true, dy + first * output, output, beta: depth > 0 ? 1 : 0,
            sums + part * weightCount + row * output, output)
        }
      }
    ]
    if parts > 1 {
      let ranges = Pieces(total: weightCount, largest: 16_384, multiple: 16)
      phases.append(
        Phase(pieces: { _ in ranges.count }) { batch, piece, _ in
          kernels.sumParts(
            sums, split(batch).count, weightCount, ranges.first(piece), ranges.count(of: piece),
            dweight)
        })
    }
    if hasBias {
      phases += ColumnSums.phases(
        dy, rowsPerImage: pixels, columns: output, into: context.output(1),
        workspace: context.workspace + sumFloats, kernels)
    }
    return phases
  }
}
