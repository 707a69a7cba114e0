import Kernels
import KernelsBFloat16
import KernelsBFloat16V3
import KernelsBFloat16V4
import KernelsV3
import KernelsV4

/// The kernels of one level that read or write maps whose values are `Float`, or `UInt16` for
/// bfloat16.
struct MapKernels<Value>: Sendable {
  let finishRows:
    @Sendable (
      UnsafePointer<Float>, Int, UnsafePointer<Float>?, Int, Int, Int, Int, Int, Bool, Bool,
      UnsafeMutablePointer<Value>
    ) -> Void
  let sumRows: @Sendable (UnsafePointer<Value>, Int, Int, UnsafeMutablePointer<Float>) -> Void
  let castFromFloat:
    @Sendable (
      UnsafePointer<Float>, Int, Bool, UnsafeMutablePointer<Value>
    ) -> Void
  let castToFloat: @Sendable (UnsafePointer<Value>, Int, Bool, UnsafeMutablePointer<Float>) -> Void
  let batchNormMoments:
    @Sendable (
      UnsafePointer<Value>, Int, Int, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let batchNormApply:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<Value>?, UnsafePointer<Float>, UnsafePointer<Float>,
      Int, Int, Bool, UnsafeMutablePointer<Value>
    ) -> Void
  let batchNormGradientSums:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<Value>, UnsafePointer<Value>?, UnsafePointer<Float>,
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Bool,
      UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void
  let batchNormGradientApply:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<Value>, UnsafePointer<Value>?, UnsafePointer<Float>,
      UnsafePointer<Float>, UnsafePointer<Float>, Int, Int, Bool, UnsafeMutablePointer<Value>, Bool,
      UnsafeMutablePointer<Value>?, Bool
    ) -> Void
  let batchNormFixedGradient:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<Value>, UnsafePointer<Float>, Int, Int, Bool,
      UnsafeMutablePointer<Value>, Bool, UnsafeMutablePointer<Value>?, Bool
    ) -> Void
  let maxPool:
    @Sendable (
      UnsafePointer<Value>, Int, Int, Int, Int, Int, Int, Int, Int, Bool, Int, Int,
      UnsafeMutablePointer<Value>, UnsafeMutablePointer<UInt8>
    ) -> Void
  let maxPoolGradient:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<UInt8>, UnsafePointer<Value>?, Int, Int, Int, Int,
      Int, Int, Int, Int, Int, Int, Bool, UnsafeMutablePointer<Value>
    ) -> Void
  let averagePixels: @Sendable (UnsafePointer<Value>, Int, Int, UnsafeMutablePointer<Float>) -> Void
  let averagePixelsGradient:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Bool, UnsafeMutablePointer<Value>
    ) -> Void
  let upsample:
    @Sendable (
      UnsafePointer<Value>, Int, Int, Int, Int, Bool, Int, Int, UnsafeMutablePointer<Value>
    ) -> Void
  let upsampleGradient:
    @Sendable (
      UnsafePointer<Value>, Int, Int, Int, Int, Bool, Bool, UnsafeMutablePointer<Value>
    ) -> Void
  let reluGradient:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<Value>?, Int, Bool, UnsafeMutablePointer<Value>
    ) -> Void
  let addMaps:
    @Sendable (
      UnsafePointer<Value>, UnsafePointer<Value>, Int, Bool, UnsafeMutablePointer<Value>
    ) -> Void
}

extension MapKernels where Value == Float {
  static let base = MapKernels(
    finishRows: Kernels.finishRows,
    sumRows: Kernels.sumRows,
    castFromFloat: Kernels.castFromFloat,
    castToFloat: Kernels.castToFloat,
    batchNormMoments: Kernels.batchNormMoments,
    batchNormApply: Kernels.batchNormApply,
    batchNormGradientSums: Kernels.batchNormGradientSums,
    batchNormGradientApply: Kernels.batchNormGradientApply,
    batchNormFixedGradient: Kernels.batchNormFixedGradient,
    maxPool: Kernels.maxPool,
    maxPoolGradient: Kernels.maxPoolGradient,
    averagePixels: Kernels.averagePixels,
    averagePixelsGradient: Kernels.averagePixelsGradient,
    upsample: Kernels.upsample,
    upsampleGradient: Kernels.upsampleGradient,
    reluGradient: Kernels.reluGradient,
    addMaps: Kernels.addMaps)

  static let version3 = MapKernels(
    finishRows: KernelsV3.finishRows,
    sumRows: KernelsV3.sumRows,
    castFromFloat: KernelsV3.castFromFloat,
    castToFloat: KernelsV3.castToFloat,
    batchNormMoments: KernelsV3.batchNormMoments,
    batchNormApply: KernelsV3.batchNormApply,
    batchNormGradientSums: KernelsV3.batchNormGradientSums,
    batchNormGradientApply: KernelsV3.batchNormGradientApply,
    batchNormFixedGradient: KernelsV3.batchNormFixedGradient,
    maxPool: KernelsV3.maxPool,
    maxPoolGradient: KernelsV3.maxPoolGradient,
    averagePixels: KernelsV3.averagePixels,
    averagePixelsGradient: KernelsV3.averagePixelsGradient,
    upsample: KernelsV3.upsample,
    upsampleGradient: KernelsV3.upsampleGradient,
    reluGradient: KernelsV3.reluGradient,
    addMaps: KernelsV3.addMaps)

  static let version4 = MapKernels(
    finishRows: KernelsV4.finishRows,
    sumRows: KernelsV4.sumRows,
    castFromFloat: KernelsV4.castFromFloat,
    castToFloat: KernelsV4.castToFloat,
    batchNormMoments: KernelsV4.batchNormMoments,
    batchNormApply: KernelsV4.batchNormApply,
    batchNormGradientSums: KernelsV4.batchNormGradientSums,
    batchNormGradientApply: KernelsV4.batchNormGradientApply,
    batchNormFixedGradient: KernelsV4.batchNormFixedGradient,
    maxPool: KernelsV4.maxPool,
    maxPoolGradient: KernelsV4.maxPoolGradient,
    averagePixels: KernelsV4.averagePixels,
    averagePixelsGradient: KernelsV4.averagePixelsGradient,
    upsample: KernelsV4.upsample,
    upsampleGradient: KernelsV4.upsampleGradient,
    reluGradient: KernelsV4.reluGradient,
    addMaps: KernelsV4.addMaps)
}

extension MapKernels where Value == UInt16 {
  static let base = MapKernels(
    finishRows: KernelsBFloat16.finishRows,
    sumRows: KernelsBFloat16.sumRows,
    castFromFloat: KernelsBFloat16.castFromFloat,
    castToFloat: KernelsBFloat16.castToFloat,
    batchNormMoments: KernelsBFloat16.batchNormMoments,
    batchNormApply: KernelsBFloat16.batchNormApply,
    batchNormGradientSums: KernelsBFloat16.batchNormGradientSums,
    batchNormGradientApply: KernelsBFloat16.batchNormGradientApply,
    batchNormFixedGradient: KernelsBFloat16.batchNormFixedGradient,
    maxPool: KernelsBFloat16.maxPool,
    maxPoolGradient: KernelsBFloat16.maxPoolGradient,
    averagePixels: KernelsBFloat16.averagePixels,
    averagePixelsGradient: KernelsBFloat16.averagePixelsGradient,
    upsample: KernelsBFloat16.upsample,
    upsampleGradient: KernelsBFloat16.upsampleGradient,
    reluGradient: KernelsBFloat16.reluGradient,
    addMaps: KernelsBFloat16.addMaps)

  static let version3 = MapKernels(
    finishRows: KernelsBFloat16V3.finishRows,
    sumRows: KernelsBFloat16V3.sumRows,
    castFromFloat: KernelsBFloat16V3.castFromFloat,
    castToFloat: KernelsBFloat16V3.castToFloat,
    batchNormMoments: KernelsBFloat16V3.batchNormMoments,
    batchNormApply: KernelsBFloat16V3.batchNormApply,
    batchNormGradientSums: KernelsBFloat16V3.batchNormGradientSums,
    batchNormGradientApply: KernelsBFloat16V3.batchNormGradientApply,
    batchNormFixedGradient: KernelsBFloat16V3.batchNormFixedGradient,
    maxPool: KernelsBFloat16V3.maxPool,
    maxPoolGradient: KernelsBFloat16V3.maxPoolGradient,
    averagePixels: KernelsBFloat16V3.averagePixels,
    averagePixelsGradient: KernelsBFloat16V3.averagePixelsGradient,
    upsample: KernelsBFloat16V3.upsample,
    upsampleGradient: KernelsBFloat16V3.upsampleGradient,
    reluGradient: KernelsBFloat16V3.reluGradient,
    addMaps: KernelsBFloat16V3.addMaps)

  static let version4 = MapKernels(
    finishRows: KernelsBFloat16V4.finishRows,
    sumRows: KernelsBFloat16V4.sumRows,
    castFromFloat: KernelsBFloat16V4.castFromFloat,
    castToFloat: KernelsBFloat16V4.castToFloat,
    batchNormMoments: KernelsBFloat16V4.batchNormMoments,
    batchNormApply: KernelsBFloat16V4.batchNormApply,
    batchNormGradientSums: KernelsBFloat16V4.batchNormGradientSums,
    batchNormGradientApply: KernelsBFloat16V4.batchNormGradientApply,
    batchNormFixedGradient: KernelsBFloat16V4.batchNormFixedGradient,
    maxPool: KernelsBFloat16V4.maxPool,
    maxPoolGradient: KernelsBFloat16V4.maxPoolGradient,
    averagePixels: KernelsBFloat16V4.averagePixels,
    averagePixelsGradient: KernelsBFloat16V4.averagePixelsGradient,
    upsample: KernelsBFloat16V4.upsample,
    upsampleGradient: KernelsBFloat16V4.upsampleGradient,
    reluGradient: KernelsBFloat16V4.reluGradient,
    addMaps: KernelsBFloat16V4.addMaps)
}
