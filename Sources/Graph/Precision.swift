/// What maps, and what goes into their matrix products, are computed with.
///
/// Weights, their gradients, the optimiser, statistics of batch norm, vectors (what fully connected
/// layers read and write), predictions and losses are `Float` in every precision. 3×3 convolutions by
/// Winograd transform, multiply and sum in `Float` and round only what they read and write.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// IEEE 754 single precision.
  case float32 = "fp32"
  /// `Float` maps whose products are of values with 11 bits of mantissa, as NVIDIA's TF32; on GPUs only.
  case tensorFloat32 = "tf32"
  /// The upper half of a `Float`: 8 bits of exponent, 8 of mantissa; sums in `Float`.
  case bfloat16 = "bf16"
  /// IEEE 754 half precision: 5 bits of exponent, 11 of mantissa; sums in `Float`, gradients scaled so
  /// that they do not vanish (arXiv 1710.03740); on GPUs only.
  case float16 = "fp16"

  /// Bytes of a map's value.
  public var mapBytes: Int { self == .float32 || self == .tensorFloat32 ? 4 : 2 }
}
