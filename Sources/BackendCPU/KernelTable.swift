import CPosix
import Kernels
import KernelsV3
import KernelsV4

/// The kernels of the level that this processor has; chosen once, at start-up.
///
/// One line a kernel and level: the three modules are the same source, compiled for the base
/// instruction set, for x86-64-v3 (AVX2) and for x86-64-v4 (AVX-512).
struct KernelTable: Sendable {
  let level: String
  /// Kernels over maps of `Float`.
  let floats: MapKernels<Float>
  /// Kernels over maps of bfloat16.
  let halves: MapKernels<UInt16>
  /// Products of bfloat16 values.
  var pairs: PairKernels
  let winogradFilter:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>
    ) -> Void
  let winogradFilterGradient:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>
    ) -> Void
  let multiplySixteens:
    @Sendable (
      Int, Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Bool,
      UnsafeMutablePointer<Float>, Int
    ) -> Void
  let multiplySixteensTransposed:
    @Sendable (
      Int, Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Bool,
      UnsafeMutablePointer<Float>, Int
    ) -> Void
  let winogradWindows:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int,
      Int, Int, Int, UnsafeMutablePointer<Float>, Int, Int,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let winogradFives:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int,
      Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let winogradFivesGradient:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int,
      Int, Int, UnsafeMutablePointer<Float>, Int, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let winogradSmallFilters:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, UnsafeMutablePointer<Float>,
      Int,
      Int
    ) -> Void
  let winogradSmallFilterGradients:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Bool,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let winogradFours:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafePointer<Float>?, Int, Int, Int, Int, Int, Int, Int, Int, Bool, Bool,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let winogradFoursGradient:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int,
      UnsafeMutablePointer<Float>, Int, Int, UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let winogradFilters:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Float>, Int,
      Int
    ) -> Void
  let winogradFilterGradients:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Bool,
      UnsafeMutablePointer<Float>
    ) -> Void
  let stridedWindows:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int,
      UnsafeMutablePointer<Float>, Int, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let stridedWindowsGradient:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int,
      Int, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let stridedOutputs:
    @Sendable (
      UnsafePointer<Float>, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafePointer<Float>?, Int, Int, Int, Int, Int, Int, Int, Int, Bool, Bool,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let stridedOutputsGradient:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int,
      UnsafeMutablePointer<Float>, Int, Int, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<UnsafePointer<Float>>
    ) -> Void
  let stridedFilters:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Float>, Int
    ) -> Void
  let stridedFilterGradients:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Float>
    ) -> Void
  let multiplyRows:
    @Sendable (
      Int, Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Bool,
      UnsafeMutablePointer<Float>, Int
    ) -> Void
  let multiplyRowsTransposed:
    @Sendable (
      Int, Int, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Bool,
      UnsafeMutablePointer<Float>, Int
    ) -> Void
  let packSixteens:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, UnsafeMutablePointer<Float>
    ) -> Void
  let gatherWindows:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Int,
      UnsafeMutablePointer<Float>
    ) -> Void
  let scatterWindows:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, Int, Int, Int, Int, Int,
      UnsafeMutablePointer<Float>
    ) -> Void
  let addBias:
    @Sendable (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>?, Int, Int, Bool
    ) -> Void
  let turnRows:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>, Int
    ) -> Void
  let sumParts:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, UnsafeMutablePointer<Float>
    ) -> Void
  let turnFilters:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, UnsafeMutablePointer<Float>
    ) -> Void
  let batchNormCombine:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Float, Float, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let batchNormCoefficients:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Bool,
      Float, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let batchNormGradientCombine:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, UnsafePointer<Float>, UnsafePointer<Float>,
      UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>
    ) -> Void
  let countHeatmapTargets:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Float, Float, Float
    ) -> Int
  let heatmapTargets:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Float, Float, Float, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let heatmapSquares:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int,
      Int, Int, Float, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Double>
    ) -> Void
  let heatmapAdaptiveWing:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int,
      Int, Int, Float, Float, Float, Float, Float, UnsafeMutablePointer<Float>?,
      UnsafeMutablePointer<Double>
    ) -> Void
  let coordinateLoss:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Float, Float, Float,
      Float, Int, Float, Float, Float, Float, Float, UnsafeMutablePointer<Float>?
    ) -> Float
  let oksLoss:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Float, Float, Float,
      Float, UnsafeMutablePointer<Float>?
    ) -> Float
  let simccLoss:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Int, Float, Float, Float,
      UnsafeMutablePointer<Float>?
    ) -> Float
  let likelihoodLoss:
    @Sendable (
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Float, Float, Float,
      UnsafePointer<UnsafePointer<Float>>, Int, UnsafeMutablePointer<Float>?,
      UnsafePointer<UnsafeMutablePointer<Float>>?, UnsafeMutablePointer<Float>
    ) -> Float
  let adamStep:
    @Sendable (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>,
      UnsafeMutablePointer<Float>, Int, Float, Float, Float, Float, Float, Float, Float, Float
    ) -> Void
  let sgdStep:
    @Sendable (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Float,
      Float, Float, Bool, Float
    ) -> Void
  let sumSquares: @Sendable (UnsafePointer<Float>, Int) -> Double
  let blend:
    @Sendable (
      UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Float, Float
    ) -> Void

  /// The x86-64 level of this processor; 0 elsewhere.
  static let processorLevel = Int(posetop_cpu_level())

  /// The table of this processor.
  static let forThisProcessor: KernelTable =
    switch processorLevel {
    case 4 where PairKernels.hasInstruction: version4WithPairs
    case 4: version4
    case 3: version3
    default: base
    }

  static let base = KernelTable(
    level: "base",
    floats: .base,
    halves: .base,
    pairs: .base,
    winogradFilter: Kernels.winogradFilter,
    winogradFilterGradient: Kernels.winogradFilterGradient,
    multiplySixteens: Kernels.multiplySixteens,
    multiplySixteensTransposed: Kernels.multiplySixteensTransposed,
    winogradWindows: Kernels.winogradWindows,
    winogradFives: Kernels.winogradFives,
    winogradFivesGradient: Kernels.winogradFivesGradient,
    winogradSmallFilters: Kernels.winogradSmallFilters,
    winogradSmallFilterGradients: Kernels.winogradSmallFilterGradients,
    winogradFours: Kernels.winogradFours,
    winogradFoursGradient: Kernels.winogradFoursGradient,
    winogradFilters: Kernels.winogradFilters,
    winogradFilterGradients: Kernels.winogradFilterGradients,
    stridedWindows: Kernels.stridedWindows,
    stridedWindowsGradient: Kernels.stridedWindowsGradient,
    stridedOutputs: Kernels.stridedOutputs,
    stridedOutputsGradient: Kernels.stridedOutputsGradient,
    stridedFilters: Kernels.stridedFilters,
    stridedFilterGradients: Kernels.stridedFilterGradients,
    multiplyRows: Kernels.multiplyRows,
    multiplyRowsTransposed: Kernels.multiplyRowsTransposed,
    packSixteens: Kernels.packSixteens,
    gatherWindows: Kernels.gatherWindows,
    scatterWindows: Kernels.scatterWindows,
    addBias: Kernels.addBias,
    turnRows: Kernels.turnRows,
    sumParts: Kernels.sumParts,
    turnFilters: Kernels.turnFilters,
    batchNormCombine: Kernels.batchNormCombine,
    batchNormCoefficients: Kernels.batchNormCoefficients,
    batchNormGradientCombine: Kernels.batchNormGradientCombine,
    countHeatmapTargets: Kernels.countHeatmapTargets,
    heatmapTargets: Kernels.heatmapTargets,
    heatmapSquares: Kernels.heatmapSquares,
    heatmapAdaptiveWing: Kernels.heatmapAdaptiveWing,
    coordinateLoss: Kernels.coordinateLoss,
    oksLoss: Kernels.oksLoss,
    simccLoss: Kernels.simccLoss,
    likelihoodLoss: Kernels.likelihoodLoss,
    adamStep: Kernels.adamStep,
    sgdStep: Kernels.sgdStep,
    sumSquares: Kernels.sumSquares,
    blend: Kernels.blend)

  static let version3 = KernelTable(
    level: "AVX2",
    floats: .version3,
    halves: .version3,
    pairs: .version3,
    winogradFilter: KernelsV3.winogradFilter,
    winogradFilterGradient: KernelsV3.winogradFilterGradient,
    multiplySixteens: KernelsV3.multiplySixteens,
    multiplySixteensTransposed: KernelsV3.multiplySixteensTransposed,
    winogradWindows: KernelsV3.winogradWindows,
    winogradFives: KernelsV3.winogradFives,
    winogradFivesGradient: KernelsV3.winogradFivesGradient,
    winogradSmallFilters: KernelsV3.winogradSmallFilters,
    winogradSmallFilterGradients: KernelsV3.winogradSmallFilterGradients,
    winogradFours: KernelsV3.winogradFours,
    winogradFoursGradient: KernelsV3.winogradFoursGradient,
    winogradFilters: KernelsV3.winogradFilters,
    winogradFilterGradients: KernelsV3.winogradFilterGradients,
    stridedWindows: KernelsV3.stridedWindows,
    stridedWindowsGradient: KernelsV3.stridedWindowsGradient,
    stridedOutputs: KernelsV3.stridedOutputs,
    stridedOutputsGradient: KernelsV3.stridedOutputsGradient,
    stridedFilters: KernelsV3.stridedFilters,
    stridedFilterGradients: KernelsV3.stridedFilterGradients,
    multiplyRows: KernelsV3.multiplyRows,
    multiplyRowsTransposed: KernelsV3.multiplyRowsTransposed,
    packSixteens: KernelsV3.packSixteens,
    gatherWindows: KernelsV3.gatherWindows,
    scatterWindows: KernelsV3.scatterWindows,
    addBias: KernelsV3.addBias,
    turnRows: KernelsV3.turnRows,
    sumParts: KernelsV3.sumParts,
    turnFilters: KernelsV3.turnFilters,
    batchNormCombine: KernelsV3.batchNormCombine,
    batchNormCoefficients: KernelsV3.batchNormCoefficients,
    batchNormGradientCombine: KernelsV3.batchNormGradientCombine,
    countHeatmapTargets: KernelsV3.countHeatmapTargets,
    heatmapTargets: KernelsV3.heatmapTargets,
    heatmapSquares: KernelsV3.heatmapSquares,
    heatmapAdaptiveWing: KernelsV3.heatmapAdaptiveWing,
    coordinateLoss: KernelsV3.coordinateLoss,
    oksLoss: KernelsV3.oksLoss,
    simccLoss: KernelsV3.simccLoss,
    likelihoodLoss: KernelsV3.likelihoodLoss,
    adamStep: KernelsV3.adamStep,
    sgdStep: KernelsV3.sgdStep,
    sumSquares: KernelsV3.sumSquares,
    blend: KernelsV3.blend)

  /// The highest level, with the processor's products of bfloat16 pairs.
  static let version4WithPairs: KernelTable = {
    var table = version4
    table.pairs = .version4WithInstruction
    return table
  }()

  static let version4 = KernelTable(
    level: "AVX-512",
    floats: .version4,
    halves: .version4,
    pairs: .version4,
    winogradFilter: KernelsV4.winogradFilter,
    winogradFilterGradient: KernelsV4.winogradFilterGradient,
    multiplySixteens: KernelsV4.multiplySixteens,
    multiplySixteensTransposed: KernelsV4.multiplySixteensTransposed,
    winogradWindows: KernelsV4.winogradWindows,
    winogradFives: KernelsV4.winogradFives,
    winogradFivesGradient: KernelsV4.winogradFivesGradient,
    winogradSmallFilters: KernelsV4.winogradSmallFilters,
    winogradSmallFilterGradients: KernelsV4.winogradSmallFilterGradients,
    winogradFours: KernelsV4.winogradFours,
    winogradFoursGradient: KernelsV4.winogradFoursGradient,
    winogradFilters: KernelsV4.winogradFilters,
    winogradFilterGradients: KernelsV4.winogradFilterGradients,
    stridedWindows: KernelsV4.stridedWindows,
    stridedWindowsGradient: KernelsV4.stridedWindowsGradient,
    stridedOutputs: KernelsV4.stridedOutputs,
    stridedOutputsGradient: KernelsV4.stridedOutputsGradient,
    stridedFilters: KernelsV4.stridedFilters,
    stridedFilterGradients: KernelsV4.stridedFilterGradients,
    multiplyRows: KernelsV4.multiplyRows,
    multiplyRowsTransposed: KernelsV4.multiplyRowsTransposed,
    packSixteens: KernelsV4.packSixteens,
    gatherWindows: KernelsV4.gatherWindows,
    scatterWindows: KernelsV4.scatterWindows,
    addBias: KernelsV4.addBias,
    turnRows: KernelsV4.turnRows,
    sumParts: KernelsV4.sumParts,
    turnFilters: KernelsV4.turnFilters,
    batchNormCombine: KernelsV4.batchNormCombine,
    batchNormCoefficients: KernelsV4.batchNormCoefficients,
    batchNormGradientCombine: KernelsV4.batchNormGradientCombine,
    countHeatmapTargets: KernelsV4.countHeatmapTargets,
    heatmapTargets: KernelsV4.heatmapTargets,
    heatmapSquares: KernelsV4.heatmapSquares,
    heatmapAdaptiveWing: KernelsV4.heatmapAdaptiveWing,
    coordinateLoss: KernelsV4.coordinateLoss,
    oksLoss: KernelsV4.oksLoss,
    simccLoss: KernelsV4.simccLoss,
    likelihoodLoss: KernelsV4.likelihoodLoss,
    adamStep: KernelsV4.adamStep,
    sgdStep: KernelsV4.sgdStep,
    sumSquares: KernelsV4.sumSquares,
    blend: KernelsV4.blend)
}
