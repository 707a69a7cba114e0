import Graph

/// What a map's values are in memory: `Float`, or `UInt16` for bfloat16.
protocol MapValue: BitwiseCopyable {
  /// The kernels over such maps.
  static func kernels(_ table: KernelTable) -> MapKernels<Self>

  /// How a convolution of x to y is done; a value of y has `resultBytes`.
  static func convolution(
    _ attributes: Convolution, x: Shape, y: Shape, resultBytes: Int, threads: Int,
    _ kernels: KernelTable
  ) -> any NodeCompiler

  /// How its data gradient is done.
  static func dataGradient(
    _ attributes: Convolution, x: Shape, y: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler

  /// How its weight gradient is done.
  static func weightGradient(
    _ attributes: Convolution, x: Shape, y: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler

  /// Pixels of the side of the tiles in which Winograd's method does transposed convolutions.
  static var transposedTile: Int { get }

  /// How it does a transposed convolution of the small map to the large one, or its data gradient.
  static func transposedWinograd(
    small: Shape, large: Shape, isDataGradient: Bool, threads: Int
  ) -> any NodeCompiler

  /// How it does the weight gradient.
  static func transposedWinogradWeightGradient(
    small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler

  /// How the weight gradient of a transposed convolution is done without it.
  static func transposedWeightGradient(
    _ attributes: Convolution, small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler
}

extension MapValue {
  /// How a transposed convolution of the small map to the large one is done.
  static func transposed(
    _ attributes: Convolution, small: Shape, large: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler {
    attributes.suitsTransposedWinograd(
      small: small, large: large, size: transposedTile, isDataGradient: false)
      ? transposedWinograd(small: small, large: large, isDataGradient: false, threads: threads)
      : dataGradient(attributes, x: large, y: small, threads: threads, kernels)
  }

  /// How its data gradient is done; a value of it has `resultBytes`.
  static func dataGradientOfTransposed(
    _ attributes: Convolution, small: Shape, large: Shape, resultBytes: Int, threads: Int,
    _ kernels: KernelTable
  ) -> any NodeCompiler {
    resultBytes == MemoryLayout<Self>.size
      && attributes.suitsTransposedWinograd(
        small: small, large: large, size: transposedTile, isDataGradient: true)
      ? transposedWinograd(small: small, large: large, isDataGradient: true, threads: threads)
      : convolution(
        attributes, x: large, y: small, resultBytes: resultBytes, threads: threads, kernels)
  }

  /// How its weight gradient is done.
  static func weightGradientOfTransposed(
    _ attributes: Convolution, small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler {
    attributes.suitsTransposedWinograd(
      small: small, large: large, size: transposedTile, isDataGradient: false)
      ? transposedWinogradWeightGradient(small: small, large: large, threads: threads)
      : transposedWeightGradient(attributes, small: small, large: large, threads: threads)
  }
}

extension Float: MapValue {
  static func kernels(_ table: KernelTable) -> MapKernels<Float> { table.floats }

  static func convolution(
    _ attributes: Convolution, x: Shape, y: Shape, resultBytes: Int, threads: Int,
    _ kernels: KernelTable
  ) -> any NodeCompiler {
    if attributes.suitsWinograd(input: x.c, output: y.c) {
      return WinogradFours(
        attributes, source: x, channels: y.c, isDataGradient: false, threads: threads)
    }
    if attributes.suitsPointwise(input: x.c, output: y.c) {
      return PointwiseConvolution(attributes, x: x, y: y, isDataGradient: false)
    }
    if attributes.suitsStridedWinograd(input: x, output: y) {
      return StridedWinograd(attributes, x: x, y: y, threads: threads)
    }
    if y.c % 16 == 0 { return StridedConvolution(attributes, x: x, y: y, threads: threads) }
    return WindowConvolution(geometry: WindowGeometry(attributes, x: x, y: y), threads: threads)
  }

  static func dataGradient(
    _ attributes: Convolution, x: Shape, y: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler {
    if attributes.suitsWinograd(input: x.c, output: y.c) {
      return WinogradFours(
        attributes, source: y, channels: x.c, isDataGradient: true, threads: threads)
    }
    if attributes.suitsPointwise(input: x.c, output: y.c) {
      return PointwiseConvolution(attributes, x: y, y: x, isDataGradient: true)
    }
    if attributes.suitsStridedWinograd(input: x, output: y) {
      return StridedWinogradDataGradient(x: x, y: y, threads: threads)
    }
    if x.c % 16 == 0, y.c % 16 == 0 {
      return StridedDataGradient(attributes, x: x, y: y, threads: threads)
    }
    return WindowDataGradient(geometry: WindowGeometry(attributes, x: x, y: y), threads: threads)
  }

  static func weightGradient(
    _ attributes: Convolution, x: Shape, y: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler {
    if attributes.suitsWinograd(input: x.c, output: y.c) {
      return WinogradFoursWeightGradient(attributes, x: x, dy: y, threads: threads)
    }
    if attributes.suitsPointwise(input: x.c, output: y.c) {
      return PointwiseWeightGradient(attributes, x: x, dy: y)
    }
    if attributes.suitsStridedWinogradWeightGradient(input: x, output: y) {
      return StridedWinogradWeightGradient(attributes, x: x, dy: y, threads: threads)
    }
    if y.c % 16 == 0 {
      return StridedWeightGradient(attributes, x: x, dy: y, threads: threads)
    }
    return WindowWeightGradient(geometry: WindowGeometry(attributes, x: x, y: y), threads: threads)
  }

  static var transposedTile: Int { 5 }

  static func transposedWinograd(
    small: Shape, large: Shape, isDataGradient: Bool, threads: Int
  ) -> any NodeCompiler {
    TransposedWinograd(
      small: small, large: large, isDataGradient: isDataGradient, threads: threads)
  }

  static func transposedWinogradWeightGradient(
    small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler {
    TransposedWinogradWeightGradient(small: small, large: large, threads: threads)
  }

  static func transposedWeightGradient(
    _ attributes: Convolution, small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler {
    WindowWeightGradient(
      geometry: WindowGeometry(attributes, x: large, y: small), threads: threads,
      isTransposed: true)
  }
}

extension UInt16: MapValue {
  static func kernels(_ table: KernelTable) -> MapKernels<UInt16> { table.halves }

  /// Without the processor's instruction for pairs, products of `Float` cost less.
  private static func widens(_ attributes: Convolution, x: Shape, y: Shape, _ kernels: KernelTable)
    -> Bool
  {
    !kernels.pairs.isInstruction && attributes.suitsWinograd(input: x.c, output: y.c)
  }

  static func convolution(
    _ attributes: Convolution, x: Shape, y: Shape, resultBytes: Int, threads: Int,
    _ kernels: KernelTable
  ) -> any NodeCompiler {
    if resultBytes == 4 {
      return PairConvolution<Float>(attributes, x: x, y: y, threads: threads)
    }
    if widens(attributes, x: x, y: y, kernels) {
      return WidenedWinograd(
        attributes, source: x, channels: y.c, isDataGradient: false, threads: threads)
    }
    if attributes.suitsPairWinograd(input: x.c, output: y.c) {
      return PairWinograd(
        attributes, source: x, channels: y.c, isDataGradient: false, threads: threads)
    }
    return PairConvolution<UInt16>(attributes, x: x, y: y, threads: threads)
  }

  static func dataGradient(
    _ attributes: Convolution, x: Shape, y: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler {
    if widens(attributes, x: x, y: y, kernels) {
      return WidenedWinograd(
        attributes, source: y, channels: x.c, isDataGradient: true, threads: threads)
    }
    if attributes.suitsPairWinograd(input: x.c, output: y.c) {
      return PairWinograd(
        attributes, source: y, channels: x.c, isDataGradient: true, threads: threads)
    }
    return PairDataGradient(attributes, dx: x, dy: y, threads: threads)
  }

  static func weightGradient(
    _ attributes: Convolution, x: Shape, y: Shape, threads: Int, _ kernels: KernelTable
  ) -> any NodeCompiler {
    if widens(attributes, x: x, y: y, kernels) {
      return WidenedWinogradWeightGradient(attributes, x: x, dy: y, threads: threads)
    }
    if attributes.suitsPairWinograd(input: x.c, output: y.c) {
      return PairWinogradWeightGradient(attributes, x: x, y: y, threads: threads)
    }
    return PairWeightGradient(attributes, x: x, y: y, isTransposed: false, threads: threads)
  }

  static var transposedTile: Int { 3 }

  static func transposedWinograd(
    small: Shape, large: Shape, isDataGradient: Bool, threads: Int
  ) -> any NodeCompiler {
    PairWinogradTransposed(
      small: small, large: large, isDataGradient: isDataGradient, threads: threads)
  }

  static func transposedWinogradWeightGradient(
    small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler {
    PairWinogradWeightGradient(small: small, large: large, threads: threads)
  }

  static func transposedWeightGradient(
    _ attributes: Convolution, small: Shape, large: Shape, threads: Int
  ) -> any NodeCompiler {
    PairWeightGradient(attributes, x: large, y: small, isTransposed: true, threads: threads)
  }
}
