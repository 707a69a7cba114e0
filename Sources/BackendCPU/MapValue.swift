import Graph

/// What a map's values are in memory: `Float`, or `UInt16` for bfloat16.
protocol MapValue: BitwiseCopyable {
  /// The kernels over such maps.
  static func kernels(_ table: KernelTable) -> MapKernels<Self>

  /// Whether Winograd's method is the best for 3×3 convolutions of stride 1.
  static func prefersWinograd(_ kernels: KernelTable) -> Bool

  /// How the data gradient of such a convolution is done without it: the geometry is that of `dy` as the
  /// input.
  static func turnedConvolution(_ geometry: WindowGeometry, threads: Int) -> any NodeCompiler

  /// How a convolution without Winograd is done.
  static func windowConvolution(
    _ geometry: WindowGeometry, resultBytes: Int, threads: Int
  ) -> any NodeCompiler

  /// How its data gradient is done.
  static func windowDataGradient(_ geometry: WindowGeometry, threads: Int) -> any NodeCompiler

  /// How its weight gradient is done; with `isTransposed` the node's inputs are swapped.
  static func windowWeightGradient(
    _ geometry: WindowGeometry, isTransposed: Bool, threads: Int
  ) -> any NodeCompiler
}

extension Float: MapValue {
  static func kernels(_ table: KernelTable) -> MapKernels<Float> { table.floats }

  static func prefersWinograd(_ kernels: KernelTable) -> Bool { true }

  static func turnedConvolution(
    _ geometry: WindowGeometry, threads: Int
  ) -> any NodeCompiler {
    preconditionFailure("by Winograd")
  }

  static func windowConvolution(
    _ geometry: WindowGeometry, resultBytes: Int, threads: Int
  ) -> any NodeCompiler {
    WindowConvolution(geometry: geometry, threads: threads)
  }

  static func windowDataGradient(
    _ geometry: WindowGeometry, threads: Int
  ) -> any NodeCompiler {
    WindowDataGradient(geometry: geometry, threads: threads)
  }

  static func windowWeightGradient(
    _ geometry: WindowGeometry, isTransposed: Bool, threads: Int
  ) -> any NodeCompiler {
    WindowWeightGradient(geometry: geometry, threads: threads, isTransposed: isTransposed)
  }
}

extension UInt16: MapValue {
  static func kernels(_ table: KernelTable) -> MapKernels<UInt16> { table.halves }

  // Four times the multiplications, but with the processor's instruction these cost less than the
  // transforms, and each value is rounded only once.
  static func prefersWinograd(_ kernels: KernelTable) -> Bool {
    !kernels.pairs.isInstruction
  }

  static func turnedConvolution(
    _ geometry: WindowGeometry, threads: Int
  ) -> any NodeCompiler {
    PairConvolution<UInt16>(PairGeometry(geometry, threads: threads), isTurned: true)
  }

  static func windowConvolution(
    _ geometry: WindowGeometry, resultBytes: Int, threads: Int
  ) -> any NodeCompiler {
    let pairs = PairGeometry(geometry, threads: threads)
    return resultBytes == 4
      ? PairConvolution<Float>(pairs) : PairConvolution<UInt16>(pairs)
  }

  static func windowDataGradient(
    _ geometry: WindowGeometry, threads: Int
  ) -> any NodeCompiler {
    PairDataGradient(PairGeometry(geometry, threads: threads))
  }

  static func windowWeightGradient(
    _ geometry: WindowGeometry, isTransposed: Bool, threads: Int
  ) -> any NodeCompiler {
    PairWeightGradient(PairGeometry(geometry, threads: threads), isTransposed: isTransposed)
  }
}
