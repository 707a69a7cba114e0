// Sixteen float lanes and the few operations on them that all kernels use.

typealias Lanes = SIMD16<Float>

/// Width of `Lanes`.
let laneCount = 16

@inline(__always)
func load(_ p: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func load(_ p: UnsafeMutablePointer<Float>) -> Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
}

@inline(__always)
func store(_ value: Lanes, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: value, as: Lanes.self)
}

/// `a · b + c`, in one rounding where the level has the instruction; on the base level
/// `addProduct` would be a library call for each lane.
@inline(__always)
func multiplyAdd(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Lanes {
  #if KERNEL_FMA
    return c.addingProduct(a, b)
  #else
    return c + a * b
  #endif
}

@inline(__always)
func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float {
  #if KERNEL_FMA
    return c.addingProduct(a, b)
  #else
    return c + a * b
  #endif
}

/// Zero in the lanes where `mask` is not above zero.
@inline(__always)
func keep(_ value: Lanes, where mask: Lanes) -> Lanes {
  value.replacing(with: 0, where: mask .<= Lanes(repeating: 0))
}

@inline(__always)
func relu(_ value: Lanes) -> Lanes {
  value.replacing(with: 0, where: value .< Lanes(repeating: 0))
}
