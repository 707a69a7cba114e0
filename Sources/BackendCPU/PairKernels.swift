import CKernels
import CVector
import KernelsBFloat16
import KernelsBFloat16V3
import KernelsBFloat16V4

/// The left operand of a product of bfloat16 pairs.
typealias PairOperand = posetop_pair_operand

/// Tiles over a picture, or over a parity of one.
typealias PictureTiles = posetop_tiles

/// What only maps of bfloat16 need: matrix products of pairs with what brings operands into their form, and
/// Winograd's method by products of `Float` where the processor has no instruction for pairs.
struct PairKernels: Sendable {
  typealias Values = UnsafePointer<UInt16>
  typealias Panels = UnsafeMutablePointer<UInt32>
  /// What brings tiles of a picture into the form of an operand whose pairs are neighbouring tiles.
  typealias Transform =
    @Sendable (
      Values, Values, PictureTiles, Int, Int, Int, Int, Int, Int, Panels, Int,
      UnsafeMutablePointer<Values>, UnsafeMutablePointer<Float>
    ) -> Void

  /// What makes transformed values of type `Float` of tiles of a picture.
  typealias Widening =
    @Sendable (
      Values, Values, Int, Int, Int, Int, Int, Int, Int, UnsafeMutablePointer<Float>, Int,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Values>
    ) -> Void

  let packPanel: @Sendable (UnsafePointer<Float>, Int, Int, Int, Int, Int, Panels) -> Void
  let packTransposedPanel: @Sendable (UnsafePointer<Float>, Int, Int, Int, Int, Int, Panels) -> Void
  let copyLines:
    @Sendable (
      Values, Int, Int, Int, Int, Int, Int, Int, Int, UnsafeMutablePointer<UInt16>
    ) -> Void
  let gatherWindowPairs:
    @Sendable (
      Values, Values, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Panels
    ) -> Void
  let interleaveRows: @Sendable (Values, Values, Int, Int, Panels) -> Void
  let winogradWindows:
    @Sendable (
      Values, Values, PictureTiles, Int, Int, Int, UnsafeMutablePointer<UInt16>, Int,
      UnsafeMutablePointer<Values>
    ) -> Void
  let winogradWindowPairs: Transform
  let winogradTwos:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>,
      UnsafePointer<Float>?, PictureTiles, Int, Int, Int, Bool, Bool, UnsafeMutablePointer<Values>
    ) -> Void
  let winogradTwosGradient: Transform
  let winogradFilter:
    @Sendable (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
  let winogradFilterGradient:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, UnsafeMutablePointer<Float>
    ) -> Void
  let winogradThrees:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>,
      PictureTiles, Int, Int, Int, Bool, UnsafeMutablePointer<Values>
    ) -> Void
  let winogradThreesGradient: Transform
  let winogradSmallFilters:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Panels, Int
    ) -> Void
  let winogradSmallFilterGradient:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Int,
      UnsafeMutablePointer<Float>
    ) -> Void
  let winogradInput: Widening
  let winogradOutput:
    @Sendable (
      UnsafePointer<Float>, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>,
      UnsafePointer<Float>?, Int, Int, Int, Int, Int, Int, Int, Bool, Bool,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Values>
    ) -> Void
  let winogradOutputGradient: Widening
  var multiply:
    @Sendable (
      PairOperand, Int, UnsafePointer<UInt32>, UnsafeMutablePointer<Float>, Int, Bool
    ) -> Void
  /// Whether `multiply` is the processor's instruction, which rounds in its own way.
  var isInstruction = false

  /// Columns of a panel.
  static let panel = 32

  /// Whether this processor has an instruction for these products.
  static let hasInstruction = posetop_has_pair_products()

  static let base = PairKernels(
    packPanel: KernelsBFloat16.packPanel,
    packTransposedPanel: KernelsBFloat16.packTransposedPanel,
    copyLines: KernelsBFloat16.copyLines,
    gatherWindowPairs: KernelsBFloat16.gatherWindowPairs,
    interleaveRows: KernelsBFloat16.interleaveRows,
    winogradWindows: KernelsBFloat16.winogradPairWindows,
    winogradWindowPairs: KernelsBFloat16.winogradPairWindowPairs,
    winogradTwos: KernelsBFloat16.winogradPairTwos,
    winogradTwosGradient: KernelsBFloat16.winogradPairTwosGradient,
    winogradFilter: KernelsBFloat16.winogradPairFilter,
    winogradFilterGradient: KernelsBFloat16.winogradPairFilterGradient,
    winogradThrees: KernelsBFloat16.winogradPairThrees,
    winogradThreesGradient: KernelsBFloat16.winogradPairThreesGradient,
    winogradSmallFilters: KernelsBFloat16.winogradPairSmallFilters,
    winogradSmallFilterGradient: KernelsBFloat16.winogradPairSmallFilterGradient,
    winogradInput: KernelsBFloat16.winogradInput,
    winogradOutput: KernelsBFloat16.winogradOutput,
    winogradOutputGradient: KernelsBFloat16.winogradOutputGradient
  ) { a, panels, b, c, distance, accumulate in
    KernelsBFloat16.multiplyPairs(
      a.values, a.rows, a.line, a.row_step, a.line_step, a.segments, a.segment_step, a.pairs,
      a.pair_step, panels, b, c, distance, accumulate)
  }

  static let version3 = PairKernels(
    packPanel: KernelsBFloat16V3.packPanel,
    packTransposedPanel: KernelsBFloat16V3.packTransposedPanel,
    copyLines: KernelsBFloat16V3.copyLines,
    gatherWindowPairs: KernelsBFloat16V3.gatherWindowPairs,
    interleaveRows: KernelsBFloat16V3.interleaveRows,
    winogradWindows: KernelsBFloat16V3.winogradPairWindows,
    winogradWindowPairs: KernelsBFloat16V3.winogradPairWindowPairs,
    winogradTwos: KernelsBFloat16V3.winogradPairTwos,
    winogradTwosGradient: KernelsBFloat16V3.winogradPairTwosGradient,
    winogradFilter: KernelsBFloat16V3.winogradPairFilter,
    winogradFilterGradient: KernelsBFloat16V3.winogradPairFilterGradient,
    winogradThrees: KernelsBFloat16V3.winogradPairThrees,
    winogradThreesGradient: KernelsBFloat16V3.winogradPairThreesGradient,
    winogradSmallFilters: KernelsBFloat16V3.winogradPairSmallFilters,
    winogradSmallFilterGradient: KernelsBFloat16V3.winogradPairSmallFilterGradient,
    winogradInput: KernelsBFloat16V3.winogradInput,
    winogradOutput: KernelsBFloat16V3.winogradOutput,
    winogradOutputGradient: KernelsBFloat16V3.winogradOutputGradient
  ) { a, panels, b, c, distance, accumulate in
    KernelsBFloat16V3.multiplyPairs(
      a.values, a.rows, a.line, a.row_step, a.line_step, a.segments, a.segment_step, a.pairs,
      a.pair_step, panels, b, c, distance, accumulate)
  }

  static let version4 = PairKernels(
    packPanel: KernelsBFloat16V4.packPanel,
    packTransposedPanel: KernelsBFloat16V4.packTransposedPanel,
    copyLines: KernelsBFloat16V4.copyLines,
    gatherWindowPairs: KernelsBFloat16V4.gatherWindowPairs,
    interleaveRows: KernelsBFloat16V4.interleaveRows,
    winogradWindows: KernelsBFloat16V4.winogradPairWindows,
    winogradWindowPairs: KernelsBFloat16V4.winogradPairWindowPairs,
    winogradTwos: KernelsBFloat16V4.winogradPairTwos,
    winogradTwosGradient: KernelsBFloat16V4.winogradPairTwosGradient,
    winogradFilter: KernelsBFloat16V4.winogradPairFilter,
    winogradFilterGradient: KernelsBFloat16V4.winogradPairFilterGradient,
    winogradThrees: KernelsBFloat16V4.winogradPairThrees,
    winogradThreesGradient: KernelsBFloat16V4.winogradPairThreesGradient,
    winogradSmallFilters: KernelsBFloat16V4.winogradPairSmallFilters,
    winogradSmallFilterGradient: KernelsBFloat16V4.winogradPairSmallFilterGradient,
    winogradInput: KernelsBFloat16V4.winogradInput,
    winogradOutput: KernelsBFloat16V4.winogradOutput,
    winogradOutputGradient: KernelsBFloat16V4.winogradOutputGradient
  ) { a, panels, b, c, distance, accumulate in
    KernelsBFloat16V4.multiplyPairs(
      a.values, a.rows, a.line, a.row_step, a.line_step, a.segments, a.segment_step, a.pairs,
      a.pair_step, panels, b, c, distance, accumulate)
  }

  /// The same with the processor's instruction.
  static let version4WithInstruction: PairKernels = {
    var kernels = version4
    kernels.isInstruction = true
    kernels.multiply = { a, panels, b, c, distance, accumulate in
      withUnsafePointer(to: a) {
        posetop_multiply_pairs($0, panels, b, c, distance, accumulate)
      }
    }
    return kernels
  }()
}
