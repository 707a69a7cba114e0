import CKernels
import KernelsBFloat16
import KernelsBFloat16V3
import KernelsBFloat16V4

/// Matrix products of bfloat16 pairs, and what brings operands into their form.
struct PairKernels: Sendable {
  let packPanels:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, UnsafeMutablePointer<UInt32>
    ) -> Void
  let packTransposedPanels:
    @Sendable (
      UnsafePointer<Float>, Int, Int, Int, Int, UnsafeMutablePointer<UInt32>
    ) -> Void
  let interleaveRows:
    @Sendable (UnsafePointer<UInt16>, Int, Int, Int, UnsafeMutablePointer<UInt32>) -> Void
  var multiply:
    @Sendable (
      Int, Int, Int, UnsafePointer<UInt32>, Int, Int, UnsafePointer<UInt32>,
      UnsafeMutablePointer<Float>, Int, Bool
    ) -> Void

  /// Whether `multiply` is the processor's instruction, which rounds in its own way.
  var isInstruction = false

  /// Columns of a panel.
  static let panel = 32

  /// Whether this processor has an instruction for these products.
  static let hasInstruction = posetop_has_pair_products()

  static let base = PairKernels(
    packPanels: KernelsBFloat16.packPanels,
    packTransposedPanels: KernelsBFloat16.packTransposedPanels,
    interleaveRows: KernelsBFloat16.interleaveRows, multiply: KernelsBFloat16.multiplyPairs)

  static let version3 = PairKernels(
    packPanels: KernelsBFloat16V3.packPanels,
    packTransposedPanels: KernelsBFloat16V3.packTransposedPanels,
    interleaveRows: KernelsBFloat16V3.interleaveRows, multiply: KernelsBFloat16V3.multiplyPairs)

  static let version4 = PairKernels(
    packPanels: KernelsBFloat16V4.packPanels,
    packTransposedPanels: KernelsBFloat16V4.packTransposedPanels,
    interleaveRows: KernelsBFloat16V4.interleaveRows, multiply: KernelsBFloat16V4.multiplyPairs)

  /// The same with the processor's instruction.
  static let version4WithInstruction: PairKernels = {
    var kernels = version4
    kernels.isInstruction = true
    kernels.multiply = { posetop_multiply_pairs($0, $1, $2, $3, $4, $5, $6, $7, $8, $9) }
    return kernels
  }()
}
